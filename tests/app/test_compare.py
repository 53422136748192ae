"""Compare: what is chosen, named, deleted, and said about two runs."""

from __future__ import annotations

import json

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import damaged, done
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.portable import export_run

VIEWS = ("curves", "settings", "costs", "pair", "seeds", "together")


@pytest.fixture
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


@pytest.fixture
def runs(store: RunStore, labels: np.ndarray) -> list[Run]:
    """Three seeds of one network, and another network."""
    same = [learned(store, labels, 3, seed=seed, name=f"Seed {seed}") for seed in (1, 2, 3)]
    return [*same, done(store, labels, PRESETS["LeNet"], name="A LeNet")]


@pytest.mark.parametrize("view", VIEWS)
def test_each_part_opens_by_its_address(visit: Visit, runs: list[Run], view: str) -> None:
    visit.open("compare", view=view)
    assert not visit.app.error
    assert not visit.app.warning


@pytest.mark.parametrize("view", VIEWS)
def test_each_part_bears_one_run_and_a_damaged_one(
    visit: Visit, store: RunStore, labels: np.ndarray, view: str
) -> None:
    run = done(store, labels)
    broken = damaged(store)
    visit.open("compare", view=view, runs=f"{run.id},{broken.id}")
    assert not visit.app.error


def test_runs_in_the_address_are_chosen_and_nonsense_counts_as_absent(
    visit: Visit, runs: list[Run]
) -> None:
    visit.open("compare", runs=f"{runs[0].id},../../etc/passwd,{'0' * 32}")
    assert "4 of 4 runs, 1 chosen" in visit.text()
    visit.open("compare", runs="none")
    assert "0 chosen" in visit.text()
    assert "Tick one run" in visit.text()


