"""The view state of Try your own: the networks, and the image that one begins with."""

from __future__ import annotations

from fmnist_core.dataset import SPLIT_SIZES, Split
from fmnist_core.runs.model import is_run_id
from ui.own_image import read_own_image
from ui.url_state import PageState, Parameter, whole_number

MOST_NETWORKS = 6


def _parse_runs(text: str) -> tuple[str, ...] | None:
    ids = dict.fromkeys(run_id for run_id in text.split(",") if is_run_id(run_id))
    return tuple(ids)[:MOST_NETWORKS] or None


def _parse_picture(text: str) -> str | None:
    split_name, _, digits = text.partition("-")
    split: Split = "train" if split_name == "train" else "test"
    index = whole_number(SPLIT_SIZES[split] - 1)(digits)
    return None if index is None or split_name != split else f"{split}-{index}"


STATE = PageState("try")
PIXELS: Parameter[str] = STATE.parameter("pixels", "", read_own_image)
PICTURE: Parameter[str] = STATE.parameter("picture", "", _parse_picture)
RUNS: Parameter[tuple[str, ...] | None] = STATE.parameter(
    "runs", None, _parse_runs, lambda ids: ",".join(ids or ())
)
