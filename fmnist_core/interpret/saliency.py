"""Saliency maps: which pixels of an image the network's prediction hangs on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import load
from fmnist_core.interpret.network import load_network
from fmnist_core.task_types import Arrays, Report

_NOISY_COPIES = 48
_NOISE = 0.15


def saliency(report: Report, root: str, run_id: str, image_index: int) -> Arrays:
    """Saliency map of a test image: which pixels the network's prediction hangs on.

    SmoothGrad (Smilkov et al., 2017): the absolute gradient of the predicted logit by the pixels,
    averaged over copies of the image with Gaussian noise of 15 % of its range. The noise is
    seeded, so that the same image has the same map.

    Args:
        report: called with the progress.
        root: the runs folder.
        run_id: of a run that this installation trained.
        image_index: of a test image.

    Returns:
        ``saliency`` (28, 28) float32, 0 to 1, the strongest pixel 1, all 0 where no pixel
        matters; ``answer`` () int64, the predicted class; ``probabilities`` (10,) float32.
    """
    report(0.1, "Opening the network")
    model, _ = load_network(root, run_id)
    image = np.asarray(load(download=False).test_images[image_index], np.float32)
    report(0.5, "Asking which pixels matter")
    probabilities = np.asarray(model(image[None, ..., None], training=False))[0]
    predicted = int(probabilities.argmax())
    gradients = _gradients(model, _noisy(image), predicted)
    magnitudes = np.abs(gradients).mean(axis=0)
    maximum = float(magnitudes.max())
    return {
        "saliency": (magnitudes / maximum if maximum > 0 else magnitudes).astype(np.float32),
        "answer": np.array(predicted),
        "probabilities": probabilities.astype(np.float32),
    }


def _noisy(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Copies (n, 28, 28) of an image with noise."""
    spread = _NOISE * float(image.max() - image.min())
    noise = np.random.default_rng(0).normal(0.0, 1.0, (_NOISY_COPIES, *image.shape))
    return (image + spread * noise).astype(np.float32)


def _gradients(model: Any, images: NDArray[np.float32], class_id: int) -> NDArray[np.float32]:
    """The gradients (n, 28, 28) of a logit by the pixels."""
    import tensorflow as tf

    from fmnist_core.training.models import logits_model

    pixels = tf.constant(images[..., None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        logit = logits_model(model)(pixels, training=False)[:, class_id]
    gradients: NDArray[np.float32] = tape.gradient(logit, pixels).numpy()[..., 0]
    return gradients
