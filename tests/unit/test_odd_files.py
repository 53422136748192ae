"""Store, worker and remarks beside files that others put into the runs folder."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from made_weights import made_weights

from fmnist_core.annotations import Annotation, Annotations
from fmnist_core.errors import FmnistError
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import NotPlain, read_plain
from fmnist_core.presets import PRESETS
from fmnist_core.runs import (
    BatchEvent,
    EpochEvent,
    RunDamaged,
    RunNotFound,
    RunStore,
    RunUnreadable,
    RunWriter,
    new_run_id,
    trash,
)
from fmnist_core.runs import events as events_module
from fmnist_core.runs.events import Tail, append_line, write_line

SPEC = PRESETS["Simple network"]
EPOCH = EpochEvent(1, 1.0, 1.0, 1.0, 0.001, 100.0, 0.5, 0.8, 0.5, 0.8)
NAMED = np.zeros(10_000, np.uint8)
STEPS = np.repeat([[255, *[0] * 9]], 10_000, axis=0).astype(np.uint8)
ANSWERS = {"test_predictions": NAMED, "test_probabilities": STEPS}
SHARES = np.full((10_000, 10), 0.1, np.float32)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no run has any business with, last changed long ago."""
    file = tmp_path / "outside" / "diary"
    file.parent.mkdir()
    file.write_text("dear diary")
    os.utime(file, (1.0, 1.0))
    os.utime(file.parent, (1.0, 1.0))
    return file


@pytest.fixture
def writer(store: RunStore) -> RunWriter:
    writer = RunWriter(store.root, store.create(SPEC, by=Actor.owner()).id, 1)
    writer.start(0, {})
    return writer


def untouched(outside: Path) -> bool:
    names = [path.name for path in outside.parent.iterdir()]
    moments = outside.stat().st_mtime, outside.parent.stat().st_mtime
    return (names, outside.read_text(), moments) == (["diary"], "dear diary", (1.0, 1.0))


