"""The saliency map as a chart."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.figures.saliency import saliency_map, share_on_clothes
from fmnist_core.figures.theme import themed_json

IMAGE = np.zeros((28, 28), np.uint8)
IMAGE[10:20, 8:20] = 200


def test_the_map_shows_the_strength_of_each_pixel_and_the_outline() -> None:
    strength = np.random.default_rng(1).random((28, 28)).astype(np.float32)
    heat, outline = saliency_map(IMAGE, strength).data
    assert np.allclose(np.asarray(heat.z, float), strength, atol=1e-3)
    assert np.asarray(outline.z, float).max() == 200
    assert saliency_map(IMAGE, strength, dark=True).data[0].colorscale != heat.colorscale


def test_a_blank_picture_has_no_outline_and_still_a_map() -> None:
    figure = saliency_map(np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.float32))
    assert len(figure.data) == 1
    assert themed_json(figure)


def test_the_share_on_clothes_is_a_share_of_all_strength() -> None:
    strength = np.zeros((28, 28), np.float32)
    strength[0, 0], strength[12, 12] = 0.25, 0.75
    assert share_on_clothes(IMAGE, strength) == pytest.approx(0.75)
    assert share_on_clothes(IMAGE, 0 * strength) == 0
