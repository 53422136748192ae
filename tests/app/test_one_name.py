"""One name means one thing: two numbers under one name on a screen are equal."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned

from fmnist_core.dataset import Dataset
from fmnist_core.runs import Run, RunStore

# The curve of an accuracy: what its last point is called elsewhere.
TRACES = {
    "Test": "Test accuracy",
    "Validation": "Validation accuracy",
    "While training": "Accuracy while training",
}
# The keys of what the list of runs is given, and the headings of tables.
LISTED = {"accuracy_text": "Test accuracy", "training": "Training accuracy"}
COLUMNS = {"Mean test accuracy": "Test accuracy"}
SENTENCES = {
    "Test accuracy": r"(?:gets|names) \**(\d+\.\d) %",
    "Mistakes": r"([\d,]+)\** (?:it gets wrong|wrong)",
}
PAGES: list[tuple[str, dict[str, str]]] = [
    ("overview", {}),
    ("train", {"run": "{id}"}),
    *(("compare", {"view": view}) for view in ("curves", "settings", "costs", "seeds")),
    *(("mistakes", {"view": view}) for view in ("pictures", "classes", "sure", "luck", "verdicts")),
    ("mistakes", {"epoch": "2"}),
]


@pytest.fixture
def run(store: RunStore, data: Dataset) -> Run:
    """The only run there is, so that every figure is about it."""
    return learned(store, np.asarray(data.test_labels), 4, name="The only one")


def percent(shown: object) -> float | None:
    found = re.match(r"(\d+(?:\.\d+)?)(?: %|$)", str(shown))
    return round(float(found[1]), 1) if found else None


def figures(visit: Visit) -> dict[str, set[float]]:
    """Every number on the page by the name that it stands under."""
    found: dict[str, set[float]] = defaultdict(set)

    def note(name: str, shown: object) -> None:
        if (value := percent(shown)) is not None:
            found[name].add(value)

    for name, metric in visit.metrics().items():
        note(name, metric.value)
    for _, data in [*visit.components("chart"), *visit.components("live_chart")]:
        if not data["label"].startswith("Accuracy over"):
            continue
        for trace in json.loads(data["figure"])["data"]:
            if trace.get("name") in TRACES and trace["y"]:
                note(TRACES[trace["name"]], round(trace["y"][-1], 1))
    for _, data in visit.components("run_picker"):
        for row in data["rows"]:
            for key, name in LISTED.items():
                note(name, row[key])
    for table in visit.tables():
        for column, name in COLUMNS.items():
            for value in table.get(column, ()):
                note(name, value)
    for name, pattern in SENTENCES.items():
        for shown in re.findall(pattern, visit.text()):
            note(name, shown.replace(",", ""))
    return found


@pytest.mark.parametrize(("page", "address"), PAGES, ids=str)
def test_numbers_of_one_name_are_equal(
    visit: Visit, run: Run, page: str, address: dict[str, str]
) -> None:
    visit.open(page, **{key: value.format(id=run.id) for key, value in address.items()})
    found = figures(visit)
    assert {name: values for name, values in found.items() if len(values) > 1} == {}


def test_what_is_compared_is_found(visit: Visit, run: Run) -> None:
    """The pages show the figures that the test above compares, and each more than once."""
    assert run.summary is not None
    visit.open("train", run=run.id)
    reached = round(100 * (run.summary.test_accuracy or 0), 1)
    found = figures(visit)
    assert found["Test accuracy"] == {reached}
    assert found["Training accuracy"] == {round(reached + 2, 1)}
    assert found["Accuracy while training"] == {round(reached - 3, 1)}
    assert visit.metrics()["Pictures a second"].value == f"{4 * 54_000 / run.summary.seconds:,.0f}"
    visit.open("compare")
    assert figures(visit)["Test accuracy"] == {reached}
    assert "Training accuracy" in figures(visit)
    visit.open("mistakes")
    assert figures(visit)["Test accuracy"] == {reached}
    wrong = 10_000 - round(10_000 * (run.summary.test_accuracy or 0))
    assert figures(visit)["Mistakes"] == {float(wrong)}
