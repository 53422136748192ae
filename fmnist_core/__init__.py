"""Everything that Fashion-MNIST Atelier does without a browser."""
