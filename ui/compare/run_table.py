"""The runs to choose from, and which of them are chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmnist_core.analysis.metrics import accuracy_text, percent_text
from fmnist_core.figures.run_style import RunStyle, run_styles
from fmnist_core.runs import DamagedRun, Run
from fmnist_core.specs import parameter_count
from ui.cache import run_names
from ui.compare.view_state import MOST_RUNS, ORDER, ORDERS, RUNS
from ui.components.run_picker import Row, run_picker
from ui.formatting import STATE_WORDS, duration
from ui.services import store

SELECTED_AT_FIRST = 6


def list_runs() -> list[Run | DamagedRun]:
    """Every run, newest first, and then the damaged ones."""
    return store().scan().entries


def readable_runs(runs: Sequence[Run | DamagedRun]) -> list[Run]:
    """The runs among them that make sense."""
    return [run for run in runs if isinstance(run, Run)]


def selected_runs(runs: list[Run | DamagedRun]) -> Sequence[Run | DamagedRun]:
    """The runs of the address, in its order; without any, the newest with a result."""
    by_id = {run.id: run for run in runs}
    if RUNS.value is None:
        return [run for run in readable_runs(runs) if run.summary][:SELECTED_AT_FIRST]
    return [by_id[run_id] for run_id in RUNS.value if run_id in by_id]


def select_runs(ids: Sequence[str]) -> None:
    """Put a selection of runs into the address; an empty one is kept, too."""
    RUNS.set(tuple(dict.fromkeys(ids))[:MOST_RUNS])


def styles_of(runs: Sequence[Run]) -> dict[str, RunStyle]:
    """The look of each of the chosen runs in all charts and lists, by id."""
    styles = run_styles([run.color for run in runs])
    return {run.id: style for run, style in zip(runs, styles, strict=True)}


def run_parameter_count(run: Run) -> int:
    """Number of parameters of a run's network; computed only where no result says it."""
    return run.summary.parameters if run.summary else parameter_count(run.spec)


def show_run_picker(runs: Sequence[Run | DamagedRun], selected: Sequence[Run | DamagedRun]) -> None:
    """The chosen runs as chips, and all runs in a table that opens."""
    names, styles = run_names(), styles_of(readable_runs(selected))
    run_picker(
        [
            _row(run, names, styles) if isinstance(run, Run) else _damaged_row(run, names)
            for run in runs
        ],
        [run.id for run in selected],
        ORDER.value,
        ORDERS,
        MOST_RUNS,
        key="compare.picker",
        on_choose=select_runs,
        on_order=ORDER.set,
    )


def _row(run: Run, names: Mapping[str, str], styles: Mapping[str, RunStyle]) -> Row:
    summary, test, spec = run.summary, run.test_accuracy, run.spec
    training = summary.train_accuracy if summary else None
    style = styles.get(run.id) or run_styles([run.color])[0]
    texts = (names[run.id], run.name, STATE_WORDS[run.state], *run.user.tags,
             run.user.notes, spec.network.kind, spec.training.optimizer,
             spec.network.activation)  # fmt: skip
    return Row(
        id=run.id,
        name=names[run.id],
        color=style.color,
        glyph=style.glyph,
        state=STATE_WORDS[run.state],
        pinned=run.user.pinned,
        accuracy=test,
        accuracy_text="–" if test is None else accuracy_text(test),
        training="–" if training is None else f"{percent_text(training)} %",
        parameters=run_parameter_count(run),
        epochs=summary.epochs if summary else None,
        seconds=summary.seconds if summary else None,
        seconds_text=duration(summary.seconds) if summary else "–",
        created=run.created_at.timestamp(),
        tags=run.user.tags,
        notes=run.user.notes,
        search=" ".join(texts).lower(),
    )


def _damaged_row(run: DamagedRun, names: Mapping[str, str]) -> Row:
    state = STATE_WORDS[run.state]
    return Row(
        id=run.id,
        name=names[run.id],
        color="",
        glyph="",
        state=state,
        pinned=False,
        accuracy=None,
        accuracy_text="–",
        training="–",
        parameters=None,
        epochs=None,
        seconds=None,
        seconds_text="–",
        created=None,
        tags=(),
        notes=run.reason,
        search=f"{names[run.id]} {state}".lower(),
    )
