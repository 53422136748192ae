"""What a trained network looks at, and how it sees images; loads TensorFlow at the first call."""


def load_keras() -> None:
    """Import Keras now, so that the first call need not wait for it."""
    import keras  # noqa: F401
