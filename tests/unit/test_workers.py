"""The workers of the engine: how many slots they give, what they cannot, which are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from distributed import Client

from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.training_worker import METRIC
from fmnist_core.engine.workers import Workers, capacity
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore

ADDRESS = "tls://127.0.0.1:9"


def worker(
    name: str = "w", slots: int = 1, resource: str = "train", **status: object
) -> dict[str, Any]:
    """A worker as the scheduler tells of it; without a status it has not our preload."""
    told = {METRIC: {"warm": False, "problem": None, **status}} if status else {}
    return {"name": name, "resources": {resource: slots}, "metrics": told}


class Dask:
    """A scheduler and its client, which knows the workers that the test names."""

    def __init__(self) -> None:
        self.workers: list[dict[str, Any]] = []
        self.retired: list[str] = []

    @property
    def client(self) -> Client:
        return cast(Client, self)

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        assert n_workers == -1, "all of them, not the first five"
        return {"workers": {f"tls://{info['name']}": info for info in self.workers}}

    def retire_workers(self, addresses: list[str], close_workers: bool) -> None:
        self.retired += addresses


class Machine(LocalCluster):
    """An engine on this machine without its processes: keeps the last of several workers."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.kept: list[str] = []

    def address(self) -> str | None:
        return ADDRESS

    def keep_worker(self, address: str, resource: str, workers: Mapping[str, Any]) -> str | None:
        assert address == ADDRESS
        self.kept.append(resource)
        return max(workers) if len(workers) > 1 else None


@pytest.fixture
def dask() -> Dask:
    return Dask()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "runs")


@pytest.mark.parametrize(
    ("workers", "slots", "problem"),
    [
        ([], 0, None),
        ([worker(warm=False)], 0, None),
        ([worker(warm=True)], 1, None),
        ([worker(warm=True, slots=4), worker(warm=True)], 5, None),
        ([worker(slots=2)], 2, None),
        ([worker(warm=True, problem="Broken.")], 0, "Broken."),
        ([worker(warm=True), worker(problem="One."), worker(problem="Two.")], 1, "One."),
    ],
)
def test_slots_are_those_of_workers_that_can_train(
    workers: list[dict[str, Any]], slots: int, problem: str | None
) -> None:
    assert capacity(workers) == (slots, problem)


def test_a_problem_is_shown_until_a_worker_can_train(store: RunStore, dask: Dask) -> None:
    """A fresh worker does not know it yet, and promises nothing."""
    workers, shown = Workers(store, None), []
    for status in (
        {"warm": False},
        {"problem": "Broken."},
        {"warm": False},
        {"warm": True},
        {"warm": False},
    ):
        dask.workers = [worker(**status)]
        workers.read(dask.client)
        shown.append((workers.slots, workers.problem))
    assert shown == [(0, None), (0, "Broken."), (0, "Broken."), (1, None), (0, None)]


def test_one_worker_that_can_train_is_enough(store: RunStore, dask: Dask) -> None:
    dask.workers = [worker("a", problem="Broken."), worker("b", warm=True)]
    workers = Workers(store, None)
    workers.read(dask.client)
    assert (workers.slots, workers.problem) == (1, None)


def test_the_two_kinds_are_told_apart(store: RunStore, dask: Dask) -> None:
    dask.workers = [worker("a"), worker("b", resource="ask"), worker("c", slots=0)]
    workers = Workers(store, None)
    workers.read(dask.client)
    assert (list(workers.training), list(workers.answering)) == (["a"], ["b"])


def test_a_worker_for_tasks_is_kept_once_tasks_come(
    store: RunStore, dask: Dask, machine: Machine
) -> None:
    workers = Workers(store, machine)
    workers.keep(dask.client, for_tasks=False)
    assert machine.kept == ["train"]
    workers.keep(dask.client, for_tasks=True)
    assert machine.kept == ["train", "train", "ask"]


def test_a_cluster_looks_after_its_own(store: RunStore, dask: Dask) -> None:
    dask.workers = [worker("a"), worker("b")]
    workers = Workers(store, None)
    workers.read(dask.client)
    workers.keep(dask.client, for_tasks=True)
    assert dask.retired == []
    assert not workers.have_one_for_tasks
    dask.workers = [worker("c", resource="ask")]
    workers.read(dask.client)
    assert workers.have_one_for_tasks


def test_a_surplus_worker_is_sent_away_unless_it_may_train(
    store: RunStore, dask: Dask, machine: Machine
) -> None:
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    dask.workers = [
        *(worker(name) for name in ("a", "b", "c")),
        *(worker(name, resource="ask") for name in ("d", "e")),
    ]
    workers = Workers(store, machine)
    workers.read(dask.client)
    workers.keep(dask.client, for_tasks=True)
    assert dask.retired == ["tls://d"]
    store.request_stop(run.id, by=Actor.owner())
    workers.keep(dask.client, for_tasks=False)
    assert dask.retired == ["tls://d", "tls://a", "tls://b"]
