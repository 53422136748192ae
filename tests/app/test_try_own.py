"""Try your own without a browser: which networks answer, what is in hand, what its acts change."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import SPEC, failed
from made_weights import made_weights

import ui.try_own.sections
from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.engine import EngineState
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from fmnist_core.specs import RunSpec
from ui.cache import run_options
from ui.networks import final_network
from ui.own_image import text_of
from ui.try_own.view_state import MOST_NETWORKS

PIXELS = text_of(bytes(range(196)) * 4)


@pytest.fixture
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


def trained(
    store: RunStore, labels: np.ndarray, name: str, seed: int = 1, spec: RunSpec = SPEC
) -> Run:
    """A run that kept a network."""
    return learned(store, labels, 2, seed, name, spec=spec, networks=[made_weights(spec)] * 2)


def own(visit: Visit) -> tuple[str, dict[str, Any]]:
    ((element, data),) = visit.components("try_own")
    return element, data


def ids(visit: Visit) -> list[str]:
    return [network["id"] for network in own(visit)[1]["networks"]]


def test_without_a_network_one_is_offered(visit: Visit, store: RunStore) -> None:
    failed(store, "The disk is full.")
    visit.open("try")
    assert "No network to try yet" in visit.text()
    (button,) = [one for one in visit.app.button if "Train a simple network" in one.label]
    button.click()
    visit.run()
    assert "queued" in [run.state for run in store.list()]


def test_the_newest_of_each_name_answer_at_first(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    older = trained(store, labels, "Dense", 1)
    others = [trained(store, labels, name) for name in ("LeNet", "CNN", "Wide")]
    newer = trained(store, labels, "Dense", 2)
    failed(store, "The disk is full.")
    visit.open("try")
    assert ids(visit) == [newer.id, others[2].id, others[1].id]
    _, data = own(visit)
    network = final_network(newer)
    assert network is not None
    assert data["networks"][0]["address"] == network.address
    assert data["networks"][0]["engine"] == ""
    assert data["classes"] == list(CLASS_NAMES)
    wrong = store.predictions(newer.id)["test_probabilities"].argmax(axis=1) != labels
    assert data["wrong"] == np.flatnonzero(wrong)[:2_000].tolist()
    visit.open("try", runs=f"{older.id},{'0' * 32},nonsense")
    assert ids(visit) == [older.id]
    assert "This run does not exist" in visit.text()
    visit.open("try", runs=older.id)
    assert "not exist" not in visit.text()


def test_a_run_that_has_not_ended_answers_with_its_newest_network(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    learned(store, labels, 3)
    visit.open("try")
    (network,) = own(visit)[1]["networks"]
    assert re.search(r"/3-\d+-.+\.bin$", network["address"])


def test_networks_are_added_and_taken_away_up_to_six(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    runs = [trained(store, labels, f"Network {number}") for number in range(MOST_NETWORKS + 1)]
    first, second, *_ = runs
    visit.open("try", runs=first.id)
    visit.choose("Add a network", run_options([second])[second.id])
    assert ids(visit) == [first.id, second.id]
    element, _ = own(visit)
    visit.act(element, "removed", first.id)
    assert ids(visit) == [second.id]
    assert visit.app.query_params["runs"] == second.id
    visit.open("try", runs=",".join(run.id for run in runs))
    assert ids(visit) == [run.id for run in runs[:MOST_NETWORKS]]
    assert not visit.components("choice")


@pytest.mark.parametrize(
    ("address", "pixels", "picture"),
    [
        ({"pixels": PIXELS}, PIXELS, ""),
        ({"picture": "test-17"}, "", "test-17"),
        ({"picture": "train-59999"}, "", "train-59999"),
        ({"pixels": PIXELS[1:]}, "", ""),
        ({"pixels": "%00"}, "", ""),
        ({"picture": "test-10000"}, "", ""),
        ({"picture": "other-1"}, "", ""),
        ({"picture": "../../etc/passwd"}, "", ""),
    ],
)
def test_what_is_in_hand_comes_from_the_address_or_is_nothing(
    visit: Visit,
    store: RunStore,
    labels: np.ndarray,
    address: dict[str, str],
    pixels: str,
    picture: str,
) -> None:
    trained(store, labels, "Dense")
    visit.open("try", **address)
    start = own(visit)[1]["start"]
    assert (start["pixels"], start["picture"]) == (pixels, picture)


def test_a_large_network_has_the_engine_where_it_is_free_and_allowed(
    visit: Visit, store: RunStore, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(store, labels, "Best CNN", spec=PRESETS["Best CNN"])
    monkeypatch.setattr(ui.try_own.sections, "engine_state", lambda: EngineState("ready"))
    visit.open("try")
    assert own(visit)[1]["networks"][0]["engine"] == f"/occlusion/{run.id}"
    monkeypatch.setattr(ui.try_own.sections, "may_change", lambda: False)
    visit.open("try")
    assert own(visit)[1]["networks"][0]["engine"] == ""
