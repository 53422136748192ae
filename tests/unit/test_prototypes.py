"""Prototypes: what is like the training images of a class, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from asgi import ask
from starlette.applications import Starlette

from fmnist_core.analysis.prototypes import PER_CLASS, Prototypes, halved, nearest, prototypes
from fmnist_core.dataset import CLASS_COUNT, Dataset
from ui.routes import routes


@pytest.fixture(scope="module")
def table(data: Dataset) -> Prototypes:
    return prototypes(data)


def shares(table: Prototypes, images: np.ndarray) -> np.ndarray:
    """Of some images the share that is within the limits of some class: usual, and at all."""
    points = halved(images.astype(np.uint8))
    distances = np.stack([nearest(points, own) for own in table.images], axis=1)
    return np.array([(distances <= limit).any(axis=1).mean() for limit in table.limits.T])


def test_distances_are_those_between_halved_images(table: Prototypes, data: Dataset) -> None:
    chosen = np.flatnonzero(np.asarray(data.train_labels) == 3)[:100]
    assert np.array_equal(table.images[3], halved(data.train_images[chosen]))
    image = np.asarray(data.test_images[17], np.float64)
    quarters = image.reshape(14, 2, 14, 2).mean(axis=(1, 3)).round().ravel()
    assert np.array_equal(halved(data.test_images[17:18])[0], quarters)
    own = table.images[3].astype(np.float64)
    expected = np.sqrt(((own - quarters) ** 2).sum(axis=1)).min()
    assert nearest(halved(data.test_images[17:18]), table.images[3])[0] == pytest.approx(expected)


def test_most_other_training_images_are_like_their_class_and_some_are_unusual(
    table: Prototypes, data: Dataset
) -> None:
    labels = np.asarray(data.train_labels)
    for class_id in range(CLASS_COUNT):
        others = np.flatnonzero(labels == class_id)[PER_CLASS:]
        distances = nearest(halved(data.train_images[others]), table.images[class_id])
        usual, possible = table.limits[class_id]
        assert 0.92 < (distances <= usual).mean() < 0.98
        assert 0.985 < (distances <= possible).mean() < 1


def test_what_was_never_in_the_dataset_is_like_no_class(table: Prototypes, data: Dataset) -> None:
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:28, :28]
    radius = np.hypot(rows - 13.5, columns - 13.5)
    eyes = np.hypot(rows - 10, np.abs(columns - 13.5) - 4.5) < 2
    face = 255.0 * (((radius > 11) & (radius < 13)) | eyes)
    full = np.full((28, 28), 255.0)
    inverted = 255.0 - np.asarray(data.test_images[:200], np.float64)
    blocks = 255.0 * np.kron(random.random((200, 7, 7)) < 0.4, np.ones((4, 4)))
    assert shares(table, np.stack([face, full]))[1] == 0
    assert shares(table, inverted)[1] < 0.02
    assert shares(table, blocks)[1] == 0


def test_a_browser_gets_limits_and_images(table: Prototypes, data: Dataset) -> None:
    app = Starlette(routes=routes())
    answer = ask(app, f"/prototypes/{data.sha256}.bin")
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    assert np.array_equal(np.frombuffer(answer.content, "<f4", 20).reshape(10, 2), table.limits)
    assert answer.content[80:] == table.images.tobytes()
    answer = ask(app, "/prototypes/0.bin")
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
