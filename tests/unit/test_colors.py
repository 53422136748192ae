"""Colours that everybody can read and tell apart, on both pages, and have one home."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fmnist_core import colors
from fmnist_core.colors import (
    CLASS_COLORS,
    INKS,
    PAGE,
    RUN_COLORS,
    SEQUENTIAL,
    SERIES,
    color_scheme,
    translucent,
)
from fmnist_core.dataset import CLASS_NAMES
from ui.theme import ASSETS, color_properties

PROJECT = Path(__file__).resolve().parents[2]
MODES = ("light", "dark")
GROUNDS = ("PAGE", "SECONDARY_PAGE", "PAPER", "CARD")
TEXTS = ("FOREGROUND", "MUTED_TEXT", "LINK")
# Lines, marks and filled areas that mean something.
SIGNS = (
    "ACCENT",
    "CORRECT",
    "WRONG",
    "CONVOLUTION",
    "POOLING",
    "DENSE",
)
# What Streamlit calls a colour, and its name here.
STREAMLITS = {
    "primaryColor": "PRIMARY",
    "backgroundColor": "PAGE",
    "secondaryBackgroundColor": "SECONDARY_PAGE",
    "textColor": "FOREGROUND",
    "borderColor": "BORDER",
    "linkColor": "LINK",
}
# A colour as style sheets, scripts, addresses of images and Plotly write it.
LITERAL = re.compile(
    r"(?:#|%23)(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b"
    r"|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\([\s\d.]"
    r"""|(?:color|background|fill|stroke|style)["']?\s*[:=]\s*["']?"""
    r"(?:white|black|gr[ae]y|red|green|blue|yellow|orange|purple|brown|pink|silver)\b",
    re.IGNORECASE,
)
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


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_of_runs_can_be_told_apart(vision: str) -> None:
    assert min(distance(*pair, vision) for pair in combinations(RUN_COLORS, 2)) > 18


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("vision", VISION)
def test_the_three_curves_can_be_told_apart(mode: str, vision: str) -> None:
    assert min(distance(*pair, vision) for pair in combinations(SERIES[mode].values(), 2)) > 25


@pytest.mark.parametrize("mode", MODES)
def test_every_class_and_every_curve_stands_out_from_its_page(mode: str) -> None:
    """WCAG asks for a contrast of 3 for what a graph is made of."""
    for color in (*CLASS_COLORS, *RUN_COLORS, *SERIES[mode].values()):
        assert contrast(color, PAGE[mode]) >= 3, color


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("vision", VISION)
def test_lightness_alone_carries_the_scale(mode: str, vision: str) -> None:
    lightness = [lab(VISION[vision] @ linear(color))[0] for color in SEQUENTIAL[mode]]
    steps = [(after - before) for before, after in pairwise(lightness)]
    away_from_page = -1 if mode == "light" else 1
    assert min(step * away_from_page for step in steps) > 5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize(("names", "least"), [(TEXTS, 4.5), (SIGNS, 3)], ids=["texts", "signs"])
def test_texts_and_signs_can_be_read_on_every_ground(
    names: tuple[str, ...], least: float, ground: str, mode: str
) -> None:
    """WCAG 2.2: 4.5 for text, 3 for what has to be seen to use or understand a page."""
    for name in names:
        pair = (getattr(colors, name)[mode], getattr(colors, ground)[mode])
        assert contrast(*pair) >= least, (name, ground, mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_chosen_option_and_a_filled_button_can_be_read(mode: str) -> None:
    share = {"light": 0.09, "dark": 0.16}[mode]
    assert contrast(colors.LINK[mode], mixed(colors.ACCENT[mode], colors.PAPER[mode], share)) >= 4.5
    assert contrast(INKS[1], colors.PRIMARY[mode]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_the_sign_of_a_list_that_opens_can_be_seen(mode: str) -> None:
    """It once had 2.99 in the light."""
    assert contrast(colors.NEUTRAL, colors.SECONDARY_PAGE[mode]) >= 3


@pytest.mark.parametrize("mode", MODES)
def test_one_of_the_inks_can_be_read_on_every_colour_of_the_scale(mode: str) -> None:
    for (low, high), step in product(pairwise(SEQUENTIAL[mode]), range(11)):
        ground = mixed(high, low, step / 10)
        assert max(contrast(ink, ground) for ink in INKS) >= 4.5, ground


def mixed(color: str, ground: str, share: float) -> str:
    """A share of one colour over another, as style sheets mix them."""
    parts = [[int(one[place : place + 2], 16) for place in (1, 3, 5)] for one in (color, ground)]
    return "#" + "".join(
        f"{round(share * a + (1 - share) * b):02x}" for a, b in zip(*parts, strict=True)
    )


def test_a_translucent_colour_keeps_its_parts() -> None:
    assert translucent("#EF8F7A", 0.1) == "rgba(239,143,122,0.10)"
    assert [color_scheme(dark) for dark in (False, True)] == list(MODES)


def test_streamlits_theme_has_the_same_colours() -> None:
    theme = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text())["theme"]
    for mode in MODES:
        expected = {theirs: getattr(colors, ours)[mode] for theirs, ours in STREAMLITS.items()}
        assert theme[mode] == expected
    assert not [name for name in theme if name.endswith("Color")]


def test_no_colour_stands_anywhere_else() -> None:
    """The logo and the sign of the browser's tab are files that no style sheet reaches."""
    assert [
        f"{file.relative_to(PROJECT)}:{line}: {found[0]}"
        for file in sources()
        for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (found := LITERAL.search(text))
    ] == []


def sources() -> Iterator[Path]:
    """All that is drawn or shown: code, style sheets and scripts, without ``colors`` itself."""
    for folder in ("fmnist_core", "ui", "pages"):
        for file in (PROJECT / folder).rglob("*"):
            if file.suffix in (".py", ".css", ".js", ".mjs", ".html") and file.name != "colors.py":
                yield file
    yield PROJECT / "dashboard.py"


@pytest.mark.parametrize(
    "text",
    [
        "#fff",
        "#FBF7F0",
        "#fbf7f0cc",
        "stroke='%23888'",
        "rgb(0 0 0 / 18%)",
        "rgba(1,2,3,.5)",
        "hsl(20deg 3% 4%)",
        "white;",
        "gray",
    ],
)
def test_a_literal_is_found_however_it_is_written(text: str) -> None:
    assert LITERAL.search(f"color: {text};")


@pytest.mark.parametrize("text", ["rgb(${grey} ${grey} ${grey})", "# a comment", "#main", "&#39;"])
def test_what_is_computed_or_no_colour_is_no_literal(text: str) -> None:
    assert not LITERAL.search(text)


def test_every_property_that_the_style_sheets_use_is_written() -> None:
    """A misspelt one would leave its part without colour, and nobody would say so."""
    sheets = "\n".join(sheet.read_text() for sheet in ASSETS.glob("*.css"))
    scripts = "\n".join(file.read_text() for file in (PROJECT / "ui/components").rglob("*.js"))
    declaration = r"(--fm-[\w-]+):"
    written = set(re.findall(declaration, color_properties()))
    used = set(re.findall(r"var\((--fm-[\w-]+)", sheets))
    assert written - used == set()
    written |= set(re.findall(declaration, sheets))
    assert [name for name in sorted(used - written) if name not in scripts] == []