def test_search_finds_names_tags_and_optimizers(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    store.describe(runs[0].id, tags=["promising"], by=Actor.owner())
    for words, count in (("lenet", 1), ("promising", 1), ("adam seed", 3), ("nowhere", 0)):
        visit.open("compare")
        visit.app.text_input(key="compare.search").set_value(words)
        visit.run()
        assert f"{count} of 4 runs" in visit.text()


def test_a_pinned_run_stands_first(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    visit.open("compare", runs=runs[0].id)
    visit.button("Pin").click()
    visit.run()
    assert store.get(runs[0].id).user.pinned
    (table,) = [frame for frame in visit.app.dataframe if "Run" in frame.value.columns]
    assert table.value["Run"].iloc[0].startswith("★ Seed 1")
    assert visit.button("Unpin")


def test_a_delete_can_be_taken_back(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    visit.open("compare", runs=f"{runs[0].id},{runs[1].id}")
    visit.button("Delete now").click()
    visit.run()
    assert len(store.list()) == 2
    assert "Deleted: Seed 1" in visit.text()
    while buttons := visit.buttons("Undo"):
        buttons[0].click()
        visit.run()
    assert len(store.list()) == 4


def listed_names(visit: Visit) -> list[str]:
    (table,) = [frame for frame in visit.app.dataframe if "Run" in frame.value.columns]
    return [text.rsplit(" · ", 1)[0] for text in table.value["Run"]]


def test_a_damaged_run_is_listed_last_found_and_deleted_by_clicks(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    broken = damaged(store)
    store.pin(runs[0].id, by=Actor.owner())
    store.describe(runs[0].id, tags=["good"], by=Actor.owner())
    for order in ("newest", "best", "small", "quick"):
        visit.open("compare", order=order)
        assert listed_names(visit)[-1] == broken.name, order
    visit.open("compare", order="name")
    assert listed_names(visit) == ["★ Seed 1", "A LeNet", broken.name, "Seed 2", "Seed 3"]
    states = visit.app.multiselect(key="compare.states")
    states.set_value(["damaged"])
    visit.run()
    assert listed_names(visit) == [broken.name]
    visit.app.multiselect(key="compare.tags").set_value(["good"])
    visit.run()
    assert "No run fits the search" in visit.text()
    visit.open("compare", runs=f"{broken.id},{runs[1].id}")
    assert "5 of 5 runs, 2 chosen" in visit.text()
    visit.button("Delete now").click()
    visit.run()
    assert store.scan() == ([run for run in store.list() if run.id != runs[1].id], [])
    assert f"Deleted: {broken.name}" in visit.text()
    while buttons := visit.buttons("Undo"):
        buttons[0].click()
        visit.run()
    assert [run.id for run in store.scan().damaged] == [broken.id]


def test_a_tick_that_comes_after_the_order_was_changed_shows(visit: Visit, runs: list[Run]) -> None:
    """The browser tells of a tick a moment late; the table may be another one by then."""
    visit.open("compare", runs=f"{runs[0].id},{runs[1].id}")
    table = visit.app.dataframe[0]
    rows = [runs[::-1].index(run) for run in (runs[0], runs[1], runs[3])]
    tick = WidgetState(
        id=table.proto.id,
        string_value=json.dumps({"selection": {"rows": rows, "columns": [], "cells": []}}),
    )
    ((sorted_by, _),) = [one for one in visit.components("choice") if one[1]["label"] == "Sorted"]
    order = WidgetState(
        id=sorted_by, json_value=json.dumps({"chosen": {"count": 9, "value": ["name"]}})
    )
    # The order first, and the tick with the next request.
    visit.app._run(WidgetStates(widgets=[order]))
    in_order = visit.app.dataframe[0].proto.id
    visit.app._run(WidgetStates(widgets=[order, tick]))
    assert set(visit.app.query_params["runs"].split(",")) == {runs[i].id for i in (0, 1, 3)}
    table = visit.app.dataframe[0]
    # Once it is there, a table in the browser keeps its own ticks.
    assert table.proto.id not in (in_order, tick.id)
    chosen = json.loads(table.proto.selection_default)["selection"]["rows"]
    assert len(chosen) == 3


def test_what_goes_is_named_and_was_ticked(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    """Without a choice of the visitor the newest runs are shown, and not up for deletion."""
    visit.open("compare")
    assert "4 chosen" in visit.text()
    assert not visit.buttons("Delete now")
    assert "nobody has ticked any" in visit.text()
    assert visit.button("Pin").disabled
    active = store.create(PRESETS["LeNet"], name="Not yet", by=Actor.owner())
    visit.open("compare", runs=",".join(run.id for run in (*runs[:2], active)))
    assert "What trains or waits stays" in visit.text()
    for run in runs[:2]:
        assert run.name in visit.text()
    visit.button("Delete now").click()
    visit.run()
    assert {run.id for run in store.list()} == {active.id, *(run.id for run in runs[2:])}


def test_what_is_refused_saves_nothing_and_says_so(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    visit.open("compare", runs=runs[0].id)
    fields = {field.label: field for field in visit.app.text_input}
    fields["Name"].set_value("Another name")
    fields["Tags, with commas between"].set_value(",".join(map(str, range(13))))
    visit.button("Save").click()
    visit.run()
    assert "Nothing was saved. A run has at most 12 tags, not 13." in visit.text()
    assert store.get(runs[0].id).user == runs[0].user


def test_an_import_happens_once_for_one_file(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    """It must not happen again because the file still stands in its field."""
    content = export_run(store, runs[0].id)
    visit.open("compare")
    visit.app.file_uploader[0].upload("run.zip", content, "application/zip")
    visit.run()
    assert "This run is here already." in visit.text()
    assert not visit.app.file_uploader[0].value
    store.delete(runs[0].id, by=Actor.owner())
    visit.run()
    visit.run()
    assert runs[0].id not in {run.id for run in store.list()}
    assert [run.id for run in store.deleted()] == [runs[0].id]


def test_a_run_is_renamed_tagged_and_noted(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    visit.open("compare", runs=runs[0].id)
    fields = {field.label: field for field in visit.app.text_input}
    fields["Name"].set_value("The good one")
    fields["Tags, with commas between"].set_value("good, later")
    visit.app.text_area[0].set_value("look again")
    visit.button("Save").click()
    visit.run()
    user = store.get(runs[0].id).user
    assert (user.name, user.tags, user.notes) == ("The good one", ("good", "later"), "look again")


def test_two_runs_in_depth_say_whether_one_is_better(visit: Visit, runs: list[Run]) -> None:
    visit.open("compare", view="pair", a=runs[3].id, b=runs[0].id)
    assert "this trained network B is better on these pictures" in visit.text()
    assert "p < 0.0001" in visit.text()
    visit.open("compare", view="pair", a=runs[0].id, b=runs[3].id)
    assert "this trained network A is better on these pictures" in visit.text()
    assert "corrected for all 6 pairs of the chosen runs (Holm)" in visit.text()
    (pairs,) = [frame.value for frame in visit.app.dataframe if "p (Holm)" in frame.value.columns]
    assert len(pairs) == 6
    visit.open("compare", runs=f"{runs[0].id},{runs[3].id}", view="pair")
    assert "Holm" not in visit.text()


def test_what_two_seeds_differ_by_is_called_chance(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    """The pictures tell the two trained networks apart, and say nothing about the configuration."""
    one = learned(store, labels, 3, seed=1)
    other = learned(store, labels, 3, seed=2, perfect=(4, 6))
    visit.open("compare", view="pair", a=one.id, b=other.id)
    assert "B is better on these pictures" in visit.text()
    assert "but **by chance**. Both are one configuration" in visit.text()


def test_seeds_are_grouped_and_an_ensemble_says_what_it_gains(
    visit: Visit, runs: list[Run]
) -> None:
    visit.open("compare", view="seeds")
    table = next(frame.value for frame in visit.app.dataframe if "Runs" in frame.value.columns)
    assert sorted(table["Runs"]) == [1, 3]
    visit.open("compare", view="together")
    assert "All 4 together" in visit.text()
    assert "points" in visit.text()
