"""A run that was changed while it trained bears a badge wherever it is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned

from fmnist_core.dataset import Dataset
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from ui.train.code import KEY as CODE

BADGED = "A changed one (rate changed)"


@pytest.fixture
def run(store: RunStore, data: Dataset) -> Run:
    """A finished run whose learning rate was changed in its first epoch."""
    made = learned(store, np.asarray(data.test_labels), 3, name="A changed one")
    path = made.path / "run.json"
    record = json.loads(path.read_text())
    record["rates"] = [{"position": 0.5, "multiplier": 10.0}]
    path.write_text(json.dumps(record))
    return store.get(made.id)


def words(visit: Visit) -> str:
    """Everything on the page, what our components and tables show included."""
    kinds = (
        "choice",
        "chart",
        "live_chart",
        "live_part",
        "confusion_matrix",
        "gallery",
        "run_picker",
    )
    parts = [json.dumps(data, ensure_ascii=False) for k in kinds for _, data in visit.components(k)]
    return "\n".join([visit.text(), *parts])


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("overview", {}),
        ("train", {"run": "{id}"}),
        ("train", {"new": "1"}),
        ("compare", {"view": "curves"}),
        ("compare", {"view": "settings"}),
        ("compare", {"view": "costs"}),
        ("compare", {"view": "seeds"}),
        ("mistakes", {}),
        ("mistakes", {"picture": "17", "about": "others"}),
        ("explore", {"view": "map"}),
        ("explore", {"picture": "17", "close": "1", "about": "runs"}),
    ],
    ids=str,
)
def test_it_is_named_with_its_badge(
    visit: Visit, run: Run, store: RunStore, page: str, address: dict[str, str]
) -> None:
    visit.open(page, **{key: value.format(id=run.id) for key, value in address.items()})
    found = words(visit)
    assert BADGED in found
    # And nowhere without it.
    assert found.count(run.name) == found.count(BADGED)


def test_its_configuration_and_its_script_say_what_was_changed(visit: Visit, run: Run) -> None:
    visit.open("compare", runs=run.id, view="settings")
    (table,) = visit.tables()
    changes = dict(zip(table["Setting"], table[BADGED], strict=True))
    assert changes["Changed while it trained"] == "learning rate × 10 after 0.5 epochs"
    visit.open("train", run=run.id)
    visit.app.session_state[CODE] = True
    visit.app.run()
    (script,) = [code.value for code in visit.app.code]
    assert "RATE_CHANGES = [(" in script


def test_it_is_no_step_of_the_ladder(visit: Visit, store: RunStore, data: Dataset) -> None:
    labels = np.asarray(data.test_labels)
    made = learned(store, labels, 5, name="Simple", spec=PRESETS["Simple network"])
    visit.open("overview")
    visit.choose("Step", "1 · Simple network")
    assert "It gets **" in visit.text()
    path = made.path / "run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"rates": [{"position": 0.5, "multiplier": 10.0}]}))
    visit.open("overview")
    visit.choose("Step", "1 · Simple network")
    assert "It gets **" not in visit.text()
    assert "All six, " in visit.text()
