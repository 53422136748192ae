"""The features of a network's last hidden layer: nearest neighbours and a map of images by them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.neighbours import nearest_rows
from fmnist_core.analysis.projection import Method, principal_components, project, tsne
from fmnist_core.dataset import Dataset, Split, load
from fmnist_core.images import on_the_map
from fmnist_core.interpret.network import network
from fmnist_core.specs import RunSpec, multiply_adds
from fmnist_core.task_types import Arrays, Report

NEIGHBOURS = 12
_DIMENSIONS = 50
_MOST_FEATURES = 512
_CHUNK_MULTIPLY_ADDS = 10**9
_CHUNK_MOST = 2_000
_LARGEST_HALF = float(np.finfo(np.float16).max)


def features(report: Report, root: str, run_id: str, split: Split) -> Arrays:
    """How the network sees pictures: the values that its last layer decides from.

    Where there are more than 512 of them, they are projected onto 512 random directions, which
    keeps distances almost as they are (Johnson and Lindenstrauss, 1984). The projection is the
    same for every split.

    Args:
        report: told the share done and what is done.
        root: the runs folder.
        run_id: of a run that this installation trained.
        split: ``"train"`` or ``"test"``.

    Returns:
        ``features`` (n, d) float16, one row a picture of the split, d at most 512.
    """
    report(0.0, "Opening the network")
    model, spec = network(root, run_id)
    return {"features": _features(report, model, spec, split, (0.05, 1.0))}


def neighbours(report: Report, root: str, run_id: str) -> Arrays:
    """The training pictures that the network sees most like each test picture.

    Args:
        report: told the share done and what is done.
        root: the runs folder.
        run_id: of a run that this installation trained.

    Returns:
        ``numbers`` (10000, 12) uint16, in the training split, nearest first; ``distances``
        (10000, 12) float32, Euclidean between features as ``features`` makes them.
    """
    report(0.0, "Opening the network")
    model, spec = network(root, run_id)
    train = _features(report, model, spec, "train", (0.05, 0.5))
    test = _features(report, model, spec, "test", (0.5, 0.6))

    def far(share: float) -> None:
        report(0.6 + 0.4 * share, "Comparing 10,000 with 60,000 pictures")

    found = nearest_rows(test, train, NEIGHBOURS, far)
    return {
        "numbers": found.indices.astype(np.uint16),
        "distances": found.distances.astype(np.float32),
    }


def _features(
    report: Report, model: Any, spec: RunSpec, split: Split, span: tuple[float, float]
) -> NDArray[np.float16]:
    import keras
    import tensorflow as tf

    last = model.get_layer("logits").input
    width = int(last.shape[-1])
    inner = keras.Model(model.inputs, last)
    projection = None if width <= _MOST_FEATURES else _projection(width)

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.uint8)])  # type: ignore[untyped-decorator]
    def see(images: Any) -> Any:
        values = inner(tf.cast(images, tf.float32), training=False)
        return values if projection is None else values @ projection

    images = load(download=False).images(split)
    chunk = max(50, min(_CHUNK_MOST, _CHUNK_MULTIPLY_ADDS // max(1, multiply_adds(spec))))
    rows = np.empty((len(images), min(width, _MOST_FEATURES)), np.float16)
    for start in range(0, len(images), chunk):
        share = span[0] + (span[1] - span[0]) * start / len(images)
        report(share, f"Showing it {len(images):,} pictures")
        seen = see(np.asarray(images[start : start + chunk])[..., None]).numpy()
        rows[start : start + chunk] = np.clip(seen, -_LARGEST_HALF, _LARGEST_HALF)
    return rows


def _projection(width: int) -> NDArray[np.float32]:
    random = np.random.default_rng(width)
    directions = random.standard_normal((width, _MOST_FEATURES), np.float32)
    scaled: NDArray[np.float32] = directions / np.float32(np.sqrt(_MOST_FEATURES))
    return scaled


def map_of(
    report: Report, method: Method, split: Split, root: str = "", run_id: str = ""
) -> Arrays:
    """Compute a map; called in the engine.

    Args:
        report: told the share done and what is done now.
        method: the two main directions, or t-SNE of the first 50.
        split: whose pictures.
        root: the runs folder, where a run's view is asked for.
        run_id: of the run whose last hidden layer is the view; without one, the pixels are.

    Returns:
        ``places`` (k, 2) float32 of the pictures of ``on_the_map``.

    Raises:
        FmnistError: the run's view cannot be computed; says why.
    """
    data = load(download=False)
    chosen = on_the_map(np.asarray(data.labels(split)))
    seen = _points(report, data, split, root, run_id)[chosen]
    report(0.3 if run_id else 0.02, "Finding the main directions in which the pictures differ")
    if method == "pca":
        return {"places": project(seen, principal_components(seen, min(2, _width(seen))))}
    basis = principal_components(seen, min(_DIMENSIONS, _width(seen)))
    start = 0.35 if run_id else 0.05

    def say(share: float) -> None:
        report(start + (1 - start) * share, "Moving similar pictures together")

    return {"places": tsne(project(seen, basis), say)}


def _points(report: Report, data: Dataset, split: Split, root: str, run_id: str) -> NDArray[Any]:
    if not run_id:
        return data.images(split).reshape(-1, 784)

    def say(share: float, words: str) -> None:
        report(0.3 * share, words)

    return features(say, root, run_id, split)["features"]


def _width(points: NDArray[Any]) -> int:
    return int(np.prod(points.shape[1:]))
