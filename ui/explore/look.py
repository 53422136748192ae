"""What a visitor of Explore data looks at: all of it is in the address, to be shared."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.dataset import CLASS_NAMES, Dataset, Split
from fmnist_core.explore.order import ORDERS, Order
from ui.address import number, one_of, set_address
from ui.gallery import Size

VIEWS = {
    "gallery": "Gallery",
    "sheet": "A whole class",
    "classes": "Classes",
    "map": "Map",
    "facts": "The facts",
}
SPLITS: dict[Split, str] = {"test": "Test", "train": "Training"}
SIZES: tuple[Size, ...] = ("small", "medium", "large")
ABOUT = ("alike", "changed", "runs")
HIGHEST_SEED = 9_999
MOST_STEPS = 8


@dataclass(frozen=True)
class Look:
    """The address in the program's terms; nonsense in it counts as absent.

    Attributes:
        view: which part of the page is open.
        split: whose pictures.
        classes: to show, in dataset order; none shows all ten.
        order: of the wall.
        seed: of the shuffle.
        size: of a picture on the wall.
        picture: the chosen one.
        close: the chosen picture is looked at closely, in place of the wall.
        about: what is shown beside a picture that is looked at closely.
        trail: the pictures by which the visitor came to this one.
    """

    view: str
    split: Split
    classes: tuple[int, ...]
    order: Order
    seed: int
    size: Size
    picture: int | None
    close: bool
    about: str
    trail: tuple[tuple[Split, int], ...]


def look(data: Dataset) -> Look:
    """What the address says now."""
    split = one_of("split", tuple(SPLITS), "test")
    picture = number("picture", len(data.labels(split)) - 1)
    return Look(
        one_of("view", tuple(VIEWS), "gallery"),
        split,
        classes(),
        one_of("sort", ORDERS, "number"),
        number("seed", HIGHEST_SEED) or 0,
        one_of("size", SIZES, "medium"),
        picture,
        picture is not None and st.query_params.get("close") == "1",
        one_of("about", ABOUT, "alike"),
        _trail(data),
    )


def classes() -> tuple[int, ...]:
    """The classes in the address, in dataset order."""
    parts = st.query_params.get("class", "").split("-")
    return tuple(sorted({int(part) for part in parts if part in list("0123456789")}))


def one_class(name: str, usual: int) -> int:
    """A single class in the address under a name, or the usual one."""
    found = number(name, len(CLASS_NAMES) - 1)
    return usual if found is None else found


def in_view(*views: str) -> bool:
    """Whether one of these parts is open.

    Streamlit also calls for a widget that has just gone: a request that was on its way brings the
    widget's old value once more, and the value counts as new.
    """
    return one_of("view", tuple(VIEWS), "gallery") in views


def open_view(view: str) -> None:
    """Open another part of the page; what was chosen in it stays."""
    set_address(view=None if view == "gallery" else view, page=None, close=None, trail=None)


def open_picture(split: Split, picture: int) -> None:
    """Look closely at a picture, wherever the visitor is."""
    set_address(view=None, split=split, picture=str(picture), close="1", trail=None)


def walk_to(now: Look, split: Split, picture: int) -> None:
    """Go from the picture that is looked at to one like it, and remember the way."""
    here = (now.split, now.picture or 0)
    steps = [step for step in now.trail if step != (split, picture)]
    steps = [*steps, here][-MOST_STEPS:]
    trail = "-".join(f"{'e' if step[0] == 'test' else 'r'}{step[1]}" for step in steps)
    set_address(split=split, picture=str(picture), trail=trail)


def _trail(data: Dataset) -> tuple[tuple[Split, int], ...]:
    """``"e17-r4711"`` as test picture 17 and training picture 4711."""
    steps: list[tuple[Split, int]] = []
    for part in st.query_params.get("trail", "").split("-")[:MOST_STEPS]:
        split: Split = "test" if part[:1] == "e" else "train"
        digits = part[1:]
        if part[:1] in ("e", "r") and digits.isascii() and digits.isdigit() and len(digits) <= 5:
            step = (split, int(digits))
            if step[1] < len(data.labels(split)) and step not in steps:
                steps.append(step)
    return tuple(steps)
