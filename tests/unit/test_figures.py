"""Charts show exactly the numbers they are given."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from fmnist_core.colors import CLASS_COLORS, RUN_COLORS
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.comparison import NamedEvents, run_curves
from fmnist_core.figures.confusion import confusion_heatmap
from fmnist_core.figures.costs import Cost, cost_chart
from fmnist_core.figures.ensemble import Joined, ensemble_chart
from fmnist_core.figures.line_ends import spread_out
from fmnist_core.figures.probabilities import probability_bars
from fmnist_core.figures.run_style import run_styles
from fmnist_core.figures.theme import empty_figure, themed_json
from fmnist_core.figures.training import MOST_BATCH_POINTS, learning_curve, multiplier_text
from fmnist_core.runs import BatchEvent, EpochEvent, RateEvent, RunEvents
from fmnist_core.text import shortened

STYLES = run_styles(range(len(RUN_COLORS)))


def epoch(number: int, validation: float | None = 0.8, loss: float = 0.5) -> EpochEvent:
    return EpochEvent(
        epoch=number,
        elapsed=number * 2.0,
        at=0.0,
        seconds=2.0,
        learning_rate=0.001,
        images_per_second=1000.0,
        train_loss=0.6,
        train_accuracy=0.7,
        test_loss=0.55,
        test_accuracy=0.75,
        validation_loss=None if validation is None else loss,
        validation_accuracy=validation,
    )


def batch(position: float) -> BatchEvent:
    return BatchEvent(
        epoch=int(position) + 1, position=position, elapsed=1.0, at=0.0, loss=1.5, accuracy=0.4
    )


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def is_empty(figure: go.Figure) -> bool:
    return not figure.data and bool(figure.layout.annotations)


def test_curve_shows_accuracies_in_percent_and_losses_as_they_are() -> None:
    events = RunEvents([batch(0.5)], [epoch(1), epoch(2, validation=0.9)])
    accuracy = learning_curve(events, 5, "accuracy")
    assert list(named(accuracy, "Validation").y) == pytest.approx([80, 90])
    assert list(named(accuracy, "While training, as it goes").y) == pytest.approx([10, 40])
    loss = learning_curve(events, 5, "loss")
    assert list(named(loss, "Test").y) == pytest.approx([0.55, 0.55])
    assert named(loss, "While training, as it goes").y[0] == pytest.approx(np.log(10), abs=1e-4)


@pytest.mark.parametrize(
    ("position", "epochs", "end"),
    [(0, 5, 0.5), (0.5, 5, 0.5), (0.51, 5, 1), (2.2, 5, 3), (3.1, 4, 4), (150, 200, 200)],
)
def test_the_axis_of_epochs_grows_with_the_training(
    position: float, epochs: int, end: float
) -> None:
    figure = learning_curve(RunEvents([batch(position)] if position else []), epochs, "loss")
    assert list(figure.layout.xaxis.range) == pytest.approx([0, 1.06 * end])


def test_the_accuracy_is_shown_whole_beside_a_guess_until_it_is_well_above() -> None:
    low = learning_curve(RunEvents([batch(0.5)]), 5, "accuracy")
    assert list(low.layout.yaxis.range) == [0, 100]
    assert [note.text for note in low.layout.annotations] == ["A random guess: 10 %"]
    assert [list(trace.y) for trace in low.data if not trace.name] == [[10, 10]]
    high = learning_curve(RunEvents([batch(0.5)], [epoch(1)]), 5, "accuracy")
    assert list(high.layout.yaxis.range) == [50, 100]


def test_changed_learning_rate_is_marked_where_it_changed() -> None:
    rates = [RateEvent(1.5, 3.0, 0.0, 1 / 3), RateEvent(2.25, 5.0, 0.0, 1.0)]
    figure = learning_curve(RunEvents([batch(0.5)], [epoch(1), epoch(2)], rates), 5, "loss")
    assert [line.x0 for line in figure.layout.shapes] == [1.5, 2.25]
    texts = [note.text for note in figure.layout.annotations]
    assert texts == ["rate ÷ 3", "rate × 1"]
    assert multiplier_text(10.0) == "× 10"


def test_best_epoch_is_the_one_with_the_lowest_validation_loss() -> None:
    events = RunEvents([], [epoch(1, loss=0.5), epoch(2, loss=0.3), epoch(3, loss=0.4)])
    assert list(named(learning_curve(events, 3, "loss"), "Best epoch").x) == [2]


def test_without_validation_there_is_no_validation_curve_and_no_best_epoch() -> None:
    figure = learning_curve(RunEvents([], [epoch(1, validation=None)]), 5, "accuracy")
    drawn = [trace.name for trace in figure.data if len(trace.x) > 0 and trace.mode != "lines"]
    assert drawn == ["While training", "Test"]


def test_every_curve_says_which_events_add_to_it() -> None:
    figure = learning_curve(RunEvents(), 5, "accuracy")
    adding = {trace.meta["event"]: trace.meta["value"] for trace in figure.data if trace.name}
    assert adding == {
        "batch": "accuracy",
        "epoch": "test_accuracy",
        "best": "validation_accuracy",
    }
    line = named(figure, "While training, as it goes")
    assert (line.meta["begin"], list(line.x), list(line.y)) == (10, [0], [10])


@pytest.mark.parametrize("validates", [True, False])
def test_legend_says_from_the_start_what_will_come(validates: bool) -> None:
    def legend(events: RunEvents) -> list[str]:
        figure = learning_curve(events, 5, "accuracy", validates=validates)
        return [trace.name for trace in figure.data if trace.name and len(trace.x)]

    after = legend(RunEvents([batch(0.5)], [epoch(1, validation=0.8 if validates else None)]))
    assert legend(RunEvents()) == legend(RunEvents([batch(0.5)])) == after
    assert ("Validation" in after) == validates


def test_long_training_is_thinned_but_keeps_its_span() -> None:
    batches = [batch(place / 100) for place in range(10_000)]
    line = named(learning_curve(RunEvents(batches), 100, "accuracy"), "While training, as it goes")
    assert len(line.x) <= MOST_BATCH_POINTS + 1
    assert (line.x[0], line.x[-1]) == (0, 99.99)


def test_charts_without_data_say_so() -> None:
    curve = learning_curve(RunEvents(), 5, "accuracy")
    assert not any(any(trace.x) for trace in curve.data if trace.mode != "lines")
    assert [note.text for note in curve.layout.annotations] == [
        "A random guess: 10 %",
        "The curve begins with the first pictures.",
    ]
    assert is_empty(confusion_heatmap(np.zeros((10, 10), np.int64)))
    assert is_empty(run_curves([]))
    none = NamedEvents("a", STYLES[0], RunEvents([], [epoch(1, None)]), 844)
    assert is_empty(run_curves([none], ["validation"]))
    assert is_empty(empty_figure("nothing"))


def test_heatmap_colours_mistakes_by_their_share_of_the_row_and_not_the_diagonal() -> None:
    matrix = np.zeros((10, 10), np.int64)
    matrix[6, 0], matrix[6, 6] = 25, 75
    figure = confusion_heatmap(matrix)
    mistakes = np.array(figure.data[0].z, dtype=float)
    assert mistakes[6, 0] == pytest.approx(0.25)
    assert np.isnan(np.diag(mistakes)).all()
    assert figure.data[0].text[6][0] == "25"
    assert figure.data[1].text[6][6] == "75"
    assert tuple(figure.data[0].x) == tuple(figure.data[0].y) == CLASS_NAMES


def test_bars_name_the_label_and_round_honestly() -> None:
    probabilities = np.zeros(10, np.float32)
    probabilities[[0, 6, 9]] = [0.9996, 0.0003, 0.0001]
    figure = probability_bars(probabilities, truth=6)
    bars = figure.data[0]
    assert bars.y[6] == "<b>Shirt</b> (label)"
    assert bars.text[0] == "100 %"
    assert bars.text[6] == "0 %"
    assert list(bars.marker.color) == list(CLASS_COLORS)


def test_curves_of_runs_keep_their_order_and_name() -> None:
    runs = [
        NamedEvents("one", STYLES[4], RunEvents([], [epoch(1)]), 844),
        NamedEvents("two", STYLES[2], RunEvents([], [epoch(1)]), 844),
    ]
    figure = run_curves(runs, ["test"], "step")
    assert [trace.name for trace in figure.data if trace.showlegend] == ["one", "two"]
    assert [trace.yaxis for trace in figure.data if trace.name] == ["y", "y2"] * 2
    assert list(figure.data[0].y) == pytest.approx([75])
    assert list(figure.data[0].x) == [844]
    assert figure.data[0].line.color == figure.data[1].line.color
    assert [figure.data[place].line.color for place in (0, 2)] == [RUN_COLORS[4], RUN_COLORS[2]]
    # The name of each stands at the end of its line, where a phone has a legend instead.
    for names in (figure.layout.yaxis3, figure.layout.yaxis4):
        assert [text.rsplit("</span> ")[1] for text in names.ticktext] == ["one", "two"]
        assert names.matches in ("y", "y2")
    assert figure.layout.showlegend is False
    assert figure.layout.meta["narrow"]["showlegend"]


def test_runs_of_one_colour_differ_in_dash_and_marker_and_keep_it() -> None:
    styles = run_styles([5, 5, 1, 5])
    assert {styles[place].color for place in (0, 1, 3)} == {RUN_COLORS[5]}
    assert len({(styles[place].dash, styles[place].symbol) for place in (0, 1, 3)}) == 3
    assert len({styles[place].symbol for place in (0, 1, 3)}) == 3
    # Whoever is chosen beside it, the first of a colour looks the same.
    assert run_styles([1, 5])[1] == styles[0]
    assert len(set(run_styles(range(len(RUN_COLORS))))) == len(RUN_COLORS)
    assert len({style.symbol for style in run_styles(range(len(RUN_COLORS)))}) == len(RUN_COLORS)


@pytest.mark.parametrize("count", [1, 2, 5, 16])
def test_names_at_the_ends_of_lines_keep_their_order_and_do_not_overlap(count: int) -> None:
    random = np.random.default_rng(count)
    for values in (random.uniform(80, 90, count), np.full(count, 89.9), np.full(count, 80.0)):
        places = spread_out(values.tolist(), (80, 90), 16)
        assert all(80 <= place <= 90 for place in places)
        in_order = np.array(places)[np.argsort(values, kind="stable")]
        assert (np.diff(in_order) >= 10 / 16 - 1e-9).all()
    assert spread_out([85.0], (80, 90), 16) == [85.0]
    assert spread_out([], (0, 1), 16) == []


def test_names_in_the_chart_of_costs_stand_beside_each_other() -> None:
    runs = [Cost(f"run {n}", STYLES[n], 0.85 + 0.01 * n, 10.0 ** (n + 3)) for n in range(4)]
    figure = cost_chart(runs, "Parameters", "parameters")
    assert {note.text for note in figure.layout.annotations} == {run.name for run in runs}
    # What has no room is told by the pointer alone.
    same = [Cost(f"the run number {n}", STYLES[n % 8], 0.85, 1_000.0) for n in range(12)]
    assert len(cost_chart(same, "Parameters", "parameters").layout.annotations) < 12
    assert is_empty(cost_chart([Cost("a", STYLES[0], 0.5, 0.0)], "Parameters", "parameters"))


def test_an_ensemble_says_what_each_run_brings() -> None:
    members = [
        Joined("a", STYLES[0], 0.9),
        Joined("b", STYLES[1], 0.912),
        Joined("c", STYLES[2], 0.91),
    ]
    (trace,) = ensemble_chart(members, 2).data
    assert [text.strip() for text in trace.text] == [
        "90.00 %",
        "91.20 % (+1.20)",
        "91.00 % (−0.20)",
    ]
    assert [symbol.endswith("-open") for symbol in trace.marker.symbol] == [False, False, True]


def test_look_follows_the_theme_and_leaves_figure_and_data_alone() -> None:
    figure = go.Figure(go.Scatter(x=[1], y=[2]))
    figure.update_xaxes(title="Epoch")
    light, dark = (go.Figure(json.loads(themed_json(figure, dark))) for dark in (False, True))
    assert light.layout.font.color != dark.layout.font.color
    assert light.layout.xaxis.title.text == "Epoch"
    assert light.layout.xaxis.automargin
    assert light.layout.yaxis.automargin
    assert (list(light.data[0].x), list(light.data[0].y)) == ([1], [2])
    assert light.data == dark.data
    assert figure.layout.font.color is None


def test_a_text_that_is_too_long_keeps_its_end() -> None:
    """Seeds of one network were all called "Wide network with dropout, se…" beside a chart."""
    assert shortened("Wide network with dropout, seed 4", 24) == "Wide network wi…, seed 4"
    assert shortened("short", 24) == "short"
