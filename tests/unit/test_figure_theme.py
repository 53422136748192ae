"""Colours that everybody can tell apart, on both pages."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.theme import CLASS_COLORS, SEQUENTIAL, SERIES

PAGES = {"light": "#FBF7F0", "dark": "#17141B"}
# What is seen of linear red, green and blue: Machado, Oliveira and Fernandes (2009), severity 1.
VISION = {
    "full": np.eye(3),
    "without red": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "without green": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "without blue": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.089]])


def linear(color: str) -> NDArray[np.float64]:
    """The light of an sRGB colour, three shares."""
    parts = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB (1976), where a distance of 2 is just seen side by side."""
    xyz = TO_XYZ @ np.clip(light, 0, 1)
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one: str, two: str, vision: str) -> float:
    seen = [lab(VISION[vision] @ linear(color)) for color in (one, two)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def contrast(one: str, two: str) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""
    dark, bright = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, two))
    return (bright + 0.05) / (dark + 0.05)


def test_lab_agrees_with_known_values() -> None:
    assert lab(linear("#FFFFFF")) == pytest.approx([100, 0, 0], abs=0.1)
    assert lab(linear("#FF0000")) == pytest.approx([53.2, 80.1, 67.2], abs=0.2)


@pytest.mark.parametrize("vision", VISION)
def test_any_two_classes_can_be_told_apart(vision: str) -> None:
    """T-shirt/top and Coat were once the same colour for eyes without red."""
    assert len(CLASS_COLORS) == len(CLASS_NAMES)
    assert min(distance(*pair, vision) for pair in combinations(CLASS_COLORS, 2)) > 15


@pytest.mark.parametrize("mode", PAGES)
@pytest.mark.parametrize("vision", VISION)
def test_the_three_curves_can_be_told_apart(mode: str, vision: str) -> None:
    assert min(distance(*pair, vision) for pair in combinations(SERIES[mode].values(), 2)) > 25


@pytest.mark.parametrize("mode", PAGES)
def test_every_class_stands_out_from_its_page(mode: str) -> None:
    """WCAG asks for a contrast of 3 for what a graph is made of."""
    assert min(contrast(color, PAGES[mode]) for color in CLASS_COLORS) >= 3


@pytest.mark.parametrize("mode", PAGES)
@pytest.mark.parametrize("vision", VISION)
def test_lightness_alone_carries_the_scale(mode: str, vision: str) -> None:
    lightness = [lab(VISION[vision] @ linear(color))[0] for color in SEQUENTIAL[mode]]
    steps = [(after - before) for before, after in pairwise(lightness)]
    away_from_page = -1 if mode == "light" else 1
    assert min(step * away_from_page for step in steps) > 5
