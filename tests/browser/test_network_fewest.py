"""As few changed pixels as the browser finds until a network's answer is right."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from network_site import Images, NetworkSite, keras_logits, trained_network
from numpy.typing import NDArray

from fmnist_core.dataset import SIDE, Dataset
from fmnist_core.export.network_bytes import network_bytes
from fmnist_core.presets import PRESETS
from fmnist_core.training.state import weights_of

SPEC = PRESETS["Simple network"]
TRAIN_IMAGES = 20_000
MISTAKES = 12
# The lead of a class below which the search says that it does not lead, and what rounding may add.
LEAST_LEAD = 2e-3


@pytest.fixture(scope="module")
def model(data: Dataset) -> keras.Sequential:
    """A network that was really trained."""
    return trained_network(SPEC, data, TRAIN_IMAGES)


@pytest.fixture
def site(network_site: NetworkSite, model: keras.Sequential) -> NetworkSite:
    """The page with that network."""
    network_site.content = network_bytes(SPEC, weights_of(model))
    return network_site


@pytest.fixture(scope="module")
def mistakes(data: Dataset, model: keras.Sequential) -> list[tuple[Images, int]]:
    """Test images that it gets wrong, with their classes."""
    images, labels = np.asarray(data.test_images[:1_000]), np.asarray(data.test_labels[:1_000])
    wrong = np.flatnonzero(keras_logits(model, images).argmax(axis=1) != labels)
    assert len(wrong) > MISTAKES
    return [(images[index], int(labels[index])) for index in wrong[:MISTAKES]]


def lead(model: keras.Sequential, images: NDArray[Any], class_id: int) -> NDArray[np.float64]:
    """By how much the logit (n,) of a class is larger than the largest of the others."""
    logits = keras_logits(model, images)
    leads: NDArray[np.float64] = logits[:, class_id] - np.delete(logits, class_id, 1).max(axis=1)
    return leads


def image_of(fix: dict[str, Any]) -> NDArray[np.float64]:
    return np.reshape(fix["pixels"], (SIDE, SIDE))


def test_what_is_found_is_answered_as_wanted_by_keras_and_none_of_its_pixels_can_be_spared(
    site: NetworkSite, model: keras.Sequential, mistakes: list[tuple[Images, int]]
) -> None:
    for image, label in mistakes:
        *steps, last = site.run("fixes", image.ravel().tolist(), label)
        assert [fix["done"] for fix in steps] == [False] * len(steps)
        counts = [fix["changed"] for fix in steps]
        assert counts == sorted(set(counts), reverse=True)
        assert last == {**steps[-1], "done": True}
        for fix in steps:
            found = image_of(fix)
            assert lead(model, found[None], label)[0] > 0
            assert (found != image).sum() == fix["changed"]
            assert set(np.unique(found[found != image])) <= {0, 255}
        found = image_of(last)
        changed = np.argwhere(found != image)
        spared = np.repeat(found[None], len(changed), axis=0)
        for without, (row, column) in zip(spared, changed, strict=True):
            without[row, column] = image[row, column]
        assert lead(model, spared, label).max() < LEAST_LEAD


def test_a_single_pixel_is_found_where_one_is_enough(
    site: NetworkSite, model: keras.Sequential, mistakes: list[tuple[Images, int]]
) -> None:
    """Beside a search through all single pixels made black or white."""
    enough, found = [], []
    for image, label in mistakes:
        singles = np.repeat(image.reshape(1, -1), 2 * image.size, axis=0)
        singles[np.arange(2 * image.size), np.arange(2 * image.size) // 2] = [0, 255] * image.size
        enough.append(lead(model, singles.reshape(-1, SIDE, SIDE), label).max() > LEAST_LEAD)
        found.append(site.run("fixes", image.ravel().tolist(), label)[-1]["changed"] == 1)
    assert 0 < sum(enough) < len(mistakes)
    assert sum(enough) - sum(found) <= 1


def test_what_is_right_already_stays_as_it_is(
    site: NetworkSite, model: keras.Sequential, mistakes: list[tuple[Images, int]]
) -> None:
    image, _ = mistakes[0]
    answer = int(keras_logits(model, image[None]).argmax())
    for fix in site.run("fixes", image.ravel().tolist(), answer):
        assert fix["changed"] == 0
        assert np.array_equal(image_of(fix), image)


def test_it_says_so_where_nothing_is_found(
    site: NetworkSite, model: keras.Sequential, mistakes: list[tuple[Images, int]]
) -> None:
    weights = weights_of(model)
    # Whatever it sees, it says the same.
    weights["logits/kernel"][...] = 0
    weights["logits/bias"][...] = np.arange(10)
    site.content = network_bytes(SPEC, weights)
    image, _ = mistakes[0]
    none = {"pixels": None, "changed": 0, "done": True}
    assert site.run("fixes", image.ravel().tolist(), 3) == [none]
    assert site.run("shownFixes", image.ravel().tolist(), 3) == [none]


def test_a_network_in_a_thread_of_its_own_shows_each_and_says_when_it_is_done(
    site: NetworkSite, model: keras.Sequential, mistakes: list[tuple[Images, int]]
) -> None:
    image, label = mistakes[0]
    wanted = site.run("fixes", image.ravel().tolist(), label)
    *shown, last = site.run("shownFixes", image.ravel().tolist(), label)
    # On a busy computer two seconds may end before the search does.
    assert shown == wanted[: len(shown)]
    assert last["done"]
