"""The view state of Compare, all of it in the address, so that it can be shared."""

from __future__ import annotations

from fmnist_core.figures.comparison import SPLIT_NAMES, Axis, Split
from fmnist_core.runs.model import is_run_id
from ui.url_state import PageState, Parameter, one_of, switch, whole_number, write_switch

VIEWS = {
    "curves": "Curves",
    "settings": "Configuration",
    "costs": "Accuracy and cost",
    "pair": "Two in depth",
    "seeds": "Seeds",
    "together": "Together",
}
ORDERS = {
    "newest": "Newest first",
    "best": "Best first",
    "small": "Smallest first",
    "quick": "Quickest first",
    "name": "By name",
}
AXES: dict[Axis, str] = {"epoch": "Epoch", "step": "Step", "time": "Time"}
COSTS = {"parameters": "Parameters", "time": "Training time", "arithmetic": "FLOPs"}
SUBSETS = {
    "only_a": "Only A is right",
    "only_b": "Only B is right",
    "neither": "Both are wrong",
    "both": "Both are right",
}
MOST_RUNS = 60
MOST_SMOOTHING = 95
_NO_RUN = "none"
_PAGES = 9_999


def _parse_runs(text: str) -> tuple[str, ...] | None:
    if text == _NO_RUN:
        return ()
    ids = tuple(
        dict.fromkeys(run_id for run_id in text.split(",")[:MOST_RUNS] if is_run_id(run_id))
    )
    return ids or None


def _parse_splits(text: str) -> tuple[Split, ...] | None:
    return tuple(split for split in SPLIT_NAMES if split in text.split("-")) or None


STATE = PageState("compare")
PAGE = STATE.parameter("page", 1, whole_number(_PAGES, lowest=1))
SUBSET = STATE.parameter("part", "only_b", one_of(tuple(SUBSETS)), resets=[PAGE])
B: Parameter[str | None] = STATE.parameter("b", None, str, resets=[PAGE])
A: Parameter[str | None] = STATE.parameter("a", None, str, resets=[PAGE])
COST = STATE.parameter("cost", "parameters", one_of(tuple(COSTS)))
DIFFERENCES_ONLY: Parameter[bool | None] = STATE.parameter(
    "differs", None, switch, lambda value: write_switch(bool(value))
)
SMOOTHING = STATE.parameter("smooth", 0, whole_number(MOST_SMOOTHING))
AXIS: Parameter[Axis] = STATE.parameter("axis", "epoch", one_of(tuple(AXES)))
SPLITS: Parameter[tuple[Split, ...]] = STATE.parameter("splits", ("test",), _parse_splits, "-".join)
VIEW = STATE.parameter("view", "curves", one_of(tuple(VIEWS)), resets=[PAGE])
ORDER = STATE.parameter("order", "newest", one_of(tuple(ORDERS)))
RUNS: Parameter[tuple[str, ...] | None] = STATE.parameter(
    "runs", None, _parse_runs, lambda ids: ",".join(ids or ()) or _NO_RUN, resets=[A, B, PAGE]
)
