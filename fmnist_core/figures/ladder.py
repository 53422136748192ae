"""The ladder: training and test accuracy from step to step, as HTML that fits every width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fmnist_core.analysis.metrics import Interval, percent_text
from fmnist_core.presets.references import HUMAN, NETWORKS, Published
from fmnist_core.text import for_html

# The axis in percent. All steps and references lie on it, and below 80 % there is nothing to see.
_LOWEST, _HIGHEST, _TICK = 80, 100, 5
_LABEL = "Training and test accuracy of the six steps"
_MEANINGS = {
    "test": "Test pictures, with the 95 % interval",
    "train": "Training pictures",
    "gap": "The gap shows overfitting",
    "expected": "Not trained yet: what to expect",
}


class Rung(NamedTuple):
    """A step of the ladder as the chart shows it.

    Attributes:
        step: its number, from 1.
        name: of the preset.
        facts: parameters and time, as text.
        result: the test accuracy as text, or what there is instead.
        train, test: accuracies with their intervals; ``None`` was not measured (yet).
        expected: the test accuracy to expect, 0 to 1, of a step that has none.
        live: whether its training still goes on.
    """

    step: int
    name: str
    facts: str
    result: str
    train: Interval | None = None
    test: Interval | None = None
    expected: float | None = None
    live: bool = False


def ladder_html(rungs: Sequence[Rung], opened: int) -> str:
    """The ladder: a row a step, a button each, over an axis from 80 to 100 %.

    Args:
        rungs: the steps in order.
        opened: the step whose changes are shown, from 1.

    Returns:
        A ``div`` without colours of its own: its classes begin with ``fm-ladder``, its lengths are
        shares of the axis in percent.
    """
    rows = "".join(f"<li>{_row(rung, rung.step == opened)}</li>" for rung in rungs)
    return (
        f'<div class="fm-ladder" role="group" aria-label="{_LABEL}">{_legend()}{_reference_names()}'
        f"<ol>{rows}</ol>{_axis()}</div>"
    )


def _row(rung: Rung, opened: bool) -> str:
    state = "live" if rung.live else "measured" if rung.test else "untrained"
    return (
        f'<button type="button" class="fm-ladder-row fm-ladder-{state}" data-step="{rung.step}" '
        f'aria-pressed="{str(opened).lower()}">'
        f'<span class="fm-ladder-step"><b>{rung.step} · {for_html(rung.name)}</b>'
        f"<small>{for_html(rung.facts)}</small></span>"
        f'<span class="fm-ladder-track" aria-hidden="true">{_lines()}{_marks(rung)}</span>'
        f'<span class="fm-ladder-result">{for_html(rung.result)}</span>'
        f'<span class="fm-ladder-spoken">{for_html(_spoken(rung))}</span></button>'
    )


def _lines() -> str:
    """The lines of the references, each row its part of them."""
    return "".join(
        f'<i class="fm-ladder-line{" fm-ladder-people" if entry is HUMAN else ""}" '
        f'style="left:{_place(entry.accuracy)}"></i>'
        for entry in (HUMAN, *NETWORKS)
    )


def _marks(rung: Rung) -> str:
    if rung.test is None:
        if rung.expected is None:
            return ""
        return f'<i class="fm-ladder-expected" style="left:{_place(rung.expected)}"></i>'
    marks = ""
    if rung.train is not None:
        marks = (
            _bar("gap", *sorted((rung.test.value, rung.train.value)))
            + f'<i class="fm-ladder-train" style="left:{_place(rung.train.value)}" '
            f'title="{_interval_text("Training pictures", rung.train)}"></i>'
        )
    return (
        f"{marks}{_bar('interval', rung.test.low, rung.test.high)}"
        f'<i class="fm-ladder-test" style="left:{_place(rung.test.value)}" '
        f'title="{_interval_text("Test pictures", rung.test)}"></i>'
    )


def _bar(name: str, low: float, high: float) -> str:
    left, right = _percent(low), _percent(high)
    return f'<i class="fm-ladder-{name}" style="left:{left:.2f}%;width:{right - left:.2f}%"></i>'


def _spoken(rung: Rung) -> str:
    """What the marks show, for who hears the page; the result stands beside them already."""
    if rung.train is None or rung.test is None:
        return ""
    return (
        f", {percent_text(rung.train.value)} % of the training pictures, "
        f"{_points(rung.train, rung.test)}"
    )


def _points(train: Interval, test: Interval) -> str:
    points = 100 * (train.value - test.value)
    return f"{abs(points):.1f} percentage points {'more' if points >= 0 else 'fewer'}"


def _legend() -> str:
    """What the marks mean; all of them at once, so that nothing moves when the first is drawn."""
    items = "".join(
        f'<li><i class="fm-ladder-{name}"></i>{text}</li>' for name, text in _MEANINGS.items()
    )
    return f'<ul class="fm-ladder-legend">{items}</ul>'


def _reference_names() -> str:
    """The names above the lines of the references, in two rows, so that neighbours have room."""
    names = "".join(
        f'<span class="fm-ladder-name" style="left:{_place(entry.accuracy)}">'
        f"{_reference_text(entry)}</span>"
        for entry in (HUMAN, *NETWORKS)
    )
    return f'<div class="fm-ladder-references"><span class="fm-ladder-track">{names}</span></div>'


def _reference_text(entry: Published) -> str:
    return f"{for_html(entry.name)} <b>{100 * entry.accuracy:.1f} %</b>"


def _axis() -> str:
    ticks = "".join(
        f'<span style="left:{_place(percent / 100)}">{percent} %</span>'
        for percent in range(_LOWEST, _HIGHEST + 1, _TICK)
    )
    return (
        f'<div class="fm-ladder-axis" aria-hidden="true"><span class="fm-ladder-track">{ticks}'
        "</span></div>"
    )


def _interval_text(name: str, interval: Interval) -> str:
    low, high = 100 * interval.low, 100 * interval.high
    return f"{name}: {100 * interval.value:.2f} %, 95 % interval {low:.1f} to {high:.1f}"


def _place(share: float) -> str:
    return f"{_percent(share):.2f}%"


def _percent(share: float) -> float:
    """The place of an accuracy on the axis, in percent of its length; never before its start."""
    return 100 * max(0.0, 100 * share - _LOWEST) / (_HIGHEST - _LOWEST)
