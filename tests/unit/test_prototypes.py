"""Prototypes: what is like the training images of a class, and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from asgi import ask
from scipy import ndimage
from starlette.applications import Starlette

from fmnist_core.analysis.prototypes import (
    PER_CLASS,
    Prototypes,
    choose_prototypes,
    halved,
    nearest,
    prototype_indices,
    prototypes,
    prototypes_digest,
    roughness,
)
from fmnist_core.dataset import CLASS_COUNT, Dataset
from ui.routes import routes


@pytest.fixture(scope="module")
def table(data: Dataset) -> Prototypes:
    return prototypes(data)


def shares(table: Prototypes, images: np.ndarray) -> np.ndarray:
    """Of some images the share that is within the limits of some class: usual, and at all."""
    points = halved(images.astype(np.uint8))
    distances = np.stack([nearest(points, own) for own in table.images], axis=1)
    smooth = roughness(images.astype(np.uint8))[:, None] <= table.limits[:, 2]
    return np.array(
        [((distances <= limit) & smooth).any(axis=1).mean() for limit in table.limits.T[:2]]
    )


def test_prototypes_are_images_of_their_class_and_no_two_the_same(data: Dataset) -> None:
    indices = prototype_indices()
    assert indices.shape == (CLASS_COUNT, PER_CLASS)
    labels = np.asarray(data.train_labels)[indices]
    assert np.array_equal(labels, np.repeat(np.arange(CLASS_COUNT)[:, None], PER_CLASS, axis=1))
    assert len(np.unique(indices)) == indices.size


def test_prototypes_are_what_the_script_would_choose_again(
    table: Prototypes, data: Dataset
) -> None:
    """As near to the test images of a class; which ones depends on how a machine rounds."""
    class_id = 7
    train = data.train_images[np.flatnonzero(np.asarray(data.train_labels) == class_id)]
    test = halved(data.test_images[np.flatnonzero(np.asarray(data.test_labels) == class_id)])
    again = halved(train)[choose_prototypes(halved(train), PER_CLASS)]
    kept, remade, first = (
        nearest(test, own).mean() for own in (table.images[class_id], again, halved(train[:100]))
    )
    assert kept == pytest.approx(remade, rel=0.03)
    assert kept < 0.95 * first


def test_centres_that_share_a_point_get_another_one() -> None:
    points = np.repeat(np.array([[0, 0], [9, 9]], np.uint8), 2, axis=0)
    assert choose_prototypes(points, 3).tolist() in ([0, 1, 2], [0, 2, 3], [0, 1, 3], [1, 2, 3])


def test_distances_are_those_between_halved_images(table: Prototypes, data: Dataset) -> None:
    assert np.array_equal(table.images[3], halved(data.train_images[prototype_indices()[3]]))
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
        others = np.setdiff1d(np.flatnonzero(labels == class_id), prototype_indices()[class_id])
        images = data.train_images[others]
        distances = nearest(halved(images), table.images[class_id])
        usual, possible, roughest = table.limits[class_id]
        assert 0.92 < (distances <= usual).mean() < 0.98
        assert 0.985 < (distances <= possible).mean() < 1
        assert (roughness(images) <= roughest).mean() > 0.99


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
    assert shares(table, random.integers(0, 256, (200, 28, 28)))[1] == 0
    assert shares(table, 255 * (random.random((200, 28, 28)) < 0.2))[1] == 0


def test_drawing_is_not_unlike_all_for_being_flat(table: Prototypes, data: Dataset) -> None:
    outlines = np.asarray(data.test_images[:500]) > 20
    flat = 255 * ndimage.binary_fill_holes(outlines, structure=np.ones((1, 3, 3)) > 0)
    usual, possible = shares(table, flat)
    assert usual > 0.5
    assert possible > 0.9


def test_a_browser_gets_limits_and_images(table: Prototypes, data: Dataset) -> None:
    app = Starlette(routes=routes())
    answer = ask(app, f"/prototypes/{prototypes_digest(data.sha256)}.bin")
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    assert np.array_equal(np.frombuffer(answer.content, "<f4", 30).reshape(10, 3), table.limits)
    assert answer.content[120:] == table.images.tobytes()
    answer = ask(app, "/prototypes/0.bin")
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
