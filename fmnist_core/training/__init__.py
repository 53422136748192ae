"""Training of one run from start to end. All modules but ``augmentation`` import TensorFlow."""
