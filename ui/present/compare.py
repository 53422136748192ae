"""The scene of Compare: the accuracies of the selected runs."""

from __future__ import annotations

import plotly.graph_objects as go

from fmnist_core.analysis.metrics import accuracy_in_sentence
from fmnist_core.figures.comparison import NamedEvents, run_curves
from fmnist_core.figures.theme import themed_json
from fmnist_core.runs import Run
from ui.cache import run_names
from ui.compare.curves import named_events_of
from ui.compare.run_table import list_runs, readable_runs, selected_runs
from ui.components.chart import chart
from ui.present.scene import Scene
from ui.theme import is_dark


def scene() -> Scene:
    """The test accuracy of the selected runs over the epochs, and which of them is the best."""
    runs = readable_runs(selected_runs(list_runs()))
    named = named_events_of(runs)
    if not any(one.events.epochs for one in named):
        return Scene(
            "Nothing to compare yet",
            "End this with Esc, train a network, then another one, and select both.",
        )
    return Scene(
        "Which network is better?",
        _best(runs, run_names()),
        lambda: chart(
            themed_json(_accuracies(named), is_dark()),
            key="scene.runs",
            height="place",
            label="Test accuracy of the selected runs over the epochs",
        ),
    )


def _best(runs: list[Run], names: dict[str, str]) -> str:
    measured = [(run.test_accuracy, run) for run in runs if run.test_accuracy is not None]
    if not measured:
        return "None of them has finished yet."
    accuracy, best = max(measured, key=lambda pair: pair[0])
    of_all = f", the best of these {len(runs)}" if len(runs) > 1 else ""
    gets = f"{names[best.id]} gets {accuracy_in_sentence(accuracy)}"
    return f"{gets} of the test pictures right{of_all}."


def _accuracies(named: list[NamedEvents]) -> go.Figure:
    """The upper half of Compare's chart alone, with the names at the ends of its lines."""
    figure = run_curves(named)
    figure.data = [trace for trace in figure.data if trace.yaxis not in ("y2", "y4")]
    figure.update_layout(
        yaxis={"domain": [0, 1], "title": None},
        yaxis2=None,
        yaxis4=None,
        xaxis={"anchor": "y", "title": None},
    )
    return figure
