"""Where a network looks, for one that is too large to be tried a hundred times in a browser."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import SIDE
from fmnist_core.interpret.network import load_network
from fmnist_core.task_types import Arrays, Report

# As in ui/components/network/occlusion.js.
SQUARE = 4
_PLACES = SIDE - SQUARE + 1
_BATCH = 125


def occlusion(report: Report, root: str, run_id: str, pixels: bytes, class_id: int) -> Arrays:
    """How much the logit of a class falls when a square of 4 × 4 pixels of an image is covered.

    Every pixel gets the mean over all squares that cover it (Zeiler and Fergus, 2014).

    Args:
        report: called with the progress.
        root: the runs folder.
        run_id: of a run that this installation trained.
        pixels: of the image, 784 bytes row by row.
        class_id: of the logit.

    Returns:
        ``falls`` (28, 28) float32; below 0 where the square spoke against the class.

    Raises:
        FmnistError: the network cannot be opened; says why.
    """
    from fmnist_core.training.models import logits_model

    report(0.0, "Opening the network")
    model, _ = load_network(root, run_id)
    logits = logits_model(model)
    image = np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE).astype(np.float32)
    whole = float(np.asarray(logits(image[None, ..., None], training=False))[0, class_id])
    covered = np.repeat(image[None], _PLACES**2, axis=0)
    for index, (row, column) in enumerate(np.ndindex(_PLACES, _PLACES)):
        covered[index, row : row + SQUARE, column : column + SQUARE] = 0
    scores = []
    for start in range(0, len(covered), _BATCH):
        report(start / len(covered), "Covering one part of the picture after the other")
        batch = covered[start : start + _BATCH, ..., None]
        scores.append(np.asarray(logits(batch, training=False))[:, class_id])
    return {"falls": _spread(whole - np.concatenate(scores))}


def _spread(falls: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The mean (28, 28) over the squares that cover a pixel, of one value a square."""
    sums, counts = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for fall, (row, column) in zip(falls, np.ndindex(_PLACES, _PLACES), strict=True):
        sums[row : row + SQUARE, column : column + SQUARE] += fall
        counts[row : row + SQUARE, column : column + SQUARE] += 1
    return (sums / counts).astype(np.float32)
