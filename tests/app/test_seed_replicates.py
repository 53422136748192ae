"""The button that trains a run again with other seeds, as Mistakes offers it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned

from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.seed_replicates import next_replicates
from ui import rights


@pytest.fixture
def run(store: RunStore, data: Dataset) -> Run:
    return learned(store, np.asarray(data.test_labels), 2, seed=3, name="Mine")


def queued(store: RunStore) -> dict[int, str]:
    return {one.spec.training.seed: one.name for one in store.list() if one.state == "queued"}


def test_one_click_queues_two_runs_with_the_next_unused_seeds(
    visit: Visit, store: RunStore, data: Dataset, run: Run
) -> None:
    learned(store, np.asarray(data.test_labels), 5, seed=4, name="Of another configuration")
    visit.open("mistakes", run=run.id, view="luck")
    # Two epochs of four seconds, twice: of a training a few seconds long no more is known.
    (button,) = [one for one in visit.app.button if one.label.startswith("Train it twice more")]
    assert button.label == "Train it twice more with other seeds, about 16 s"
    button.click()
    visit.run()
    assert queued(store) == {4: "Mine, seed 4", 5: "Mine, seed 5"}
    assert "Mine, seed 4: " in visit.text()
    assert "Mine, seed 5: " in visit.text()
    assert visit.text().count("Watch") >= 2
    assert not [one for one in visit.app.button if one.label.startswith("Train it twice")]


def test_a_second_click_starts_nothing_more(visit: Visit, store: RunStore, run: Run) -> None:
    visit.open("mistakes", run=run.id, view="luck")
    other = Visit()
    other.open("mistakes", run=run.id, view="luck")
    for tab in (visit, other):
        (button,) = [one for one in tab.app.button if one.label.startswith("Train it twice more")]
        button.click()
        tab.run()
    assert sorted(queued(store)) == [4, 5]


def test_seeds_below_the_own_one_follow_where_none_is_left_above(
    store: RunStore, data: Dataset
) -> None:
    last = learned(store, np.asarray(data.test_labels), 1, seed=2**31 - 2)
    learned(store, np.asarray(data.test_labels), 1, seed=0)
    specs = next_replicates(last, store.list(), 3)
    assert [spec.training.seed for spec in specs] == [2**31 - 1, 1, 2]


def test_a_run_that_was_changed_while_it_trained_is_not_repeated(
    visit: Visit, store: RunStore, run: Run
) -> None:
    file = run.path / "run.json"
    record = json.loads(file.read_text())
    record["rates"] = [{"position": 0.5, "multiplier": 3.0}]
    file.write_text(json.dumps(record))
    visit.open("mistakes", run=run.id, view="luck")
    assert "another seed would not repeat that" in visit.text()
    assert not [one for one in visit.app.button if one.label.startswith("Train it")]


def test_who_may_only_look_is_not_offered_a_training(
    visit: Visit, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "actor", lambda: Actor("somebody", False))
    visit.open("mistakes", run=run.id, view="luck")
    assert rights.LOOKING_ON in visit.text()
    assert not [one for one in visit.app.button if one.label.startswith("Train it")]
