"""The line in the header of every page: what trains, what waits, where to watch it."""

from __future__ import annotations

import re
import threading
import time

import made_runs
import pytest
from app_visit import Visit
from made_runs import SPEC, report_batches, report_epochs

from fmnist_core import timeouts
from fmnist_core.dataset import Dataset
from fmnist_core.engine import Engine, EngineState
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import BatchEvent, RunStore, RunWriter
from ui import services, training_bar


def lines(visit: Visit) -> list[str]:
    """What the line says, without its tags and its link; nothing where there is none."""
    line = visit.live("bar")
    words = " ".join(re.sub(r"<a .*?</a>|<[^>]+>", " ", line).split())
    return [words] if line else []


def test_one_line_tells_of_two_trainings_at_once_and_of_one_that_waits(
    visit: Visit, store: RunStore
) -> None:
    names = ("First of two", "Second of two", "Still waiting")
    runs = [store.create(SPEC, name=name, by=Actor.owner()) for name in names]
    writers = [RunWriter(store.root, run.id, run.attempt) for run in runs[:2]]
    for writer in writers:
        report_epochs(writer, 1)
    with writers[0], writers[1]:
        visit.open("overview")
        (line,) = lines(visit)
        assert line.startswith("20 First of two Epoch 1 of 5")
        assert line.endswith("1 more training · 1 more waiting")
        assert f'href="/train?run={runs[0].id}"' in visit.live("bar")
        # The run that the page itself shows needs no line; the other one is a click away.
        visit.open("train", run=runs[0].id)
        (line,) = lines(visit)
        assert line.startswith("20 Second of two")
        assert "more training" not in line
        visit.press("bar", runs[1].id)
        assert visit.app.query_params["run"] == runs[1].id
        (line,) = lines(visit)
        assert line.startswith("20 First of two")


@pytest.mark.parametrize("trains", [False, True])
def test_a_line_keeps_names_as_they_were_typed(visit: Visit, store: RunStore, trains: bool) -> None:
    run = store.create(SPEC, name="<b>*bold*</b> & so on", by=Actor.owner())
    with RunWriter(store.root, run.id, run.attempt) as writer:
        if trains:
            report_epochs(writer, 1)
            report_batches(writer, 2, 4)
        visit.open("compare")
    assert "<b>&lt;b&gt;*bold*&lt;/b&gt; &amp; so on</b>" in visit.live("bar")


