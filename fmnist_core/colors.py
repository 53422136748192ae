"""All colours by role, light and dark: of the theme, the style sheets, the figures, the scripts.

Streamlit reads its own from ``.streamlit/config.toml``, which a test compares with these; the two
drawings in ``ui/assets`` that are files of their own have theirs.
"""

from __future__ import annotations

# The page: Streamlit's own parts.
PAGE = {"light": "#FBF7F0", "dark": "#17141B"}
SECONDARY_PAGE = {"light": "#F2EBDF", "dark": "#221E28"}
FOREGROUND = {"light": "#26212B", "dark": "#F3EDE4"}
BORDER = {"light": "#DCD2C2", "dark": "#3A3442"}
# What is filled with it, under white text, and the same where it is a line or text itself.
PRIMARY = {"light": "#9C3225", "dark": "#C2503D"}
ACCENT = {"light": "#9C3225", "dark": "#EF8F7A"}
LINK = {"light": "#8A2A1E", "dark": "#F0A18F"}

# The page: what the style sheets add.
MUTED_TEXT = {"light": "#5F5A61", "dark": "#B8B1BA"}
PAPER = {"light": "#FFFDF9", "dark": "#1E1A23"}
CARD = {"light": "#FFFFFF", "dark": "#2A2531"}
SHADOW = "#000000"
# What stands on a pressed or a first button.
ON_PRIMARY = {"light": "#FFFFFF", "dark": "#FFFFFF"}
# The sign in a list that opens, and points that have no class: readable on every page.
NEUTRAL = "#868686"
CORRECT = {"light": "#1F7A5A", "dark": "#5FC79D"}
WRONG = {"light": "#B3402F", "dark": "#F0806C"}
CONVOLUTION = {"light": "#B0452F", "dark": "#EF8F7A"}
POOLING = {"light": "#A8703F", "dark": "#DCAE78"}
DENSE = {"light": "#4A5B96", "dark": "#9FB2F0"}

# The difference to white turns light clothes into ink on paper, that to black leaves them light.
IMAGE_GROUND = {"light": "#FFFFFF", "dark": "#000000"}
CANVAS = {"light": "#FFFFFF", "dark": "#1D1922"}
# Between black and white one always has a contrast of 4.5, which no softer pair has.
INKS = ("#000000", "#FFFFFF")

# Charts. Classes in the order of CLASS_NAMES. Searched for: any two stay apart under the three
# kinds of colour blindness, and each stands out on paper and on a dark page. Classes are always
# named as well.
CLASS_COLORS: tuple[str, ...] = (
    "#246CE4",
    "#CC7818",
    "#309C6C",
    "#B43C18",
    "#9C48B4",
    "#90543C",
    "#E454B4",
    "#606084",
    "#909048",
    "#3C6C60",
)
# Runs, each of which keeps its colour for good: searched for like those of the classes, the first
# ones farthest apart. A run that has the colour of another differs in dash and marker.
RUN_COLORS: tuple[str, ...] = (
    "#7878FC",
    "#C03060",
    "#009C90",
    "#CC7860",
    "#8448B4",
    "#9C9018",
    "#546C24",
    "#9084C0",
)
# Blue against orange can be told apart with every common colour blindness.
SERIES: dict[str, dict[str, str]] = {
    "light": {"train": "#2A66AE", "validation": "#C25A00", "test": "#5D5569"},
    "dark": {"train": "#7FB4F5", "validation": "#F7A450", "test": "#C9C1D4"},
}
# Lightness alone carries the scale: from the page to the far end.
SEQUENTIAL: dict[str, list[str]] = {
    "light": ["#F8F1E6", "#F3C9A5", "#E2845A", "#B5402F", "#651426"],
    "dark": ["#221E28", "#5A2B3C", "#A6443F", "#E68455", "#FFDCA8"],
}
# From low confidence, which is what one looks for, to high.
CONFIDENCE_COLORS: dict[str, list[str]] = {
    "light": ["#651426", "#B5402F", "#E2845A", "#9DB4C8", "#5F86AC"],
    "dark": ["#FFDCA8", "#E68455", "#A6443F", "#5B6F91", "#46546E"],
}
CORRECTNESS_COLORS: dict[str, list[str]] = {
    mode: [CORRECT[mode], WRONG[mode]] for mode in ("light", "dark")
}
# A difference with two signs: the middle is the page.
DIVERGING: dict[str, list[str]] = {
    mode: [SERIES[mode]["train"], PAGE[mode], SERIES[mode]["validation"]]
    for mode in ("light", "dark")
}
GRID = {"light": "#E6DDCF", "dark": "#35303D"}
# Behind cells that carry no colour of the scale; seen through, it suits both pages.
QUIET_CELL = "#78828C"
MARKER_OUTLINE = "#FFFFFF"
TRANSPARENT = "rgba(0,0,0,0)"


def color_scheme(dark: bool) -> str:
    """The key of the tables above."""
    return "dark" if dark else "light"


def translucent(color: str, alpha: float) -> str:
    """A colour ``#rrggbb`` that lets through what lies behind it, as ``rgba(…)``.

    Args:
        color: as ``#rrggbb``.
        alpha: 0 shows only what lies behind, 1 only the colour; two digits count.
    """
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:.2f})"
