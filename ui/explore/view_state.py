"""The view state of Explore data, all of it in the address, to be shared."""

from __future__ import annotations

from dataclasses import dataclass

from fmnist_core.analysis.projection import Method
from fmnist_core.analysis.sorting import ORDERS, Order
from fmnist_core.dataset import CLASS_COUNT, SPLIT_SIZES, TRAIN_SIZE, Split
from ui.components.gallery import Size
from ui.components.image_map import is_loop
from ui.url_state import Change, PageState, Parameter, one_of, switch, whole_number, write_switch

VIEWS = {
    "gallery": "Gallery",
    "sheet": "A whole class",
    "classes": "Classes",
    "map": "Map",
    "facts": "The facts",
}
BACK = {
    "gallery": "Back to the gallery",
    "sheet": "Back to the whole class",
    "classes": "Back to the classes",
    "map": "Back to the map",
    "facts": "Back to the facts",
}
SPLITS: dict[Split, str] = {"test": "Test", "train": "Training"}
SIZES: tuple[Size, ...] = ("small", "medium", "large")
IMAGE_PANELS = {
    "alike": "Similar pictures",
    "changed": "Changed for training",
    "runs": "Other runs",
}
AVERAGE_KINDS = {"mean": "Average", "spread": "How much they vary"}
METHODS: dict[Method, str] = {"tsne": "Neighbourhoods (t-SNE)", "pca": "Overall shape (PCA)"}
COLORS = {"class": "Class", "right": "Right or wrong", "sure": "Confidence"}
PIXELS = "pixels"
LARGEST_SHIFT = 4
HIGHEST_AUGMENT_SEED = 999
_DEFAULT_SHIFT = 2
HIGHEST_SEED = 9_999
_PAGES = 9_999
_LONGEST_TRAIL = 8

TrailStep = tuple[Split, int]


def _parse_classes(text: str) -> tuple[int, ...] | None:
    parse_class = whole_number(CLASS_COUNT - 1)
    classes = {parse_class(part) for part in text.split("-")}
    return tuple(sorted(class_id for class_id in classes if class_id is not None))


def _format_classes(classes: tuple[int, ...]) -> str:
    return "-".join(map(str, classes))


def _parse_trail(text: str) -> tuple[TrailStep, ...] | None:
    """``"e17-r4711"`` as test picture 17 and training picture 4711."""
    steps: list[TrailStep] = []
    for part in text.split("-")[:_LONGEST_TRAIL]:
        split: Split = "test" if part[:1] == "e" else "train"
        image_index = whole_number(SPLIT_SIZES[split] - 1)(part[1:])
        if part[:1] in ("e", "r") and image_index is not None and (split, image_index) not in steps:
            steps.append((split, image_index))
    return tuple(steps)


def _format_trail(steps: tuple[TrailStep, ...]) -> str:
    return "-".join(
        f"{'e' if split == 'test' else 'r'}{image_index}" for split, image_index in steps
    )


