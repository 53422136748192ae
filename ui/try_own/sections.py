"""The networks to choose, and the picture in hand with what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from fmnist_core.analysis.prototypes import prototypes_digest
from fmnist_core.dataset import DatasetUnavailable
from fmnist_core.figures.run_style import run_styles
from fmnist_core.runs import Run
from fmnist_core.specs import multiply_adds
from ui.base_path import under_base
from ui.cache import misclassified_indices, run_names, run_options
from ui.components.choice import choice
from ui.components.try_own import OwnNetwork, Start, try_own
from ui.networks import newest_network
from ui.rights import may_change
from ui.services import dataset, engine_state, expect_tasks
from ui.try_own.view_state import MOST_NETWORKS, PICTURE, PIXELS, RUNS

CHOSEN_AT_FIRST = 3
# Of one pass, where a browser tries hundreds of them.
MOST_MULTIPLY_ADDS = 10_000_000
_MOST_MISTAKES = 2_000


def chosen_runs(runs: Sequence[Run]) -> list[Run]:
    """The runs of the address that can answer; without any, the newest of each name."""
    by_id = {run.id: run for run in runs}
    if RUNS.value is not None:
        chosen = [by_id[run_id] for run_id in RUNS.value if run_id in by_id]
        return chosen or list(runs[:1])
    newest: dict[str, Run] = {}
    for run in runs:
        newest.setdefault(run.name, run)
    return list(newest.values())[:CHOSEN_AT_FIRST]


def missing_sentence(runs: Sequence[Run]) -> str:
    """What is said of runs in the address that cannot answer; empty where all of them can.

    Args:
        runs: that can.
    """
    missing = len(set(RUNS.value or ()) - {run.id for run in runs})
    if not missing:
        return ""
    if missing == 1:
        return "This run does not exist, or kept no network: it may have been deleted."
    return f"{missing} of these runs do not exist, or kept no network: they may have been deleted."


def show_choice(runs: Sequence[Run], chosen: Sequence[Run]) -> None:
    """What adds a network to those that answer, where there is another one and room for it."""
    chosen_ids = [run.id for run in chosen]
    others = [run for run in runs if run.id not in chosen_ids]
    if not others or len(chosen) >= MOST_NETWORKS:
        return
    labels = run_options(others)
    choice(
        "Add a network",
        list(labels),
        None,
        key="try.add",
        on_choose=lambda run_id: RUNS.set((*chosen_ids, run_id)),
        words=labels,
        look="list",
        placeholder="Add a network",
    )


def show(runs: Sequence[Run]) -> None:
    """The picture in hand, and what the networks of some runs say of it."""
    names = run_names()
    styles = run_styles([run.color for run in runs])
    networks = []
    for run, style in zip(runs, styles, strict=True):
        network = newest_network(run)
        if network is None:
            continue
        inside = under_base(f"/inside?{urlencode({'run': run.id})}")
        engine = under_base(f"/occlusion/{run.id}") if _needs_engine(run) else ""
        networks.append(
            OwnNetwork(run.id, names[run.id], style.color, network.address, engine, inside)
        )
    if any(network.engine for network in networks):
        # So that the first question need not wait for TensorFlow to load.
        expect_tasks()
    ids = ",".join(run.id for run in runs)
    start = Start(f"{PIXELS.value}/{PICTURE.value}", PIXELS.value, PICTURE.value)
    try_own(
        networks,
        [int(index) for index in misclassified_indices(runs[0])[:_MOST_MISTAKES]],
        _prototypes(),
        under_base(f"/try?runs={ids}"),
        start,
        on_remove=lambda run_id: RUNS.set(tuple(run.id for run in runs if run.id != run_id)),
    )


def _needs_engine(run: Run) -> bool:
    """Whether the engine says where a run's network looks, since it is too large for a browser."""
    is_large = multiply_adds(run.spec) > MOST_MULTIPLY_ADDS
    return is_large and may_change() and engine_state().state == "ready"


def _prototypes() -> str:
    """The address of training images to compare with; empty without the dataset."""
    try:
        return under_base(f"/prototypes/{prototypes_digest(dataset().sha256)}.bin")
    except DatasetUnavailable:
        return ""
