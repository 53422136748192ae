"""Where a large network looks: what the engine computes, for whom, and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asgi import Answer, ask
from made_histories import learned
from made_runs import SPEC, failed
from made_weights import made_weights
from starlette.applications import Starlette

from fmnist_core import timeouts
from fmnist_core.dataset import Dataset
from fmnist_core.runs import Run, RunStore
from fmnist_core.task_types import TaskState
from ui.routes import occlusion, routes

BODY = bytes([3]) + bytes(range(256)) * 3 + bytes(16)


class Tasks:
    """In place of the engine: what it was asked for, and what it answers."""

    def __init__(self) -> None:
        self.state = TaskState(phase="Covering one part of the picture after the other")
        self.requests: list[tuple[Any, ...]] = []
        self.ended: dict[str, TaskState] = {}

    def __call__(self, key: str, function: object, *arguments: Any) -> TaskState:
        self.requests.append((key, *arguments))
        return self.state

    def poll(self, key: str) -> TaskState | None:
        return self.ended.get(key)


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Tasks:
    tasks = Tasks()
    monkeypatch.setattr(occlusion, "request_task", tasks)
    monkeypatch.setattr(occlusion, "poll_task", tasks.poll)
    monkeypatch.setattr(occlusion, "_waiting", occlusion._Waiting())
    return tasks


@pytest.fixture
def run(tmp_path: Path, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> Run:
    store = RunStore(tmp_path)
    monkeypatch.setattr(occlusion, "store", lambda: store)
    return learned(store, np.asarray(data.test_labels), 2, networks=[made_weights(SPEC)] * 2)


def post(run_id: str, body: bytes = BODY) -> Answer:
    answer = ask(Starlette(routes=routes()), f"/occlusion/{run_id}", method="POST", body=body)
    assert answer.headers["cache-control"] == "no-store"
    return answer


def test_the_engine_gets_the_picture_and_the_browser_what_was_computed(
    run: Run, tasks: Tasks
) -> None:
    answer = post(run.id)
    assert (answer.status, answer.text) == (202, f"{tasks.state.phase} …")
    falls = np.arange(784, dtype=np.float32).reshape(28, 28)
    tasks.state = TaskState({"falls": falls})
    answer = post(run.id)
    assert answer.status == 200
    assert np.array_equal(np.frombuffer(answer.content, "<f4"), falls.ravel())
    (key, root, run_id, pixels, class_id), second = tasks.requests
    assert second[0] == key
    assert (root, run_id, pixels, class_id) == (str(run.path.parent.resolve()), run.id, BODY[1:], 3)
    post(run.id, bytes([4]) + BODY[1:])
    assert tasks.requests[-1][0] != key


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"\0", bytes([10]) + BODY[1:]])
def test_what_is_no_picture_is_refused_with_a_sentence(run: Run, tasks: Tasks, body: bytes) -> None:
    answer = post(run.id, body)
    assert (answer.status, answer.text) == (400, "This is no picture of 28 × 28 pixels.")
    assert tasks.requests == []


def test_no_run_no_network_and_no_engine_say_so(run: Run, tasks: Tasks) -> None:
    answer = post("0" * 32)
    assert (answer.status, answer.text) == (
        404,
        "This run does not exist. It may have been deleted.",
    )
    broken = failed(RunStore(run.path.parent), "The disk is full.")
    assert post(broken.id).status == 503
    tasks.state = TaskState(problem="The engine cannot be reached.")
    answer = post(run.id)
    assert (answer.status, answer.text) == (503, "The engine cannot be reached.")


def test_who_only_looks_on_has_nothing_computed(
    run: Run, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occlusion, "may_change_with", lambda cookies: False)
    assert post(run.id).status == 403
    assert tasks.requests == []


def drawn(number: int) -> bytes:
    """One of many pictures."""
    return bytes([3, number]) + BODY[2:]


def test_few_pictures_wait_at_once_and_others_are_told_to_try_again(
    run: Run, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = occlusion._MOST_WAITING
    assert [post(run.id, drawn(number)).status for number in range(most)] == [202] * most
    answer = post(run.id, drawn(most))
    assert (answer.status, answer.text) == (
        429,
        "The engine is busy with other pictures. Try again in a moment.",
    )
    assert len(tasks.requests) == most
    # Who waits goes on, and what has ended makes room and is there for all.
    assert post(run.id, drawn(0)).status == 202
    tasks.ended[tasks.requests[1][0]] = TaskState({"falls": np.zeros((28, 28), np.float32)})
    assert post(run.id, drawn(1)).status == 200
    assert post(run.id, drawn(most)).status == 202
    assert post(run.id, drawn(1)).status == 200
    assert post(run.id, drawn(most + 1)).status == 429
    monkeypatch.setattr(timeouts, "OCCLUSION_FORGET_SECONDS", 0.0)
    assert post(run.id, drawn(most + 1)).status == 202
