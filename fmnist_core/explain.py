"""What a trained network looks at, and how it sees pictures before it decides.

Called in the engine, beside the trainings; TensorFlow is imported only when something is asked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.neighbours import nearest_rows
from fmnist_core.dataset import Split, load
from fmnist_core.errors import FmnistError
from fmnist_core.runs import RunStore, RunUnreadable
from fmnist_core.runs.model import LARGEST_MODEL, MODEL_FILE
from fmnist_core.runs.plain import read_plain
from fmnist_core.runs.seal import is_sealed
from fmnist_core.specs import RunSpec, multiply_adds

Report = Callable[[float, str], None]
Arrays = dict[str, NDArray[Any]]
NEIGHBOURS = 12
_NOISY_COPIES = 48
_NOISE = 0.15
_MOST_FEATURES = 512
_CHUNK_MULTIPLY_ADDS = 10**9
_CHUNK_MOST = 2_000
_LARGEST_HALF = float(np.finfo(np.float16).max)


class ForeignModel(FmnistError):
    """A model that this installation did not write is never opened."""

    def __init__(self) -> None:
        super().__init__(
            "The model of this run was not written by this installation, or was changed since. A "
            "model file can hold code, so it is not opened. Train the run again to look inside it."
        )


def network(root: Path | str, run_id: str) -> tuple[Any, RunSpec]:
    """The trained network of a run, built anew from its spec with the weights of its file.

    Args:
        root: the runs folder.
        run_id: a run that has ended with a model.

    Returns:
        A Keras model that takes pictures (n, 28, 28, 1) with pixels from 0 to 255, and its spec.

    Raises:
        RunNotFound: there is no such run.
        RunUnreadable: it has no model, or the model does not fit its spec.
        ForeignModel: this installation did not write the model.
    """
    from fmnist_core.training.models import build_network

    run = RunStore(root).get(run_id)
    try:
        content = read_plain(run.path / MODEL_FILE, LARGEST_MODEL)
    except OSError as error:
        raise RunUnreadable("model") from error
    if run.record is None or not is_sealed(content, run.record.model_seal):
        raise ForeignModel
    model = build_network(run.spec)
    # What was checked is what is read, whatever happens to the file meanwhile; and only weights
    # are read, so that nothing in the file runs.
    with tempfile.NamedTemporaryFile(suffix=".keras") as checked:
        checked.write(content)
        checked.flush()
        try:
            model.load_weights(checked.name)
        except (ValueError, OSError, KeyError) as error:
            raise RunUnreadable("model") from error
    return model, run.spec


def saliency(report: Report, root: str, run_id: str, picture: int) -> Arrays:
    """Which pixels of a test picture the network's answer hangs on.

    SmoothGrad (Smilkov et al., 2017): the absolute gradient of the answer's logit by the pixels,
    averaged over copies of the picture with Gaussian noise of 15 % of its range. The noise is
    seeded, so that the same question has the same answer.

    Args:
        report: told the share done and what is done.
        root: the runs folder.
        run_id: of a run that this installation trained.
        picture: number of a test picture.

    Returns:
        ``saliency`` (28, 28) float32, 0 to 1, the strongest pixel 1, all 0 where no pixel
        matters; ``answer`` () int64, the class named; ``probabilities`` (10,) float32.
    """
    report(0.1, "Opening the network")
    model, _ = network(root, run_id)
    image = np.asarray(load(download=False).test_images[picture], np.float32)
    report(0.5, "Asking which pixels matter")
    probabilities = np.asarray(model(image[None, ..., None], training=False))[0]
    answer = int(probabilities.argmax())
    gradients = _gradients(model, _noisy(image), answer)
    strength = np.abs(gradients).mean(axis=0)
    top = float(strength.max())
    return {
        "saliency": (strength / top if top > 0 else strength).astype(np.float32),
        "answer": np.array(answer),
        "probabilities": probabilities.astype(np.float32),
    }


def _noisy(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Copies (n, 28, 28) of a picture with noise."""
    spread = _NOISE * float(image.max() - image.min())
    noise = np.random.default_rng(0).normal(0.0, 1.0, (_NOISY_COPIES, *image.shape))
    return (image + spread * noise).astype(np.float32)


def _gradients(model: Any, images: NDArray[np.float32], answer: int) -> NDArray[np.float32]:
    """The gradients (n, 28, 28) of a logit by the pixels."""
    import tensorflow as tf

    from fmnist_core.training.models import logits_model

    pixels = tf.constant(images[..., None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        logit = logits_model(model)(pixels, training=False)[:, answer]
    found: NDArray[np.float32] = tape.gradient(logit, pixels).numpy()[..., 0]
    return found


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
        "numbers": found.numbers.astype(np.uint16),
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
