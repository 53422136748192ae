"""The drawing of the ladder, and how long its steps take."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from fmnist_core.analysis.duration import RunSpeed
from fmnist_core.analysis.metrics import Interval
from fmnist_core.figures.ladder import Rung, ladder_html
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import MEASURED
from fmnist_core.presets.references import HUMAN, NETWORKS
from ui.overview.estimates import presets_time_text

NAMES = list(PRESETS)
TEST, TRAIN = Interval(0.9, 0.89, 0.91), Interval(0.95, 0.94, 0.96)


def drawn(*rungs: Rung, opened: int = 1) -> ElementTree.Element:
    return ElementTree.fromstring(ladder_html(rungs, opened))


def styles(tree: ElementTree.Element, name: str) -> list[str]:
    rows = tree.find("ol")
    assert rows is not None
    return [part.get("style", "") for part in rows.iter("i") if part.get("class") == name]


def words(part: ElementTree.Element) -> str:
    return "".join(part.itertext())


def test_a_row_is_a_button_with_the_name_the_result_and_the_marks_at_their_places() -> None:
    tree = drawn(Rung(1, "LeNet", "61,706 parameters", "90.0 % ± 0.6", TRAIN, TEST))
    (button,) = tree.iter("button")
    assert button.get("data-step") == "1"
    assert button.get("aria-pressed") == "true"
    assert "1 · LeNet" in words(button)
    assert "90.0 % ± 0.6" in words(button)
    assert "95.0 % of the training pictures, 5.0 percentage points more" in words(button)
    # The axis goes from 80 to 100 %.
    assert styles(tree, "fm-ladder-test") == ["left:50.00%"]
    assert styles(tree, "fm-ladder-train") == ["left:75.00%"]
    assert styles(tree, "fm-ladder-gap") == ["left:50.00%;width:25.00%"]
    assert styles(tree, "fm-ladder-interval") == ["left:45.00%;width:10.00%"]


def test_what_was_not_trained_has_only_what_to_expect() -> None:
    tree = drawn(Rung(2, "LeNet", "", "about 89 % expected", expected=0.89))
    assert styles(tree, "fm-ladder-expected") == ["left:45.00%"]
    assert not styles(tree, "fm-ladder-test")
    assert [button.get("aria-pressed") for button in tree.iter("button")] == ["false"]


def test_a_network_worse_than_the_axis_stands_at_its_start() -> None:
    low = Interval(0.3, 0.29, 0.31)
    tree = drawn(Rung(1, "LeNet", "", "30.0 %", low, low))
    assert styles(tree, "fm-ladder-test") == ["left:0.00%"]
    assert styles(tree, "fm-ladder-gap") == ["left:0.00%;width:0.00%"]


def test_fewer_right_in_training_are_said_as_fewer() -> None:
    tree = drawn(Rung(1, "LeNet", "", "95.0 %", TEST, TRAIN))
    assert "5.0 percentage points fewer" in words(tree)
    assert styles(tree, "fm-ladder-gap") == ["left:50.00%;width:25.00%"]


def test_names_are_text_and_every_reference_has_its_name() -> None:
    html = ladder_html([Rung(1, "<b>&", "<i>", "<u>")], 1)
    assert "&lt;b&gt;&amp;" in html
    assert "<u>" not in html
    for entry in (HUMAN, *NETWORKS):
        assert f"{entry.name} <b>{100 * entry.accuracy:.1f} %</b>" in html


def test_every_preset_was_measured_and_each_was_better_than_the_one_before() -> None:
    assert list(MEASURED) == NAMES
    accuracies = [measured.accuracy for measured in MEASURED.values()]
    assert accuracies == sorted(accuracies)


def speed(name: str, times: float) -> RunSpeed:
    """A run of a preset that took so many times as long as where the presets were measured."""
    spec = PRESETS[name]
    return RunSpeed(spec, "here", times * MEASURED[name].seconds / spec.training.epochs, 0.0)


def test_before_any_run_another_computer_says_roughly_how_long_the_ladder_takes() -> None:
    assert presets_time_text(NAMES[:5], []) == "roughly 1 to 20 min"
    assert presets_time_text(NAMES, []).startswith("roughly ")


def test_what_was_trained_here_says_how_long_the_rest_takes() -> None:
    """A network alone once made *Best CNN* "no estimate yet"."""
    slow = [speed(name, 4.0) for name in NAMES[:5]]
    assert presets_time_text(NAMES[:1], slow) == "about 8 s"
    best = presets_time_text(NAMES[5:], slow)
    assert not best.startswith("roughly")
    low, high = best.split(" to ")
    # 81 minutes, as the other computer's 20 are multiplied by four.
    assert (low, high) == ("40 min", "3 h")


@pytest.mark.parametrize("count", range(1, 7))
def test_every_part_of_the_ladder_has_an_estimate(count: int) -> None:
    for speeds in ([], [speed("Fast CNN", 1.0)]):
        assert presets_time_text(NAMES[:count], speeds).endswith((" s", " min", " h"))