def test_a_run_that_waits_without_a_reason_says_so(
    visit: Visit, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SPEC, name="The next", by=Actor.owner())
    monkeypatch.setattr(Engine, "state", lambda self: EngineState("ready"))
    monkeypatch.setattr(Engine, "is_overdue", lambda self, run_id: run_id == run.id)
    visit.open("compare")
    (line,) = lines(visit)
    assert "The next Waiting, though its turn has come" in line
    monkeypatch.setattr(Engine, "is_overdue", lambda self, run_id: False)
    visit.run()
    (line,) = lines(visit)
    assert "The next Its turn has come, the training begins in a moment" in line


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which the time left goes down."""
    clock = Clock()
    monkeypatch.setattr(training_bar, "time", clock)
    return clock


def seconds_said(visit: Visit) -> int:
    """The seconds that the line in the header speaks of."""
    visit.run()
    (line,) = lines(visit)
    (number,) = re.findall(r"about (\d+) s", line)
    return int(number)


def test_the_start_of_the_engine_counts_down_and_says_when_it_takes_longer(
    visit: Visit, store: RunStore, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    store.create(SPEC, name="The next", by=Actor.owner())
    monkeypatch.setattr(Engine, "state", lambda self: EngineState("starting"))
    visit.open("compare")
    assert seconds_said(visit) == timeouts.ENGINE_START_SECONDS
    clock.seconds += 7
    assert seconds_said(visit) == timeouts.ENGINE_START_SECONDS - 7
    clock.seconds += timeouts.ENGINE_START_SECONDS
    visit.run()
    (line,) = lines(visit)
    assert "Starting TensorFlow, which does the training and takes longer than usual" in line


def test_the_time_left_counts_down_while_the_training_says_nothing(
    visit: Visit,
    store: RunStore,
    data: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> None:
    monkeypatch.setattr(Engine, "state", lambda self: EngineState("ready"))
    made_runs.done(store, data.test_labels)
    first, second = (store.create(SPEC, name=name, by=Actor.owner()) for name in ("A", "B"))
    with RunWriter(store.root, first.id, first.attempt) as writer:
        report_epochs(writer, 1)
        visit.open("compare")
        left = seconds_said(visit)
        assert left > 5
        clock.seconds += 3
        assert seconds_said(visit) == left - 3
        # So does the wait of the one that comes next.
        visit.open("train", run=second.id)
        (wait,) = re.findall(r"Starts in about (\d+) s", visit.text())
        assert int(wait) == left - 3
        clock.seconds += 2
        visit.run()
        assert f"Starts in about {left - 5} s" in visit.text()
        # What it reports next is what counts from then on.
        report_epochs(writer, 2)
        clock.seconds += 100
        assert seconds_said(visit) > 1


def test_the_first_training_of_all_says_how_long_it_takes_from_its_first_moment(
    visit: Visit, store: RunStore
) -> None:
    run = store.create(PRESETS["Best CNN"], name="The first", by=Actor.owner())
    with RunWriter(store.root, run.id, run.attempt) as writer:
        writer.start(0, {})
        visit.open("compare")
        (line,) = lines(visit)
        assert re.search(r"Getting ready, about \d+ min left$", line)


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (
            "Building the network; it has 7 parameters",
            "Building the network, it has 7 parameters, ",
        ),
        ("Training", "Preparing the first step, it takes longer than all that follow, "),
        ("Reading", "Reading, "),
    ],
)
def test_each_moment_before_the_first_step_says_what_is_being_done(
    visit: Visit, store: RunStore, phase: str, words: str
) -> None:
    run = store.create(SPEC, name="The first", by=Actor.owner())
    with RunWriter(store.root, run.id, run.attempt) as writer:
        writer.start(0, {})
        writer.report_phase(phase)
        visit.open("train", run=run.id)
        headline, _, detail = words.removesuffix(", ").partition(", ")
        assert f"<b>{headline}</b>" in visit.live("status")
        assert detail.lower() in visit.live("status").lower()
        visit.open("compare")
        (line,) = lines(visit)
        assert f"The first {words}about " in line


def test_the_accuracy_so_far_is_told_while_it_trains(visit: Visit, store: RunStore) -> None:
    run = store.create(SPEC, name="The first", by=Actor.owner())
    with RunWriter(store.root, run.id, run.attempt) as writer:
        writer.start(0, {})
        visit.open("train", run=run.id)
        assert "right so far" not in visit.live("status")
        writer.report_batch(BatchEvent(1, 0.5, 1.0, time.time(), 1.0, 0.725))
        visit.open("train", run=run.id)
        assert "<b>73 %</b> right so far, while it trains" in visit.live("status")
        writer.finish("stopped", None, "It was stopped by this test.")
    store.requeue(run.id, by=Actor.owner())
    visit.open("train", run=run.id)
    assert "right so far" not in visit.live("status")


def test_after_the_last_epoch_it_does_not_train_any_more(visit: Visit, store: RunStore) -> None:
    run = store.create(SPEC, name="Nearly there", by=Actor.owner())
    with RunWriter(store.root, run.id, run.attempt) as writer:
        report_epochs(writer, 5)
        writer.report_phase("Training")
        visit.open("compare")
        (line,) = lines(visit)
        assert line.endswith("All 5 epochs are done. Finishing …")
        writer.report_phase("Saving")
        visit.run()
        (line,) = lines(visit)
        assert line.endswith("All 5 epochs are done. Saving …")


def test_where_the_engine_cannot_be_loaded_pages_say_so_and_show_all_else(
    visit: Visit, store: RunStore, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = threading.Event()
    broken.set()
    monkeypatch.setattr(services, "_engine_is_broken", broken)
    ended = made_runs.done(store, data.test_labels)
    waits = store.create(SPEC, name="The next", by=Actor.owner())
    visit.open("explore")
    (line,) = lines(visit)
    assert "The next Waiting. The training engine cannot be loaded" in line
    visit.open("mistakes", run=ended.id)
    visit.open("train", run=waits.id)
    visit.button("Stop").click()
    (toast,) = visit.app.toast
    assert "The training engine cannot be loaded" in toast.value
    (warning,) = visit.open("train", new="1").warning
    assert "The training engine cannot be loaded" in warning.value
    visit.button("Start training").click()
    assert "The training engine cannot be loaded" in visit.run().error[0].value
    assert len(store.list()) == 2


def test_without_a_training_there_is_no_line(visit: Visit) -> None:
    visit.open("explore")
    assert lines(visit) == []
    assert "Watch" not in visit.text()
