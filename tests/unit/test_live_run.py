"""What the live channel tells of a run: every event once, the parts that changed, what is gone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from made_runs import SPEC, report_batches, report_epochs

from fmnist_core import timeouts
from fmnist_core.figures.training import MOST_BATCH_POINTS
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunEvents, RunStore, RunWriter
from fmnist_core.runs.events import RateEvent, StartEvent, append_line
from ui.live.channel import topics_of
from ui.live.parts_source import PartsSource
from ui.live.run_source import RunSource

MISSING = {"page": "missing"}


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.create(SPEC, by=Actor.owner())


def parts(run: Run, events: RunEvents) -> dict[str, Any]:
    return {"page": run.state, "epochs": len(events.epochs), "name": run.name}


def source_of(store: RunStore, run: Run) -> RunSource:
    return RunSource(store, run.id, parts, MISSING, lambda: 2.5)


# Of a message that does not say where the run has got to.
UNMOVED = -1


def read(message: bytes | None) -> tuple[int, dict[str, Any]]:
    """Place and content of a message, as a browser reads it."""
    assert message is not None
    assert message.endswith(b"\n\n")
    *places, data = message.decode().rstrip("\n").split("\n")
    assert all(place.startswith("id: ") for place in places)
    assert data.startswith("data: ")
    content = json.loads(data[6:])
    assert bool(places) == ("events" in content or "reset" in content)
    return int(places[0][4:]) if places else UNMOVED, content


def written(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.path / "metrics.jsonl").read_bytes().splitlines()]


def test_all_that_is_reported_is_told_once_and_in_order(store: RunStore, run: Run) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        writer.start(0, {})
        source = source_of(store, run)
        start, content = read(source.greeting(None))
        assert content["reset"] == []
        assert content["parts"] == {"page": "running", "epochs": 0, "name": run.name}
        told: list[dict[str, Any]] = []
        for count in (3, 1, 2):
            report_batches(writer, 1, count)
            place, content = read(source.news())
            assert "parts" not in content
            told += content["events"]
        assert source.news() is None
    ends = [event.pop("end") for event in told]
    assert ends == sorted(set(ends))
    assert start < ends[0]
    assert ends[-1] == place == (run.path / "metrics.jsonl").stat().st_size
    assert told == [event for event in written(run) if event["event"] != "start"]
    assert {event["event"] for event in told} == {"batch", "probe"}


def test_who_comes_back_gets_what_was_missed_and_nothing_twice(store: RunStore, run: Run) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 2)
        source = source_of(store, run)
        known, _ = read(source.greeting(None))
        report_batches(writer, 3, count=4)
        place, news = read(source.news())
        assert place > known
        again, content = read(source.greeting(known))
    assert (again, content["events"]) == (place, news["events"])
    assert "reset" not in content
    assert read(source.greeting(place))[1]["events"] == []


@pytest.mark.parametrize("after", [10**9, 3, None])
def test_who_knows_a_place_that_makes_no_sense_gets_the_curve(
    store: RunStore, run: Run, after: int | None
) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 2)
    _, content = read(source_of(store, run).greeting(after))
    if after == 3:
        # In the middle of a line, whose rest is no event.
        assert len(content["events"]) == len(written(run)) - 1
    else:
        assert [event["epoch"] for event in content["reset"] if event["event"] == "epoch"] == [1, 2]


def test_a_long_training_is_told_thinned(store: RunStore, run: Run) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        writer.start(0, {})
        report_batches(writer, 1, count=2_000)
    _, content = read(source_of(store, run).greeting(None))
    batches = [event for event in content["reset"] if event["event"] == "batch"]
    assert MOST_BATCH_POINTS / 2 < len(batches) <= MOST_BATCH_POINTS + 1
    newest = [event for event in written(run) if event["event"] == "batch"][-1]
    assert batches[-1]["at"] == newest["at"]


def test_who_comes_late_is_told_the_newest_probe_and_every_first_layer(
    store: RunStore, run: Run
) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 2)
    _, content = read(source_of(store, run).greeting(None))
    shown = [event for event in content["reset"] if event["event"] in ("probe", "first_layer")]
    assert [(event["event"], event["position"]) for event in shown] == [
        ("first_layer", 0.0),
        ("first_layer", 1.0),
        ("first_layer", 2.0),
        ("probe", 2.0),
    ]


def test_a_repeated_epoch_is_told_as_a_curve_of_its_own(store: RunStore, run: Run) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 3)
    source = source_of(store, run)
    source.greeting(None)
    place = (run.path / "metrics.jsonl").stat().st_size
    append_line(run.path / "metrics.jsonl", StartEvent(1), 2)
    for message in (source.news(), source.greeting(place)):
        _, content = read(message)
        assert [event["epoch"] for event in content["reset"] if event["event"] == "epoch"] == [1]


def test_a_changed_learning_rate_says_what_its_mark_says(store: RunStore, run: Run) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
    source = source_of(store, run)
    source.greeting(None)
    append_line(run.path / "metrics.jsonl", RateEvent(1.5, 3.0, 0.0, 0.1), 1)
    _, content = read(source.news())
    assert [event["text"] for event in content["events"]] == ["rate ÷ 10"]


def test_only_parts_that_changed_are_told_and_a_new_page_with_its_spread(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "FOLLOW_PARTS_SECONDS", 0.0)
    source = source_of(store, run)
    source.greeting(None)
    assert source.news() is None
    store.describe(run.id, name="Another name", by=Actor.owner())
    _, content = read(source.news())
    assert content["parts"] == {"name": "Another name"}
    assert "spread" not in content
    with RunWriter(store.root, run.id, 1) as writer:
        writer.start(0, {})
        _, content = read(source.news())
        assert (content["parts"], content["spread"]) == ({"page": "running"}, 2.5)


def test_a_run_that_is_deleted_or_cannot_be_read_is_missing_and_comes_back(
    store: RunStore, run: Run
) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
    source = source_of(store, run)
    place, _ = read(source.greeting(None))
    away = store.root / "away"
    run.path.rename(away)
    assert read(source.news())[1]["parts"] == MISSING
    assert source.news() is None
    away.rename(run.path)
    back, content = read(source.news())
    assert content["parts"]["page"] != "missing"
    assert back == UNMOVED
    again, content = read(source.greeting(place))
    assert (again, content["events"]) == (place, [])


def test_a_metrics_file_that_became_another_one_is_told_anew(store: RunStore, run: Run) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 3)
    source = source_of(store, run)
    source.greeting(None)
    path = run.path / "metrics.jsonl"
    shorter = path.with_suffix(".new")
    shorter.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    shorter.replace(path)
    place, content = read(source.news())
    assert place == path.stat().st_size
    assert "reset" in content


def test_a_clock_that_jumps_back_an_hour_leaves_no_gap_and_repeats_nothing(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        source = source_of(store, run)
        known, _ = read(source.greeting(None))
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now - 3600)
        report_batches(writer, 2, count=3)
        place, content = read(source.news())
        times = [event["at"] for event in content["events"]]
        assert times == [now - 3600] * 4
        again, missed = read(source.greeting(known))
        assert (again, missed["events"]) == (place, content["events"])
        assert source.news() is None


def test_parts_about_several_runs_are_told_when_they_change() -> None:
    shown = {"bar": "one", "other": "same"}
    source = PartsSource(lambda: dict(shown), 0.5, lambda: 1.0)
    data = json.loads(source.greeting(None).decode().removeprefix("data: "))
    assert (data["topic"], data["parts"]) == ("parts", shown)
    assert source.news() is None
    shown["bar"] = "two"
    news = source.news()
    assert news is not None
    assert json.loads(news.decode().removeprefix("data: "))["parts"] == {"bar": "two"}


def test_topics_are_those_that_there_are() -> None:
    run_id = "0a" * 16
    text = f"bar,bar.{run_id},nothing,ladder,replicates.{run_id},folds.../..,bar,run.{run_id},bar.1"
    found = [(topic.kind, topic.run_id) for topic in topics_of(text, may_change=False)]
    assert found == [("bar", ""), ("bar", run_id), ("ladder", ""), ("replicates", run_id)]
    assert len(topics_of(",".join(f"folds.{n:032x}" for n in range(99)), may_change=True)) == 8
