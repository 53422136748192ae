"""What the engine computes ahead: when it begins, what it gives way to, what is left behind."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from distributed import Client
from made_histories import learned

from fmnist_core import timeouts
from fmnist_core.analysis.projection import tsne
from fmnist_core.dataset import Dataset
from fmnist_core.engine.ahead import Ahead, permit_file, run_ahead
from fmnist_core.engine.task_worker import progress_file, result_file
from fmnist_core.engine.tasks import Tasks
from fmnist_core.errors import FmnistError
from fmnist_core.files import write_arrays
from fmnist_core.interpret.maps import map_request, maps_ahead
from fmnist_core.runs import RunStore
from fmnist_core.task_types import Arrays, Report, TaskRequest

QUIET = timeouts.AHEAD_QUIET_SECONDS


def squares(report: Report, count: int) -> Arrays:
    report(0.5, "Squaring")
    return {"squares": np.arange(count) ** 2}


REQUESTS = [TaskRequest(f"squares-{count}", squares, (count,)) for count in (3, 4)]
FIRST, SECOND = (request.key for request in REQUESTS)


class Bench:
    """The tasks ahead with a scheduler that the test plays, and a clock that it turns."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000.0
        self.given: list[Any] = []
        self.folder = folder
        self.tasks = Tasks(folder)
        self.ahead = Ahead(folder, self.tasks, lambda: REQUESTS)

    def submit(self, function: object, folder: str, wanted: str, *_: object, **how: Any) -> Any:
        self.given.append(SimpleNamespace(**how, wanted=wanted, status="pending"))
        return self.given[-1]

    def turn(self, after: float = 0.0, may_run: bool = True) -> list[str]:
        """Take a turn after some seconds; returns the keys of all that was ever submitted."""
        self.now += after
        self.ahead.turn(cast(Client, self), may_run)
        return [future.wanted for future in self.given]

    def is_permitted(self, key: str) -> bool:
        return permit_file(self.folder, key).exists()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench(tmp_path / "cache")
    monkeypatch.setattr("time.monotonic", lambda: bench.now)
    return bench


def test_it_begins_after_a_quiet_while_and_takes_one_after_the_other(bench: Bench) -> None:
    assert bench.turn() == bench.turn(QUIET - 1) == []
    assert bench.turn(1) == bench.turn(QUIET) == [FIRST]
    assert bench.given[0].resources == {"ask": 1}
    assert bench.given[0].priority < -1e9
    write_arrays(result_file(bench.folder, FIRST), {})
    bench.given[0].status = "finished"
    assert bench.turn() == [FIRST, SECOND]
    write_arrays(result_file(bench.folder, SECOND), {})
    bench.given[1].status = "finished"
    assert bench.turn() == bench.turn(QUIET) == [FIRST, SECOND]
    assert not bench.ahead.runs


def test_the_while_begins_anew_with_every_run_and_request(bench: Bench) -> None:
    bench.turn()
    assert bench.turn(QUIET, may_run=False) == bench.turn(1) == []
    bench.tasks.add("another-key", squares, (2,))
    assert bench.turn(QUIET) == bench.turn(QUIET) == []


@pytest.mark.parametrize("comes", ["a run", "another request"])
def test_it_gives_way_to_everything(bench: Bench, comes: str) -> None:
    bench.turn()
    bench.turn(QUIET)
    assert bench.is_permitted(FIRST)
    if comes == "another request":
        bench.tasks.add("another-key", squares, (2,))
    bench.turn(may_run=comes != "a run")
    assert not bench.is_permitted(FIRST)
    assert not bench.ahead.runs


def test_what_a_page_requests_meanwhile_goes_on(bench: Bench) -> None:
    bench.turn()
    bench.turn(QUIET)
    bench.tasks.add(*REQUESTS[0])
    bench.turn(may_run=False)
    assert bench.is_permitted(FIRST)


def test_what_fails_is_not_tried_again(bench: Bench) -> None:
    bench.turn()
    bench.turn(QUIET)
    bench.given[0].status = "error"
    bench.given[0].exception = lambda: FmnistError("It has no weights.")
    assert bench.turn() == [FIRST, SECOND]
    bench.given[1].status = "cancelled"
    assert bench.turn() == [FIRST, SECOND, SECOND]


def test_all_is_submitted_anew_to_another_scheduler(bench: Bench) -> None:
    bench.turn()
    bench.turn(QUIET)
    bench.ahead.forget()
    assert bench.turn() == [FIRST, FIRST]


def test_a_folder_that_cannot_be_written_is_left_alone(bench: Bench) -> None:
    bench.folder.write_text("a file in its place")
    bench.turn()
    assert bench.turn(QUIET) == bench.turn(QUIET) == []


@pytest.mark.parametrize("is_permitted", [True, False])
def test_a_task_ends_without_its_permit(tmp_path: Path, is_permitted: bool) -> None:
    request = REQUESTS[0]
    if is_permitted:
        permit_file(tmp_path, request.key).touch()
    run_ahead(str(tmp_path), *request)
    assert result_file(tmp_path, request.key).exists() == is_permitted
    assert not permit_file(tmp_path, request.key).exists()
    assert not progress_file(tmp_path, request.key).exists()


def test_tsne_can_be_ended_before_its_first_iteration() -> None:
    """Its first iterations come after seconds, in which a run would wait for the processor."""
    told: list[float] = []

    class Enough(Exception):
        pass

    def report(share: float) -> None:
        told.append(share)
        if len(told) == 3:
            raise Enough

    points = np.random.default_rng(0).normal(size=(90, 6)).astype(np.float32)
    with pytest.raises(Enough):
        tsne(points, report)
    assert told == [0.0, 0.0, 0.0]


def test_the_pixels_and_the_newest_run_are_worth_being_ready(tmp_path: Path, data: Dataset) -> None:
    store = RunStore(tmp_path)
    labels = np.asarray(data.test_labels)
    pixels = map_request("tsne", "test", data.sha256, store)
    assert maps_ahead(store) == [pixels]
    _, newer = (learned(store, labels, 2, seed=seed) for seed in (1, 2))
    assert maps_ahead(store) == [pixels, map_request("tsne", "test", data.sha256, store, newer)]
