"""The Dask workers of the engine: how many trainings they take, why not, and which are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from distributed import Client

from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.tasks import RESOURCE
from fmnist_core.engine.training_worker import METRIC
from fmnist_core.runs import RunStore

_ASSUMED_STATUS = {"warm": True, "problem": None}

# What the scheduler tells of a worker, and of all of a kind by their names.
WorkerInfo = dict[str, Any]
WorkersByName = dict[str, WorkerInfo]


class Workers:
    """The workers that the scheduler knows: those that train, and those that answer pages.

    The supervisor's thread alone uses it.

    Args:
        store: the run folders.
        local: the engine of this machine, whose workers are kept; ``None`` for a cluster, which
            looks after its own.

    ``slots`` counts the trainings that can run at once; ``problem`` says why there is no slot.
    """

    def __init__(self, store: RunStore, local: LocalCluster | None) -> None:
        self._store = store
        self._local = local
        self.training: WorkersByName = {}
        self.answering: WorkersByName = {}
        self.slots = 0
        self.problem: str | None = None

    @property
    def have_one_for_tasks(self) -> bool:
        """Whether tasks have a worker of their own, now or soon; else any worker may run them."""
        return bool(self.answering) or self._local is not None

    def read(self, client: Client) -> None:
        """Read the status of all workers; a fresh one does not know yet whether it can train."""
        by_address = client.scheduler_info(n_workers=-1).get("workers", {})
        infos = [{**info, "address": address} for address, info in by_address.items()]
        self.training = _with_resource(infos, "train")
        self.answering = _with_resource(infos, RESOURCE)
        self.slots, problem = capacity(self.training.values())
        if self.slots or problem:
            self.problem = None if self.slots else problem

    def keep(self, client: Client, for_tasks: bool) -> None:
        """Keep one worker of this machine for trainings, and one for tasks.

        Args:
            client: of the scheduler.
            for_tasks: whether one for tasks is needed.
        """
        address = None if self._local is None else self._local.address()
        if address is None:
            return
        self._keep_one(client, address, "train", self.training)
        if for_tasks:
            self._keep_one(client, address, RESOURCE, self.answering)

    def _keep_one(
        self, client: Client, address: str, resource: str, workers: WorkersByName
    ) -> None:
        assert self._local is not None
        kept_name = self._local.keep_worker(address, resource, workers)
        if kept_name is None or (resource == "train" and self._store.active()):
            return
        surplus = [worker["address"] for name, worker in workers.items() if name != kept_name]
        client.retire_workers(surplus, close_workers=True)


def capacity(workers: Iterable[Mapping[str, Any]]) -> tuple[int, str | None]:
    """The slots for trainings of some workers, and a problem that one of them has, if any.

    Args:
        workers: as the scheduler tells of them; one without our preload sends no status, and is
            trusted.
    """
    problem, slots = None, 0.0
    for worker in workers:
        status = worker.get("metrics", {}).get(METRIC, _ASSUMED_STATUS)
        if status["problem"]:
            problem = problem or str(status["problem"])
        elif status["warm"]:
            slots += worker["resources"]["train"]
    return int(slots), problem


def _with_resource(workers: Iterable[WorkerInfo], resource: str) -> WorkersByName:
    return {str(w.get("name")): w for w in workers if w.get("resources", {}).get(resource)}