class TestListing:
    def test_run_is_whole_again_when_the_odd_file_is_gone(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        assert store.get(run.id).state == "queued"
        os.mkfifo(run.path / "metrics.jsonl")
        (damaged,) = store.scan().damaged
        assert damaged.reason == "Its metrics.jsonl is a pipe, not a file, and was not opened."
        (run.path / "metrics.jsonl").unlink()
        assert store.get(run.id).state == "queued"

    def test_description_that_is_too_large_says_so(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        os.truncate(run.path / "run.json", 20 * 2**30)
        (damaged,) = store.scan().damaged
        assert damaged.reason == "Its description, run.json, is larger than 1 MB."

    def test_wrong_field_is_named(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        record = json.loads((run.path / "run.json").read_text())
        (run.path / "run.json").write_text(json.dumps({**record, "attempt": 10**30}))
        (damaged,) = store.scan().damaged
        assert "attempt is a number far too large: it should" in damaged.reason

    def test_folder_that_is_a_link_is_listed_and_deleted_without_being_entered(
        self, store: RunStore, outside: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.root.mkdir()
        linked, piped = new_run_id(), new_run_id()
        (store.root / linked).symlink_to(outside.parent)
        os.mkfifo(store.root / piped)
        assert store.list() == []
        assert {run.id: run.reason for run in store.scan().damaged} == {
            linked: "It is a link. A run is a folder, and nothing else is opened.",
            piped: "It is a pipe. A run is a folder, and nothing else is opened.",
        }
        for run_id in (linked, piped):
            store.delete(run_id, by=Actor.owner())
            store.restore(run_id, by=Actor.owner())
            store.delete(run_id, by=Actor.owner())
        assert len(store.deleted()) == 2
        monkeypatch.setattr("fmnist_core.timeouts.TRASH_SECONDS", -1)
        # Whoever deletes next removes for good what has waited long enough.
        with pytest.raises(RunNotFound):
            store.delete(linked, by=Actor.owner())
        trash.remove_old(store.root)
        assert list(store.root.iterdir()) == []
        assert untouched(outside)


class TestReading:
    def test_predictions_that_were_checked_are_those_that_are_used(
        self, store: RunStore, writer: RunWriter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody exchanges the file while it is read: between reading and checking."""
        writer.finish("done", None, predictions={"test_probabilities": SHARES})
        path = writer.path / "predictions.npz"
        good = path.read_bytes()
        path.write_bytes(good[:-1] + b"x")

        def read_and_exchange(requested: Path, *limit: int) -> bytes:
            content = read_plain(requested, *limit)
            if requested == path:
                path.write_bytes(good)
            return content

        monkeypatch.setattr("fmnist_core.runs.store.read_plain", read_and_exchange)
        with pytest.raises(RunUnreadable):
            store.predictions(writer.path.name)
        assert store.predictions(writer.path.name)["test_probabilities"].shape == (10_000, 10)

    def test_network_that_was_changed_is_not_handed_out(
        self, store: RunStore, writer: RunWriter, outside: Path
    ) -> None:
        writer.finish("done", None, save_model=lambda path: path.write_bytes(b"a network"))
        run_id = writer.path.name
        assert store.artifact(run_id, "model.keras") == b"a network"
        (writer.path / "model.keras").write_bytes(b"another one")
        with pytest.raises(RunUnreadable, match="network"):
            store.artifact(run_id, "model.keras")
        for name in ("run.json", "../../outside/diary"):
            with pytest.raises(RunUnreadable):
                store.artifact(run_id, name)

    def test_curves_of_impossible_size_are_none(self, store: RunStore, writer: RunWriter) -> None:
        writer.commit_epoch(EPOCH, ANSWERS, made_weights(SPEC), {})
        assert len(store.events(writer.path.name).epochs) == 1
        os.truncate(writer.path / "metrics.jsonl", 20 * 2**30)
        assert RunStore(store.root).events(writer.path.name).epochs == []

    def test_line_that_never_ends_is_read_once(self, tmp_path: Path) -> None:
        file = tmp_path / "metrics.jsonl"
        file.write_bytes(b"x" * 3 * 2**20)
        tail = Tail(file)
        assert tail.read().epochs == []
        assert tail._offset == file.stat().st_size
        with file.open("ab") as more:
            more.write(b"\n" + write_line(EPOCH, 1))
        assert tail.read().epochs == [EPOCH]

    def test_epoch_after_a_gap_is_left_out(self, tmp_path: Path) -> None:
        file = tmp_path / "metrics.jsonl"
        third = EpochEvent(**{**vars(EPOCH), "epoch": 3})
        file.write_bytes(write_line(EPOCH, 1) + write_line(third, 1))
        assert Tail(file).read().epochs == [EPOCH]


class TestWriting:
    def test_what_rounding_added_to_a_share_is_taken_off(self) -> None:
        event = BatchEvent(1, 0.5, 1.0, 1.0, -1e-7, 1.0000001)
        written = json.loads(write_line(event, 1))
        assert (written["loss"], written["accuracy"]) == (0.0, 1.0)
        with pytest.raises(ValueError, match="accuracy is 5"):
            write_line(BatchEvent(1, 0.5, 1.0, 1.0, 0.5, 5.0), 1)

    def test_endless_training_ends_its_curve_before_its_epochs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "metrics.jsonl"
        monkeypatch.setitem(events_module._LIMITS, BatchEvent, 500)
        for part in range(20):
            append_line(file, BatchEvent(1, part / 20, 1.0, 1.0, 0.5, 0.5), 1)
        append_line(file, EPOCH, 1)
        events = Tail(file).read()
        assert 0 < len(events.batches) < 10
        assert events.epochs == [EPOCH]

    def test_links_under_a_training_lead_nowhere(
        self, store: RunStore, writer: RunWriter, outside: Path
    ) -> None:
        run = writer.path
        (run / "metrics.jsonl").unlink()
        (run / "metrics.jsonl").symlink_to(outside)
        with pytest.raises(NotPlain):
            writer.report_phase("Training")
        (run / "metrics.jsonl").unlink()
        (run / "epochs").symlink_to(outside.parent)
        with pytest.raises(OSError, match="a link"):
            writer.commit_epoch(EPOCH, ANSWERS, made_weights(SPEC), {})
        for name in ("control.json", "logits.npz", "pending.json", "checkpoint.npz"):
            (run / name).symlink_to(outside)
        assert not writer.control().stop
        assert writer.kept_logits(1) is None
        assert writer.pending_epoch() is None
        with pytest.raises(RunUnreadable, match="saved state"):
            writer.checkpoint({})
        assert untouched(outside)

    def test_start_removes_nothing_outside_and_beats_no_heart_of_others(
        self, store: RunStore, writer: RunWriter, outside: Path
    ) -> None:
        hidden = outside.parent / ".hidden"
        hidden.write_text("kept")
        run = writer.path
        (run / "heartbeat").unlink()
        (run / "heartbeat").symlink_to(outside)
        (run / "epochs").symlink_to(outside.parent)
        (run / ".left.tmp").write_text("half")
        (run / ".left over").mkdir()
        writer.start(0, {})
        assert hidden.read_text() == "kept"
        assert not (run / ".left.tmp").exists()
        assert not (run / ".left over").exists()
        assert not (run / "heartbeat").is_symlink()
        (run / "heartbeat").unlink()
        (run / "heartbeat").symlink_to(outside)
        os.utime(outside.parent, (1.0, 1.0))
        hidden.unlink()
        os.utime(outside.parent, (1.0, 1.0))
        with pytest.raises(RunDamaged):
            store.get(run.name)
        assert untouched(outside)

    def test_sign_of_life_is_not_given_through_a_link(
        self, store: RunStore, outside: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fmnist_core.timeouts.HEARTBEAT_SECONDS", 0.02)
        with RunWriter(store.root, store.create(SPEC, by=Actor.owner()).id, 1) as writer:
            heartbeat = writer.path / "heartbeat"
            heartbeat.symlink_to(outside)
            first = heartbeat.lstat().st_mtime_ns
            end = time.monotonic() + 10
            while heartbeat.lstat().st_mtime_ns == first and time.monotonic() < end:
                time.sleep(0.01)
        assert heartbeat.lstat().st_mtime_ns > first
        assert untouched(outside)

    def test_asking_and_describing_replace_a_link(
        self, store: RunStore, writer: RunWriter, outside: Path
    ) -> None:
        known = store.get(writer.path.name)
        (writer.path / "user.json").unlink()
        (writer.path / "user.json").symlink_to(outside)
        # A page that was drawn before the link came.
        store._write(known.id, "user.json", {"name": "mine"})
        store._write(known.id, "control.json", {"attempt": 1, "stop": True})
        assert store.get(known.id).name == "mine"
        assert store.control(known.id).stop
        assert untouched(outside)


class TestAnnotations:
    def test_annotations_are_not_added_to_what_a_link_leads_to(
        self, tmp_path: Path, outside: Path
    ) -> None:
        kept = Annotations(tmp_path)
        (tmp_path / ".shared").mkdir()
        (tmp_path / ".shared" / "remarks.jsonl").symlink_to(outside)
        assert kept.all() == {}
        with pytest.raises(FmnistError, match="where remarks are, is a link"):
            kept.annotate(17, Annotation("label wrong"), by=Actor.owner())
        assert untouched(outside)

    def test_annotations_fill_no_disk(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("fmnist_core.annotations._LARGEST_FILE", 300)
        kept = Annotations(tmp_path)
        kept.annotate(17, Annotation("label wrong"), by=Actor.owner())
        with pytest.raises(FmnistError, match="too many remarks"):
            kept.annotate(18, Annotation("label wrong", note="x" * 400), by=Actor.owner())
        assert list(kept.all()) == [17]
