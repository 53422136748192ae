"""The view state of Explore data, all of it in the address, to be shared."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.analysis.projection import Method
from fmnist_core.analysis.sorting import ORDERS, Order
from fmnist_core.dataset import CLASS_NAMES, Split
from ui.components.gallery import Size
from ui.components.image_map import is_loop
from ui.url_state import PageState, Parameter, one_of, switch, whole_number, write_switch

VIEWS = {
    "gallery": "Gallery",
    "sheet": "A whole class",
    "classes": "Classes",
    "map": "Map",
    "facts": "The facts",
}
SPLITS: dict[Split, str] = {"test": "Test", "train": "Training"}
SIZES: tuple[Size, ...] = ("small", "medium", "large")
ABOUT = {
    "alike": "Look-alikes",
    "changed": "Changed for training",
    "runs": "What networks say",
}
KINDS = {"mean": "Average", "spread": "How much they vary"}
METHODS: dict[Method, str] = {"pca": "Main directions (PCA)", "tsne": "Neighbourhoods (t-SNE)"}
COLORS = {"class": "Class", "right": "Right or wrong", "sure": "How sure"}
PIXELS = "pixels"
LARGEST_SHIFT = 4
HIGHEST_ROLL = 999
_USUAL_SHIFT = 2
HIGHEST_SEED = 9_999
_PAGES = 9_999
_MOST_STEPS = 8
_PICTURES: dict[Split, int] = {"test": 10_000, "train": 60_000}

Step = tuple[Split, int]


def _read_classes(text: str) -> tuple[int, ...] | None:
    one = whole_number(len(CLASS_NAMES) - 1)
    return tuple(sorted({found for part in text.split("-") if (found := one(part)) is not None}))


def _write_classes(classes: tuple[int, ...]) -> str:
    return "-".join(map(str, classes))


def _read_trail(text: str) -> tuple[Step, ...] | None:
    """``"e17-r4711"`` as test picture 17 and training picture 4711."""
    steps: list[Step] = []
    for part in text.split("-")[:_MOST_STEPS]:
        split: Split = "test" if part[:1] == "e" else "train"
        number = whole_number(_PICTURES[split] - 1)(part[1:])
        if part[:1] in ("e", "r") and number is not None and (split, number) not in steps:
            steps.append((split, number))
    return tuple(steps)


def _write_trail(steps: tuple[Step, ...]) -> str:
    return "-".join(f"{'e' if split == 'test' else 'r'}{picture}" for split, picture in steps)


STATE = PageState("explore")
ROLL = STATE.parameter("roll", 0, whole_number(HIGHEST_ROLL))
FLIP = STATE.parameter("flip", True, switch, write_switch)
SHIFT = STATE.parameter("shift", _USUAL_SHIFT, whole_number(LARGEST_SHIFT))
PAGE = STATE.parameter("page", 1, whole_number(_PAGES, lowest=1))
LOOP = STATE.parameter("loop", "", lambda text: text if is_loop(text) else None, resets=[PAGE])
RUN: Parameter[str | None] = STATE.parameter("run", None, str)
COLOR = STATE.parameter("color", "class", one_of(tuple(COLORS)))
SOURCE = STATE.parameter("from", PIXELS, str, resets=[LOOP, PAGE])
METHOD: Parameter[Method] = STATE.parameter(
    "method", "pca", one_of(tuple(METHODS)), resets=[LOOP, PAGE]
)
OTHER_CLASS: Parameter[int | None] = STATE.parameter(
    "and", None, whole_number(len(CLASS_NAMES) - 1)
)
KIND = STATE.parameter("show", "mean", one_of(tuple(KINDS)))
ONE_CLASS: Parameter[int | None] = STATE.parameter("of", None, whole_number(len(CLASS_NAMES) - 1))
TRAIL: Parameter[tuple[Step, ...]] = STATE.parameter("trail", (), _read_trail, _write_trail)
ABOUT_PICTURE = STATE.parameter("about", "alike", one_of(tuple(ABOUT)))
CLOSE = STATE.parameter("close", False, switch, write_switch)
PICTURE: Parameter[int | None] = STATE.parameter(
    "picture", None, whole_number(_PICTURES["train"] - 1)
)
SIZE: Parameter[Size] = STATE.parameter("size", "medium", one_of(SIZES), resets=[PAGE, PICTURE])
SEED = STATE.parameter("seed", 0, whole_number(HIGHEST_SEED), resets=[PAGE, PICTURE])
ORDER: Parameter[Order] = STATE.parameter("sort", "number", one_of(ORDERS), resets=[PAGE, PICTURE])
CLASSES: Parameter[tuple[int, ...]] = STATE.parameter(
    "class", (), _read_classes, _write_classes, resets=[PAGE, PICTURE, TRAIL]
)
SPLIT: Parameter[Split] = STATE.parameter(
    "split", "test", one_of(tuple(SPLITS)), resets=[PAGE, PICTURE, CLOSE, TRAIL, LOOP]
)
VIEW = STATE.parameter("view", "gallery", one_of(tuple(VIEWS)), resets=[PAGE, CLOSE, TRAIL])


@dataclass(frozen=True)
class ViewState:
    """What is looked at.

    Attributes:
        view: which part of the page is open.
        split: whose pictures.
        classes: to show, in dataset order; none shows all ten.
        order: of the wall.
        seed: of the shuffle.
        size: of a picture on the wall.
        picture: the chosen one.
        close: the chosen picture is looked at closely, in place of the wall.
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
    trail: tuple[Step, ...]


def view_state() -> ViewState:
    """What this visitor looks at now."""
    split, picture = SPLIT.value, PICTURE.value
    if picture is not None and picture >= _PICTURES[split]:
        STATE.settle(PICTURE.to(None), CLOSE.to(False))
        picture = None
    if CLOSE.value and (picture is None or VIEW.value != "gallery"):
        STATE.settle(CLOSE.to(False))
    return ViewState(
        VIEW.value,
        split,
        CLASSES.value,
        ORDER.value,
        SEED.value,
        SIZE.value,
        picture,
        CLOSE.value,
        TRAIL.value,
    )


def open_picture(split: Split, picture: int) -> None:
    """Look closely at a picture, wherever the visitor is."""
    STATE.change(
        VIEW.to("gallery"), SPLIT.to(split), PICTURE.to(picture), CLOSE.to(True), TRAIL.to(())
    )


def walk_to(split: Split, picture: int) -> None:
    """Go from the picture that is looked at to one like it, and remember the way."""
    here = (SPLIT.value, PICTURE.value or 0)
    steps = [step for step in TRAIL.value if step != (split, picture)]
    trail = tuple([*steps, here][-_MOST_STEPS:])
    STATE.change(SPLIT.to(split), PICTURE.to(picture), CLOSE.to(True), TRAIL.to(trail))
