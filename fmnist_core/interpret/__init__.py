"""What a trained network looks at, and how it sees images. Needs TensorFlow, from the first call."""


def load_keras() -> None:
    """Import Keras now, so that the first call need not wait for it."""
    import keras  # noqa: F401
