"""Look inside without a browser: which runs, what the component gets, what its acts change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import streamlit as st
from app_visit import Visit
from made_histories import learned
from made_runs import SPEC, failed, report_epochs
from made_weights import made_weights

import ui.inspect.excitation
from fmnist_core import timeouts
from fmnist_core.dataset import PIXEL_COUNT, Dataset
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.task_types import TaskState
from ui.inspect.view_state import PHOTO
from ui.networks import NetworkAtEpoch
from ui.own_image import text_of

PIXELS = text_of(bytes(range(196)) * 4)
CHOICE = {"picture": 3, "pixels": "", "epoch": 2, "layer": "dense", "unit": 5}


@pytest.fixture
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


@pytest.fixture
def run(store: RunStore, labels: np.ndarray) -> Run:
    return learned(store, labels, 3)


def inside(visit: Visit) -> tuple[str, dict[str, Any]]:
    ((element, data),) = visit.components("inside")
    return element, data


def test_without_a_network_one_is_offered(visit: Visit, store: RunStore) -> None:
    visit.open("inside")
    assert "No network to look into yet" in visit.text()
    (button,) = [one for one in visit.app.button if "Train a simple network" in one.label]
    button.click()
    visit.run()
    assert [run.state for run in store.list()] == ["queued"]


def test_the_newest_network_and_the_first_picture_complete_the_address(
    visit: Visit, run: Run
) -> None:
    visit.open("inside")
    ((_, address),) = visit.components("address")
    assert address["wanted"] == {"run": run.id, "picture": "0"}
    _, data = inside(visit)
    assert [network["epoch"] for network in data["networks"]] == [1, 2, 3]
    assert data["result"] is None
    assert data["choice"] == {"picture": 0, "pixels": "", "epoch": None, "layer": "", "unit": None}
    assert len(data["wrong"]) == 200


def test_the_component_gets_what_the_address_says(visit: Visit, run: Run) -> None:
    address = {"picture": "3", "epoch": "2", "layer": "dense", "unit": "5"}
    visit.open("inside", run=run.id, **address)
    assert inside(visit)[1]["choice"] == CHOICE


def test_what_is_done_in_the_component_stands_in_the_address(visit: Visit, run: Run) -> None:
    visit.open("inside", run=run.id)
    element, _ = inside(visit)
    visit.act(element, "view", CHOICE)
    expected = {"run": run.id, "picture": "3", "epoch": "2", "layer": "dense", "unit": "5"}
    assert visit.app.query_params == expected
    assert inside(visit)[1]["choice"] == CHOICE


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        {},
        {**CHOICE, "layer": 3},
        {**CHOICE, "pixels": None},
        {**CHOICE, "picture": 10_000, "epoch": -1, "layer": "../x", "unit": 10**9, "pixels": "x"},
        {**CHOICE, "picture": "4", "epoch": True, "layer": "", "unit": [1]},
    ],
    ids=str,
)
def test_nothing_that_the_browser_would_never_send_changes_the_address(
    visit: Visit, run: Run, value: object
) -> None:
    visit.open("inside", run=run.id, picture="9")
    element, _ = inside(visit)
    visit.act(element, "view", value)
    assert visit.app.query_params["run"] == run.id
    assert set(visit.app.query_params) <= {"run", "picture"}


def test_a_picture_of_ones_own_comes_before_one_of_the_dataset(visit: Visit, run: Run) -> None:
    visit.open("inside", run=run.id, pixels=PIXELS)
    assert visit.app.query_params == {"run": run.id, "pixels": PIXELS}
    assert inside(visit)[1]["choice"]["pixels"] == PIXELS
    visit.open("inside", run=run.id, pixels=PHOTO)
    assert inside(visit)[1]["choice"]["pixels"] == PHOTO


@pytest.mark.parametrize(
    "address",
    [
        {"pixels": "x"},
        {"pixels": PIXELS[:-1]},
        {"pixels": "=" * len(PIXELS)},
        {"picture": "10000"},
        {"picture": str(PIXEL_COUNT) + "x", "epoch": "0", "unit": "-1", "layer": "a/b"},
    ],
    ids=lambda address: str(address)[:30],
)
def test_nonsense_in_the_address_counts_as_absent(
    visit: Visit, run: Run, address: dict[str, str]
) -> None:
    visit.open("inside", run=run.id, **address)
    choice = inside(visit)[1]["choice"]
    assert choice == {"picture": 0, "pixels": "", "epoch": None, "layer": "", "unit": None}


def test_a_run_without_a_network_says_why_and_leads_to_one_that_has_one(
    visit: Visit, store: RunStore, run: Run
) -> None:
    other = failed(store, "The disk is full.")
    visit.open("inside", run=other.id)
    assert f"**{other.name}** has no network to look into. This run kept" in visit.text()
    assert not visit.components("inside")
    visit.button("Look into the newest run instead").click()
    visit.run()
    assert visit.app.query_params["run"] == run.id
    assert visit.components("inside")


def test_a_network_can_be_looked_into_while_it_trains(visit: Visit, store: RunStore) -> None:
    training = store.create(SPEC, name="At work", by=Actor.owner())
    visit.open("inside", run=training.id)
    assert "Wait until its first epoch has ended." in visit.text()
    report_epochs(RunWriter(store.root, training.id, training.attempt), 2)
    visit.open("inside", run=training.id)
    _, data = inside(visit)
    assert [network["epoch"] for network in data["networks"]] == [1, 2]
    assert data["exciting"] == {"address": "", "words": ""}


def test_the_pictures_that_excite_it_are_waited_for_in_words(
    visit: Visit, store: RunStore, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = learned(store, labels, 2, networks=[made_weights(SPEC, seed) for seed in (1, 2)])
    states = {
        "Showing it 10,000 pictures: 40 % …": TaskState(None, 0.4, "Showing it 10,000 pictures"),
        "The engine is gone.": TaskState(problem="The engine is gone."),
        "": TaskState(arrays={}),
    }
    for words, state in states.items():
        monkeypatch.setattr(ui.inspect.excitation, "request_task", lambda *_, now=state: now)
        visit.open("inside", run=run.id)
        _, data = inside(visit)
        assert data["exciting"]["words"] == words
        assert bool(data["exciting"]["address"]) == (not words)
        assert data["result"] == 2


def test_nothing_is_polled_for_once_all_is_there(
    visit: Visit, store: RunStore, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    intervals: list[float | None] = []
    fragment = st.fragment

    def noted(function: Any, *, run_every: float | None = None) -> Any:
        intervals.append(run_every)
        return fragment(function)

    # The search ends between the page and its component, as it does between two polls.
    states = [TaskState(), TaskState(arrays={})]
    monkeypatch.setattr(
        ui.inspect.excitation,
        "request_task",
        lambda *_: states.pop(0) if len(states) > 1 else states[0],
    )
    monkeypatch.setattr(st, "fragment", noted)
    run = learned(store, labels, 2, networks=[made_weights(SPEC, seed) for seed in (1, 2)])
    visit.open("inside", run=run.id)
    assert intervals == [timeouts.TASK_POLL_SECONDS, None]
    assert inside(visit)[1]["exciting"]["address"]


def test_nothing_is_searched_for_a_run_that_was_deleted_meanwhile(
    visit: Visit, store: RunStore, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = learned(store, labels, 2, networks=[made_weights(SPEC, seed) for seed in (1, 2)])
    requests: list[object] = []

    def deleted_then(*arguments: object) -> TaskState:
        if not requests:
            store.delete(run.id, by=Actor.owner())
        requests.append(arguments)
        return TaskState()

    monkeypatch.setattr(ui.inspect.excitation, "request_task", deleted_then)
    # What the browser has of it stays, whichever epochs were kept.
    monkeypatch.setattr("ui.inspect.sections.networks", lambda _: [NetworkAtEpoch(2, "/gone")])
    visit.open("inside", run=run.id)
    assert len(requests) == 1
    assert "This run was deleted meanwhile." in visit.text()
    assert inside(visit)[1]["exciting"] == {"address": "", "words": ""}


def test_a_picture_of_mistakes_leads_inside(
    visit: Visit, store: RunStore, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui.inspect.excitation, "request_task", lambda *_: TaskState())
    run = learned(store, labels, 2, networks=[made_weights(SPEC, seed) for seed in (1, 2)])
    for name, address in (("mistakes", {"run": run.id}), ("explore", {})):
        visit.open(name, picture="17", close="1", **address)
        assert any(link.label.startswith("Look inside ") for link in visit.app.page_link)