STATE = PageState("explore")
AUGMENT_SEED = STATE.parameter("roll", 0, whole_number(HIGHEST_AUGMENT_SEED))
FLIP = STATE.parameter("flip", True, switch, write_switch)
SHIFT = STATE.parameter("shift", _DEFAULT_SHIFT, whole_number(LARGEST_SHIFT))
PAGE = STATE.parameter("page", 1, whole_number(_PAGES, lowest=1))
LASSO = STATE.parameter("loop", "", lambda text: text if is_loop(text) else None, resets=[PAGE])
RUN: Parameter[str | None] = STATE.parameter("run", None, str)
COLOR = STATE.parameter("color", "class", one_of(tuple(COLORS)))
SOURCE = STATE.parameter("from", PIXELS, str, resets=[LASSO, PAGE])
METHOD: Parameter[Method] = STATE.parameter(
    "method", "tsne", one_of(tuple(METHODS)), resets=[LASSO, PAGE]
)
COMPARED_CLASS: Parameter[int | None] = STATE.parameter("and", None, whole_number(CLASS_COUNT - 1))
AVERAGE_KIND = STATE.parameter("show", "mean", one_of(tuple(AVERAGE_KINDS)))
SELECTED_CLASS: Parameter[int | None] = STATE.parameter("of", None, whole_number(CLASS_COUNT - 1))
TRAIL: Parameter[tuple[TrailStep, ...]] = STATE.parameter("trail", (), _parse_trail, _format_trail)
IMAGE_PANEL = STATE.parameter("about", "alike", one_of(tuple(IMAGE_PANELS)))
DETAIL = STATE.parameter("close", False, switch, write_switch)
IMAGE: Parameter[int | None] = STATE.parameter("picture", None, whole_number(TRAIN_SIZE - 1))
SIZE: Parameter[Size] = STATE.parameter("size", "medium", one_of(SIZES), resets=[PAGE, IMAGE])
SEED = STATE.parameter("seed", 0, whole_number(HIGHEST_SEED), resets=[PAGE, IMAGE])
ORDER: Parameter[Order] = STATE.parameter("sort", "number", one_of(ORDERS), resets=[PAGE, IMAGE])
CLASSES: Parameter[tuple[int, ...]] = STATE.parameter(
    "class", (), _parse_classes, _format_classes, resets=[PAGE, IMAGE, TRAIL]
)
SPLIT: Parameter[Split] = STATE.parameter(
    "split", "test", one_of(tuple(SPLITS)), resets=[PAGE, IMAGE, DETAIL, TRAIL, LASSO]
)
VIEW = STATE.parameter("view", "gallery", one_of(tuple(VIEWS)), resets=[PAGE, DETAIL, TRAIL])


@dataclass(frozen=True)
class ViewState:
    """The view state of Explore: view, split, classes, order, open image.

    Attributes:
        view: which part of the page is open.
        split: whose images.
        classes: to show, in dataset order; none shows all ten.
        order: of the gallery.
        seed: of the shuffle.
        size: of an image in the gallery.
        image_index: of the chosen image in the split.
        in_detail: whether the chosen image is shown in detail, in place of the view.
        trail: the images by which the visitor came to this one.
    """

    view: str
    split: Split
    classes: tuple[int, ...]
    order: Order
    seed: int
    size: Size
    image_index: int | None
    in_detail: bool
    trail: tuple[TrailStep, ...]


def view_state() -> ViewState:
    """The view state in the address of this session."""
    split, image_index = SPLIT.value, IMAGE.value
    if image_index is not None and image_index >= SPLIT_SIZES[split]:
        STATE.settle(IMAGE.to(None), DETAIL.to(False))
        image_index = None
    if DETAIL.value and image_index is None:
        STATE.settle(DETAIL.to(False))
    return ViewState(
        VIEW.value,
        split,
        CLASSES.value,
        ORDER.value,
        SEED.value,
        SIZE.value,
        image_index,
        DETAIL.value,
        TRAIL.value,
    )


def open_image(split: Split, image_index: int) -> None:
    """Show an image in detail, in place of the open view, to which the way leads back."""
    _go_to(split, image_index, ())


def open_neighbour(split: Split, image_index: int) -> None:
    """Go from the open image to a neighbour of it, and add the open one to the trail."""
    current = (SPLIT.value, IMAGE.value or 0)
    earlier = [step for step in TRAIL.value if step != (split, image_index)]
    _go_to(split, image_index, tuple([*earlier, current][-_LONGEST_TRAIL:]))


def _go_to(split: Split, image_index: int, trail: tuple[TrailStep, ...]) -> None:
    STATE.change(
        SPLIT.to(split),
        IMAGE.to(image_index),
        DETAIL.to(True),
        TRAIL.to(trail),
        *_kept_for_the_way_back(),
    )


def _kept_for_the_way_back() -> list[Change]:
    """What another split resets in its own view alone, not in one that is only left for a while."""
    if VIEW.value == "gallery":
        return []
    return [PAGE.to(PAGE.value), LASSO.to(LASSO.value)]


def leave_detail() -> None:
    """Go back from the open image to the view where the visitor chose the first one.

    The gallery follows the visitor to the other split; every other view is as it was left.
    """
    origin: list[Change] = []
    if TRAIL.value and VIEW.value != "gallery":
        split, image_index = TRAIL.value[0]
        origin = [SPLIT.to(split), IMAGE.to(image_index)]
    STATE.change(DETAIL.to(False), TRAIL.to(()), *origin, *_kept_for_the_way_back())
