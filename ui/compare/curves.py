"""Learning curves, settings and costs of the selected runs."""

from __future__ import annotations

import streamlit as st

from fmnist_core.figures.comparison import SPLIT_NAMES, Axis, NamedEvents, Split, run_curves
from fmnist_core.figures.costs import Cost, cost_chart, parallel_chart
from fmnist_core.figures.theme import themed_json
from fmnist_core.runs import Run
from fmnist_core.runs.identity import identity_of
from fmnist_core.runs.settings_table import side_by_side
from fmnist_core.specs import multiply_adds, steps_per_epoch
from ui.cache import run_names
from ui.compare.run_table import run_parameter_count, styles_of
from ui.compare.view_state import (
    AXES,
    AXIS,
    COST,
    COSTS,
    DIFFERENCES_ONLY,
    MOST_SMOOTHING,
    SMOOTHING,
    SPLITS,
)
from ui.components.chart import chart
from ui.components.choice import choice
from ui.components.plain_table import plain_table
from ui.services import store
from ui.theme import is_dark

PARALLEL_FROM = 5
_SPLIT_SENTENCES: dict[Split, str] = {
    "test": "Thick lines are test pictures.",
    "validation": "Thin lines with open markers are validation pictures.",
    "train": "Thin lines without markers are the accuracy while training: Keras's running mean "
    "over an epoch, with dropout at work.",
}


def show_curves(runs: list[Run]) -> None:
    """Learning curves of the selected runs: accuracy above loss, with one hover for both."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_curve_tools"):
        choice(
            "Pictures",
            tuple(SPLIT_NAMES),
            SPLITS.value,
            key="compare.splits",
            on_choose=lambda splits: SPLITS.set(tuple(splits)),
            words=lambda split: SPLIT_NAMES[split].capitalize(),
            look="pills",
            multiple=True,
            show_label=True,
            width="content",
        )
        AXIS.choose("Along", tuple(AXES), words=AXES, show_label=True)
        st.slider(
            "Smoothing", 0, MOST_SMOOTHING, step=5, format="%d %%", width=220, **SMOOTHING.widget(),
            help="A moving average calms the curves. The numbers under the pointer stay exact.",
        )  # fmt: skip
    named_events = named_events_of(runs)
    epoch_stamps = tuple(
        (run.id, len(epochs), epochs[-1].at if epochs else 0.0)
        for run, epochs in zip(runs, (named.events.epochs for named in named_events), strict=True)
    )
    shown_names = tuple(named.name for named in named_events)
    smoothing = SMOOTHING.value / 100
    chart(
        _curves_json(
            epoch_stamps, shown_names, SPLITS.value, AXIS.value, smoothing, is_dark(), named_events
        ),
        key="compare.curves",
        height=560,
        label="Accuracy and loss of the selected runs",
    )
    sentences = [_SPLIT_SENTENCES[split] for split in SPLIT_NAMES if split in SPLITS.value]
    st.caption(" ".join(sentences))


def named_events_of(runs: list[Run]) -> list[NamedEvents]:
    """What the charts of the selected runs need of each: its name, look and events."""
    names, styles = run_names(), styles_of(runs)
    return [
        NamedEvents(
            names[run.id],
            styles[run.id],
            store().events(run.id),
            steps_per_epoch(run.spec.training),
        )
        for run in runs
    ]


@st.cache_resource(show_spinner=False, max_entries=64)
def _curves_json(
    epoch_stamps: tuple[tuple[str, int, float], ...],
    names: tuple[str, ...],
    splits: tuple[Split, ...],
    axis: Axis,
    smoothing: float,
    dark: bool,
    _named_events: list[NamedEvents],
) -> str:
    """The chart of learning curves as JSON, cached for all sessions by runs and epochs."""
    return themed_json(run_curves(_named_events, splits, axis, smoothing), dark)


def show_settings(runs: list[Run]) -> None:
    """Configurations of the selected runs side by side."""
    st.toggle("Only what differs", **DIFFERENCES_ONLY.widget(len(runs) > 1))
    differences_only = len(runs) > 1 if DIFFERENCES_ONLY.value is None else DIFFERENCES_ONLY.value
    rows = side_by_side([identity_of(run) for run in runs], differences=differences_only)
    if not rows:
        st.info("These runs have the same configuration in every setting.")
        return
    names, styles = run_names(), styles_of(runs)
    plain_table(
        {"Setting": list(rows)}
        | {
            names[run.id]: [row[column] for row in rows.values()] for column, run in enumerate(runs)
        },
        label="The configurations of the selected runs side by side",
        marks={names[run.id]: (styles[run.id].color, styles[run.id].glyph) for run in runs},
    )


def show_costs(selected: list[Run]) -> None:
    """Test accuracy against a cost, and from five runs on, against the settings."""
    runs = [run for run in selected if run.test_accuracy is not None]
    COST.choose("Against", tuple(COSTS), words=COSTS, show_label=True)
    cost = COST.value
    titles = {
        "parameters": ("Parameters", "parameters"),
        "time": ("Training time, s", "s of training"),
        "arithmetic": ("FLOPs for one picture", "FLOPs for one picture"),
    }
    names, styles = run_names(), styles_of(selected)
    costs = [
        Cost(names[run.id], styles[run.id], run.test_accuracy or 0.0, _cost_value(run, cost))
        for run in runs
    ]
    chart(
        cost_chart(costs, *titles[cost], is_dark()),
        key=f"compare.cost.{cost}",
        height=460,
        label=f"Test accuracy of the selected runs against {titles[cost][0].lower()}",
    )
    st.caption(
        "On the dashed line are the best for the cost: no other selected run is both cheaper and "
        "better. A multiplication with its addition counts as two FLOPs (floating-point "
        "operations); only the forward pass is counted."
    )
    if len(runs) >= PARALLEL_FROM:
        st.subheader("Settings and accuracy", anchor=False)
        columns = [
            ("Parameters", [float(run_parameter_count(run)) for run in runs]),
            ("Learning rate", [run.spec.training.learning_rate for run in runs]),
            ("Batch size", [float(run.spec.training.batch_size) for run in runs]),
            ("Epochs", [float(run.spec.training.epochs) for run in runs]),
            ("Pictures", [float(run.spec.training.train_pictures) for run in runs]),
            ("Label noise", [run.spec.training.label_noise for run in runs]),
        ]
        chart(
            parallel_chart(columns, [run.test_accuracy or 0.0 for run in runs], is_dark()),
            key="compare.parallel",
            height=380,
            label="Settings of the selected runs and their test accuracy, a line for each run",
            # The names of the settings need a place each.
            least_width=640,
        )
        st.caption("Drag along an axis to keep only some of the lines.")


def _cost_value(run: Run, cost: str) -> float:
    if cost == "parameters":
        return float(run_parameter_count(run))
    if cost == "time":
        return run.summary.seconds if run.summary else 0.0
    return 2.0 * multiply_adds(run.spec)
