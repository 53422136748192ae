"""The tasks that pages request: what waits, what is handed to Dask, what came back."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from distributed import Client

from fmnist_core import timeouts
from fmnist_core.engine import TaskState
from fmnist_core.engine import tasks as tasks_module
from fmnist_core.engine.task_worker import result_file
from fmnist_core.engine.tasks import Tasks
from fmnist_core.errors import FmnistError
from fmnist_core.files import write_arrays
from fmnist_core.task_types import Arrays, Report

KEY = "squares-3"


class Dask:
    """A scheduler and its client: notes what it is given; the test says how it ends."""

    def __init__(self) -> None:
        self.given: list[SimpleNamespace] = []

    @property
    def client(self) -> Client:
        return cast(Client, self)

    def submit(self, *_: object, key: str, resources: object, **how: Any) -> SimpleNamespace:
        self.given.append(SimpleNamespace(key=key, status="pending", resources=resources))
        return self.given[-1]


@pytest.fixture
def dask(monkeypatch: pytest.MonkeyPatch) -> Dask:
    monkeypatch.setattr(tasks_module, "fire_and_forget", lambda future: None)
    return Dask()


@pytest.fixture
def tasks(tmp_path: Path) -> Tasks:
    tasks = Tasks(tmp_path)
    assert tasks.add(KEY, squares, ())
    return tasks


def squares(report: Report) -> Arrays:
    return {"squares": np.arange(3) ** 2}


def test_a_task_is_submitted_once_and_waits_for_its_end(
    tasks: Tasks, dask: Dask, tmp_path: Path
) -> None:
    assert not tasks.add(KEY, squares, ())
    for _ in range(3):
        tasks.submit(dask.client, with_resource=True)
    (future,) = dask.given
    assert future.resources == {"ask": 1}
    assert tasks.any_waits
    write_arrays(result_file(tmp_path, KEY), squares(lambda share, phase: None))
    future.status = "finished"
    tasks.submit(dask.client, with_resource=True)
    assert not tasks.any_waits
    state = tasks.poll(KEY)
    assert state is not None
    assert state.arrays is not None


@pytest.mark.parametrize("how", ["cancelled", "another scheduler"])
def test_what_was_lost_is_submitted_under_another_key(tasks: Tasks, dask: Dask, how: str) -> None:
    tasks.submit(dask.client, with_resource=False)
    if how == "cancelled":
        dask.given[0].status = how
        tasks.submit(dask.client, with_resource=False)
    else:
        tasks.forget_futures()
    tasks.submit(dask.client, with_resource=False)
    assert len({future.key for future in dask.given}) == 2
    assert [future.resources for future in dask.given] == [None, None]


def test_no_page_waits_while_dask_says_why_a_task_failed(tasks: Tasks, dask: Dask) -> None:
    tasks.submit(dask.client, with_resource=True)
    pages: list[TaskState | None] = []

    def exception() -> Exception:
        page = threading.Thread(target=lambda: pages.append(tasks.poll(KEY)), daemon=True)
        page.start()
        page.join(20)
        return FmnistError("It cannot be squared.")

    dask.given[0].status, dask.given[0].exception = "error", exception
    tasks.submit(dask.client, with_resource=True)
    assert pages == [None]
    assert tasks.poll(KEY) == TaskState(problem="It cannot be squared.")


def test_a_problem_is_told_for_a_while(
    tasks: Tasks, dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    tasks.submit(dask.client, with_resource=True)
    dask.given[0].status, dask.given[0].exception = "error", ZeroDivisionError
    tasks.submit(dask.client, with_resource=True)
    state = tasks.poll(KEY)
    assert state is not None
    assert state.problem == "This could not be computed; the log of the dashboard says why."
    now += timeouts.TASK_RETRY_SECONDS
    assert tasks.poll(KEY) is None


def test_tasks_are_expected_from_the_first_page_on_that_may_request_one(tmp_path: Path) -> None:
    tasks = Tasks(tmp_path)
    assert not tasks.any_expected
    assert tasks.expect()
    assert not tasks.expect()
    assert (tasks.any_expected, tasks.any_waits) == (True, False)


def test_one_that_waits_needs_a_worker_though_none_was_expected(tasks: Tasks) -> None:
    assert tasks.any_expected
