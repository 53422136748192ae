"""The run folder: whatever is found on the disk, a page gets runs or a sentence."""

from __future__ import annotations

import errno
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import made_first_layer
from made_weights import made_weights
from sweep import THOROUGH

from fmnist_core.colors import RUN_COLORS
from fmnist_core.errors import FmnistError
from fmnist_core.files import sha256
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import MEBIBYTE
from fmnist_core.presets import PRESETS
from fmnist_core.runs import (
    BatchEvent,
    EpochEvent,
    RunDamaged,
    RunNotFound,
    RunStore,
    RunsUnwritable,
    RunUnreadable,
    RunWriter,
    State,
    Summary,
    Superseded,
    new_run_id,
)
from fmnist_core.runs.events import (
    Event,
    FirstLayerEvent,
    InvalidLine,
    ProbeEvent,
    RunEvents,
    StartEvent,
    append_line,
    probe_values,
    read_line,
    write_line,
)
from fmnist_core.runs.liveness import Liveness
from fmnist_core.runs.model import MAX_COLOR
from fmnist_core.specs import RunSpec

SPEC = PRESETS["Simple network"]
SUMMARY = Summary(
    epochs=1,
    parameters=101_770,
    seconds=4.0,
    train_pictures=54_000,
    validation_pictures=6_000,
    test_accuracy=0.8,
)


def epoch_event(epoch: int, **changes: Any) -> EpochEvent:
    values = {
        "epoch": epoch,
        "elapsed": 1.0 * epoch,
        "at": 0.0,
        "seconds": 1.0,
        "learning_rate": 0.001,
        "images_per_second": 100.0,
        "train_loss": 0.5,
        "train_accuracy": 0.8,
        "test_loss": 0.5,
        "test_accuracy": 0.8,
        "validation_loss": 0.5,
        "validation_accuracy": 0.8,
    }
    return EpochEvent(**{**values, **changes})


def batch_event(epoch: int, position: float) -> BatchEvent:
    return BatchEvent(epoch, position, elapsed=position, at=0.0, loss=0.5, accuracy=0.8)


SHARES = np.random.default_rng(1).dirichlet(np.full(10, 0.3), 12).astype(np.float32)


def probe_event(position: float, **changes: Any) -> ProbeEvent:
    values = {"elapsed": position, "at": 0.0, "draw": 0, "values": probe_values(SHARES)}
    return ProbeEvent(position, **{**values, **changes})


def first_layer_event(position: float, index: int) -> FirstLayerEvent:
    return FirstLayerEvent(position, elapsed=position, at=0.0, index=index)


def arrays() -> dict[str, Any]:
    steps = np.zeros((10_000, 10), np.uint8)
    steps[:, 0] = 255
    return {"test_predictions": np.zeros(10_000, np.uint8), "test_probabilities": steps}


def logits() -> dict[str, Any]:
    return {"test_logits": np.zeros((10_000, 10), np.float32)}


def predictions() -> dict[str, Any]:
    return {"test_probabilities": np.full((10_000, 10), 0.1, np.float32)}


def started(store: RunStore, spec: RunSpec = SPEC) -> RunWriter:
    writer = RunWriter(store.root, store.create(spec, by=Actor.owner()).id, 1)
    writer.start(0, {})
    return writer


def take_for_dead(writer: RunWriter) -> None:
    (writer.path / "heartbeat").unlink()


def leftovers(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if ".tmp" in path.name or ".new-" in path.name]


class TestStore:
    def test_new_run_waits_and_knows_its_spec_and_name(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        assert (run.state, run.spec, run.name, run.attempt) == (
            "queued",
            SPEC,
            "Simple network",
            1,
        )
        assert len(run.id) == 32
        assert RunStore(store.root).get(run.id).spec == SPEC

    def test_same_id_from_many_clicks_is_one_run(self, store: RunStore) -> None:
        run_id = new_run_id()
        made: list[str] = []
        threads = [
            threading.Thread(
                target=lambda: made.append(store.create(SPEC, run_id, by=Actor.owner()).id)
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [run_id] * 8
        assert [run.id for run in store.list()] == [run_id]
        assert leftovers(store.root) == []

    def test_newest_run_comes_first(self, store: RunStore) -> None:
        ids = [store.create(SPEC, by=Actor.owner()).id for _ in range(4)]
        assert [run.id for run in store.list()] == ids[::-1]

    def test_empty_or_missing_folder_lists_nothing(self, tmp_path: Path) -> None:
        assert RunStore(tmp_path / "nowhere").list() == []

    @pytest.mark.parametrize(
        "text", ["../../etc/passwd", "x" * 1_000, "", "A" * 32, "0" * 32, "0" * 31 + "\n", "\0"]
    )
    def test_what_is_no_run_does_not_exist(self, store: RunStore, text: str) -> None:
        store.create(SPEC, by=Actor.owner())
        with pytest.raises(RunNotFound, match="This run does not exist"):
            store.get(text)

    def test_name_changes_within_its_limits(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        assert (
            store.describe(run.id, name="  my   best\nrun ", by=Actor.owner()).name == "my best run"
        )
        for name in ("", "   ", "x" * 81):
            with pytest.raises(FmnistError, match="1 to 80 characters"):
                store.describe(run.id, name=name, by=Actor.owner())
        assert store.get(run.id).name == "my best run"

    def test_waiting_run_cannot_be_deleted_and_a_stopped_one_can(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        with pytest.raises(FmnistError, match="stop it before"):
            store.delete(run.id, by=Actor.owner())
        store.request_stop(run.id, by=Actor.owner())
        store.delete(run.id, by=Actor.owner())
        assert store.list() == []
        assert [deleted.id for deleted in store.deleted()] == [run.id]

    def test_stop_of_a_waiting_run_shows_at_once(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        store.request_stop(run.id, by=Actor.owner())
        assert store.get(run.id).state == "stopped"
        assert store.control(run.id).stop

    def test_resumed_run_waits_again_as_its_next_attempt(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        store.request_stop(run.id, by=Actor.owner())
        resumed = store.requeue(run.id, by=Actor.owner())
        assert (resumed.state, resumed.attempt) == ("queued", 2)
        with pytest.raises(FmnistError, match="Only a training that ended"):
            store.requeue(run.id, by=Actor.owner())

    def test_active_runs_stand_in_the_order_in_which_they_train(self, store: RunStore) -> None:
        first, second, third = (store.create(SPEC, by=Actor.owner()).id for _ in range(3))
        with RunWriter(store.root, second, 1) as writer:
            writer.start(0, {})
            assert [run.id for run in store.active()] == [second, first, third]

    def test_changed_predictions_are_refused(self, store: RunStore) -> None:
        writer = started(store)
        writer.finish("done", None, predictions=predictions())
        run_id = writer.path.name
        assert store.predictions(run_id)["test_probabilities"].shape == (10_000, 10)
        path = writer.path / "predictions.npz"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        with pytest.raises(RunUnreadable, match="predictions cannot be read"):
            store.predictions(run_id)
        path.unlink()
        with pytest.raises(RunUnreadable):
            store.predictions(run_id)


class TestFacts:
    """What pages ask of a run."""

    def test_run_has_predictions_once_it_has_ended_with_a_result(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        assert (run.has_predictions, run.predictions_digest, run.test_accuracy) == (False, "", None)
        writer = RunWriter(store.root, run.id, 1)
        writer.start(0, {})
        writer.finish("done", SUMMARY, predictions=predictions())
        run = store.get(run.id)
        content = (run.path / "predictions.npz").read_bytes()
        assert run.has_predictions
        assert run.predictions_digest == sha256(content)
        assert run.test_accuracy == SUMMARY.test_accuracy
        # Its result is of the training before, and counts no more.
        longer = store.train_longer(run.id, 1, by=Actor.owner())
        assert not longer.has_predictions
        assert longer.test_accuracy == SUMMARY.test_accuracy

    @pytest.mark.parametrize("state", ["failed", "diverged"])
    def test_run_that_broke_off_has_none(self, store: RunStore, state: State) -> None:
        writer = started(store)
        writer.finish(state, SUMMARY, "It broke off.")
        assert not store.get(writer.path.name).has_predictions

    def test_run_has_a_network_where_it_kept_one(self, store: RunStore) -> None:
        writer = started(store)
        keras_model = b"the network for plain Keras"
        writer.finish("done", SUMMARY, save_model=lambda path: path.write_bytes(keras_model))
        run = store.get(writer.path.name)
        assert run.has_keras_model
        assert "an earlier version" in (run.network_problem or "")
        with pytest.raises(FmnistError, match="an earlier version"):
            store.weights(run.id)
        weights = made_weights(SPEC)
        writer.finish("done", SUMMARY, weights=weights)
        run = store.get(writer.path.name)
        assert run.network_problem is None
        assert run.network_digest == sha256((run.path / "weights.npz").read_bytes())
        assert store.weights(run.id).keys() == weights.keys()
        without = store.create(SPEC, by=Actor.owner())
        assert (without.has_keras_model, without.network_digest) == (False, "")
        assert "only its answers" in (without.network_problem or "")

    @pytest.mark.parametrize(
        ("training", "sizes"),
        [
            ({"validation_share": 0.1}, (54_000, 6_000)),
            ({"validation_share": 0.0}, (60_000, 0)),
            ({"validation_share": 0.1, "train_pictures": 1_000}, (1_000, 6_000)),
        ],
        ids=str,
    )
    def test_sizes_of_its_splits_follow_from_the_configuration(
        self, store: RunStore, training: dict[str, float], sizes: tuple[int, int]
    ) -> None:
        spec = SPEC.model_copy(update={"training": SPEC.training.model_copy(update=training)})
        run = store.create(spec, by=Actor.owner())
        assert (run.training_size, run.validation_size) == sizes


class TestDamage:
    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"null", b"[]", b"\xff\xfe\x00", b'{"id": "x"}', b"[" * 100_000],
        ids=["empty", "cut", "null", "list", "binary", "incomplete", "deep"],
    )
    def test_nonsense_is_listed_as_damaged_beside_the_good_run(
        self, store: RunStore, content: bytes
    ) -> None:
        good, bad = store.create(SPEC, by=Actor.owner()), store.create(SPEC, by=Actor.owner())
        (bad.path / "run.json").write_bytes(content)
        assert [run.id for run in store.list()] == [good.id]
        (damaged,) = store.scan().damaged
        assert (damaged.id, damaged.path) == (bad.id, bad.path)
        assert damaged.reason
        with pytest.raises(RunDamaged) as refused:
            store.get(bad.id)
        assert refused.value.run == damaged
        assert str(refused.value) == (
            f"This run is damaged. {damaged.reason} Its folder is left as it is."
        )

    def test_missing_description_and_wrong_owner_are_damage(self, store: RunStore) -> None:
        empty, stranger = store.root / new_run_id(), store.root / new_run_id()
        other = store.create(SPEC, by=Actor.owner())
        empty.mkdir()
        stranger.mkdir()
        (stranger / "run.json").write_bytes((other.path / "run.json").read_bytes())
        runs, damaged = store.scan()
        assert [run.id for run in runs] == [other.id]
        assert {run.id: run.reason for run in damaged} == {
            empty.name: "Its description is missing.",
            stranger.name: "Its description is another run's.",
        }

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "dancing"},
            {"spec": {"training": {"epochs": 0}}},
            {"created_at": "yesterday"},
            {"attempt": None},
            {"summary": {"epochs": "many"}},
            {"format": 2},
            {"environment": {"execution": {"precision": {"a": 1}}}},
            {"finished_at": "9999-12-31T23:59:59+00:00"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_impossible_value_is_damage(self, store: RunStore, change: dict[str, Any]) -> None:
        run = store.create(SPEC, by=Actor.owner())
        path = run.path / "run.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        with pytest.raises(RunDamaged, match="Its description makes no sense"):
            store.get(run.id)

    def test_what_is_damaged_can_be_deleted_and_brought_back_and_nothing_else(
        self, store: RunStore
    ) -> None:
        run = store.create(SPEC, by=Actor.owner())
        (run.path / "run.json").write_bytes(b"{")
        (before,) = store.scan().damaged
        for change in (
            lambda: store.pin(run.id, by=Actor.owner()),
            lambda: store.describe(run.id, name="Mine", by=Actor.owner()),
            lambda: store.requeue(run.id, by=Actor.owner()),
            lambda: store.train_longer(run.id, 1, by=Actor.owner()),
            lambda: store.request_stop(run.id, by=Actor.owner()),
            lambda: store.create(SPEC, run.id, by=Actor.owner()),
            lambda: store.control(run.id),
            lambda: store.predictions(run.id),
        ):
            with pytest.raises(RunDamaged, match=before.reason):
                change()
        store.delete(run.id, by=Actor.owner())
        assert store.scan() == ([], [])
        (deleted,) = store.deleted()
        assert (deleted.id, deleted.name) == (run.id, f"Damaged run {run.id[:6]}")
        store.restore(run.id, by=Actor.owner())
        assert store.scan().damaged == [before]

    def test_mutated_folders_never_break_the_list(self, store: RunStore) -> None:
        chance = random.Random(5)
        original = (store.create(SPEC, by=Actor.owner()).path / "run.json").read_bytes()
        count = 1_000 if THOROUGH else 60
        for _ in range(count):
            content = bytearray(original)
            for _ in range(chance.randint(1, 6)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            if chance.random() < 0.3:
                del content[chance.randrange(len(content)) :]
            folder = store.root / f"{chance.getrandbits(128):032x}"
            folder.mkdir()
            (folder / "run.json").write_bytes(content)
            (folder / "user.json").write_bytes(content[::-1])
            (folder / "metrics.jsonl").write_bytes(content)
            (folder / "control.json").write_bytes(content)
        runs, damaged = store.scan()
        assert [run.state for run in runs] == ["queued"]
        assert len(damaged) == count
        for run in damaged:
            store.events(run.id)

    def test_strange_notes_do_not_hide_a_run(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        (run.path / "user.json").write_text('{"name": 5, "tags": "x"}')
        assert store.get(run.id).name == "Simple network"


class TestDisk:
    @pytest.mark.parametrize(
        ("code", "sentence"),
        [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "cannot be written")],
    )
    def test_trouble_gets_a_sentence_and_leaves_nothing(
        self, store: RunStore, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
    ) -> None:
        def broken(descriptor: int) -> None:
            raise OSError(code, os.strerror(code))

        store.root.mkdir(parents=True)
        monkeypatch.setattr(os, "fsync", broken)
        with pytest.raises(RunsUnwritable, match=sentence):
            store.create(SPEC, by=Actor.owner())
        assert list(store.root.iterdir()) == []

    def test_folder_that_cannot_be_made_is_told_before_a_training(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        problem = RunStore(tmp_path / "file" / "runs").writable_problem()
        assert problem
        assert str(tmp_path) not in problem
        assert RunStore(tmp_path / "fine").writable_problem() is None

    @pytest.mark.parametrize("nth", range(1, 9))
    def test_crash_at_any_disk_step_leaves_the_old_state_or_the_new(
        self, store: RunStore, monkeypatch: pytest.MonkeyPatch, nth: int
    ) -> None:
        writer = started(store)
        calls = 0

        def failing(real: Callable[..., None]) -> Callable[..., None]:
            def call(*arguments: Any, **named: Any) -> None:
                nonlocal calls
                calls += 1
                if calls == nth:
                    raise OSError(errno.EIO, "input/output error")
                return real(*arguments, **named)

            return call

        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", failing(os.fsync))
            broken.setattr(os, "replace", failing(os.replace))
            try:
                writer.finish("done", None, predictions=predictions())
                survived = True
            except OSError:
                survived = False
        record = json.loads((writer.path / "run.json").read_text())
        assert record["state"] in ("running", "done")
        assert survived <= (record["state"] == "done")
        if record["state"] == "done":
            assert "test_probabilities" in store.predictions(writer.path.name)
        assert leftovers(store.root) == []


class TestWriter:
    def test_newer_attempt_ends_an_older_writer(self, store: RunStore) -> None:
        writer = started(store)
        take_for_dead(writer)
        store.requeue(writer.path.name, by=Actor.owner())
        before = (writer.path / "metrics.jsonl").read_bytes()
        writes: tuple[Callable[[], None], ...] = (
            lambda: writer.report_batch(batch_event(1, 0.1)),
            lambda: writer.commit_epoch(epoch_event(1), arrays(), made_weights(SPEC), logits()),
            lambda: writer.finish("done", None),
        )
        for write in writes:
            with pytest.raises(Superseded):
                write()
        assert (writer.path / "metrics.jsonl").read_bytes() == before
        assert store.get(writer.path.name).state == "queued"
        with pytest.raises(Superseded):
            RunWriter(store.root, writer.path.name, 1)

    def test_line_of_an_epoch_comes_after_its_predictions(
        self, store: RunStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writer = started(store)

        def full(*_: Any, **__: Any) -> None:
            raise OSError(errno.ENOSPC, "no space left on device")

        monkeypatch.setattr(np, "savez_compressed", full)
        with pytest.raises(OSError, match="no space"):
            writer.commit_epoch(epoch_event(1), arrays(), made_weights(SPEC), logits())
        assert store.events(writer.path.name).epochs == []

    def test_stop_is_heard_by_the_attempt_it_was_meant_for(self, store: RunStore) -> None:
        run = store.create(SPEC, by=Actor.owner())
        store.request_stop(run.id, by=Actor.owner())
        assert RunWriter(store.root, run.id, 1).control().stop
        store.requeue(run.id, by=Actor.owner())
        assert not RunWriter(store.root, run.id, 2).control().stop


class TestEvents:
    def test_events_come_back_as_written_while_the_file_grows(self, store: RunStore) -> None:
        writer = started(store)
        run_id = writer.path.name
        assert store.events(run_id).epochs == []
        writer.report_phase("Training")
        writer.report_batch(batch_event(1, 0.5))
        begin = time.time()
        writer.commit_epoch(epoch_event(1), arrays(), made_weights(SPEC), logits())
        events = store.events(run_id)
        assert events.batches == [batch_event(1, 0.5)]
        # An epoch's time is that at which others can see it.
        assert begin <= events.epochs[0].at <= time.time()
        assert events.epochs == [replace(epoch_event(1), at=events.epochs[0].at)]
        assert events.phase == "Training"
        writer.commit_epoch(
            epoch_event(2, validation_loss=0.4), arrays(), made_weights(SPEC), logits()
        )
        later = store.events(run_id)
        assert [event.epoch for event in later.epochs] == [1, 2]
        assert later.best_epoch is later.epochs[1]
        assert later.epochs[1].validation_loss == 0.4
        assert [event.epoch for event in events.epochs] == [1]

    def test_half_a_line_waits_and_garbage_is_left_out(self, store: RunStore) -> None:
        writer = started(store)
        path = writer.path / "metrics.jsonl"
        whole = json.dumps({"event": "epoch", **asdict(epoch_event(1))}).encode()
        with path.open("ab") as file:
            file.write(b'nonsense\n[1]\n{"event": "batch"}\n')
            file.write(
                json.dumps({"event": "epoch", **asdict(epoch_event(7))})
                .replace("0.5", "NaN")
                .encode()
                + b"\n"
            )
            file.write(whole[:20])
        assert store.events(writer.path.name).epochs == []
        with path.open("ab") as file:
            file.write(whole[20:] + b"\n")
        assert store.events(writer.path.name).epochs == [epoch_event(1)]

    def test_replaced_file_is_read_anew(self, store: RunStore) -> None:
        writer = started(store)
        writer.commit_epoch(epoch_event(1), arrays(), made_weights(SPEC), logits())
        assert len(store.events(writer.path.name).epochs) == 1
        (writer.path / "metrics.jsonl").write_bytes(b"")
        assert store.events(writer.path.name).epochs == []

    def test_next_attempt_goes_on_from_its_last_epoch(self, store: RunStore) -> None:
        writer = started(store)
        for number in (1, 2):
            writer.report_batch(batch_event(number, number - 0.5))
            writer.commit_epoch(epoch_event(number), arrays(), made_weights(SPEC), logits())
        writer.report_batch(batch_event(3, 2.7))
        with (writer.path / "metrics.jsonl").open("ab") as file:
            file.write(b'{"event": "batch", "epo')
        take_for_dead(writer)
        store.requeue(writer.path.name, by=Actor.owner())
        second = RunWriter(store.root, writer.path.name, 2)
        second.start(2, {})
        second.report_batch(batch_event(3, 2.1))
        second.commit_epoch(epoch_event(3), arrays(), made_weights(SPEC), logits())
        events = store.events(writer.path.name)
        assert [event.epoch for event in events.epochs] == [1, 2, 3]
        assert [event.position for event in events.batches] == [0.5, 1.5, 2.1]

    @pytest.mark.parametrize(
        "event",
        [
            probe_event(0.0),
            probe_event(1.25, draw=10_000),
            first_layer_event(0.0, 0),
            first_layer_event(200.0, 799),
        ],
        ids=range(4),
    )
    def test_what_is_shown_of_a_training_comes_back_from_its_line(self, event: Event) -> None:
        line = write_line(event, 3)
        assert line.endswith(b"\n")
        assert json.loads(line)["attempt"] == 3
        assert read_line(line) == event

    def test_a_probability_is_kept_to_a_255th(self) -> None:
        kept = probe_event(0.0).probabilities
        assert (kept.shape, kept.dtype) == ((12, 10), np.uint8)
        assert np.abs(kept / 255 - SHARES).max() <= 0.5 / 255 + 1e-6

    @pytest.mark.parametrize(
        ("event", "field"),
        [
            (probe_event(0.0, values=probe_values(SHARES)[:-4]), "values"),
            (probe_event(0.0, values=probe_values(SHARES) + "AAAA"), "values"),
            (probe_event(0.0, values=probe_values(SHARES) + "\n"), "values"),
            (probe_event(0.0, values="-" * 160), "values"),
            (probe_event(0.0, draw=-1), "draw"),
            (probe_event(0.0, draw=10_001), "draw"),
            (probe_event(0.0, draw=1.0), "draw"),
            (probe_event(0.0, draw=True), "draw"),
            (probe_event(-0.5), "position"),
            (first_layer_event(0.0, -1), "index"),
            (first_layer_event(0.0, 800), "index"),
        ],
        ids=range(11),
    )
    def test_what_no_training_shows_is_refused(self, event: Event, field: str) -> None:
        with pytest.raises(InvalidLine, match=f"^{field} is "):
            write_line(event, 1)

    def test_the_newest_probe_counts_and_every_first_layer(self, store: RunStore) -> None:
        writer = started(store)
        before = store.events(writer.path.name)
        assert (before.probe, before.first_layers) == (None, [])
        for position in (0.0, 0.5, 1.0):
            writer.report_probe(probe_event(position))
            pictures = made_first_layer(SPEC, round(2 * position))
            writer.report_first_layer(first_layer_event(position, round(2 * position)), pictures)
        events = store.events(writer.path.name)
        assert events.probe == probe_event(1.0)
        assert events.first_layers == [first_layer_event(index / 2, index) for index in range(3)]
        kept = store.first_layer(writer.path.name, 1)
        assert kept.keys() == {"weights"}
        assert np.array_equal(kept["weights"], made_first_layer(SPEC, 1)["weights"])
        assert before.first_layers == []

    def test_of_an_epoch_trained_again_the_old_first_layers_are_dropped(self) -> None:
        events = RunEvents()
        for index, position in enumerate((0.0, 0.5, 1.0, 1.4, 2.0)):
            events.add(first_layer_event(position, index))
        events.add(probe_event(2.0))
        events.add(StartEvent(1))
        assert [event.index for event in events.first_layers] == [0, 1, 2]
        # What it said last stands until it says something else.
        assert events.probe == probe_event(2.0)
        events.add(first_layer_event(1.0, 2))
        assert [event.index for event in events.first_layers] == [0, 1, 2]

    @pytest.mark.parametrize(
        ("mebibytes", "kept"),
        [
            (15, "batch probe first_layer epoch"),
            (17, "batch first_layer epoch"),
            (31.5, "first_layer epoch"),
        ],
    )
    def test_a_very_large_file_leaves_out_probes_before_batches_and_epochs_never(
        self, tmp_path: Path, mebibytes: float, kept: str
    ) -> None:
        path = tmp_path / "metrics.jsonl"
        path.touch()
        os.truncate(path, round(mebibytes * MEBIBYTE))
        events = (batch_event(1, 1.0), probe_event(1.0), first_layer_event(1.0, 0), epoch_event(1))
        for event in events:
            append_line(path, event, 1)
        with path.open("rb") as file:
            file.seek(round(mebibytes * MEBIBYTE))
            lines = file.read().splitlines()
        assert [json.loads(line)["event"] for line in lines] == kept.split()

    def test_events_of_a_later_version_are_left_out(self, store: RunStore) -> None:
        writer = started(store)
        writer.report_probe(probe_event(0.0))
        with (writer.path / "metrics.jsonl").open("ab") as file:
            file.write(b'{"event": "second_layer", "position": 0.0, "attempt": 1}\n')
        writer.report_batch(batch_event(1, 0.5))
        events = store.events(writer.path.name)
        assert (events.probe, events.batches) == (probe_event(0.0), [batch_event(1, 0.5)])

    def test_pictures_that_are_none_of_a_first_layer_are_not_kept(self, store: RunStore) -> None:
        writer = started(store)
        with pytest.raises(ValueError, match="weights is “float32”"):
            writer.report_first_layer(
                first_layer_event(0.0, 0),
                {"weights": np.zeros((12, 28, 28), np.float32)},  # type: ignore[dict-item]
            )
        assert store.events(writer.path.name).first_layers == []
        with pytest.raises(RunUnreadable, match="first layer cannot be read"):
            store.first_layer(writer.path.name, 0)


class TestLiveness:
    @pytest.fixture
    def running(self, tmp_path: Path) -> Iterator[tuple[RunStore, RunWriter]]:
        store = RunStore(tmp_path, Liveness(limit=0.4))
        with RunWriter(store.root, store.create(SPEC, by=Actor.owner()).id, 1) as writer:
            writer.start(0, {})
            yield store, writer

    def test_run_without_sign_of_life_is_interrupted(
        self, running: tuple[RunStore, RunWriter]
    ) -> None:
        store, writer = running
        assert store.get(writer.path.name).state == "running"
        old = time.time() - 60
        os.utime(writer.path / "heartbeat", (old, old))
        run = RunStore(store.root).get(writer.path.name)
        assert run.state == "interrupted"
        assert "finished epochs are kept" in (run.reason or "")

    def test_run_whose_heartbeat_is_gone_is_interrupted(
        self, running: tuple[RunStore, RunWriter]
    ) -> None:
        store, writer = running
        (writer.path / "heartbeat").unlink()
        assert store.get(writer.path.name).state == "interrupted"

    def test_clock_that_jumps_back_neither_kills_nor_revives(self, tmp_path: Path) -> None:
        liveness, heartbeat = Liveness(limit=0.3), tmp_path / "heartbeat"
        heartbeat.write_bytes(b"1")
        ahead = time.time() + 3600
        for beat in range(4):
            os.utime(heartbeat, (ahead + beat, ahead + beat))
            alive = liveness.alive(heartbeat)
        assert alive
        time.sleep(0.4)
        assert not liveness.alive(heartbeat)
        assert not Liveness(limit=0.3).alive(heartbeat)

    def test_clock_that_jumps_ahead_does_not_kill_what_beat_a_moment_ago(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        liveness, heartbeat = Liveness(limit=60), tmp_path / "heartbeat"
        heartbeat.write_bytes(b"1")
        assert liveness.alive(heartbeat)
        ahead = time.time() + 3600
        monkeypatch.setattr("fmnist_core.runs.liveness.time.time", lambda: ahead)
        assert liveness.alive(heartbeat)
        assert not Liveness(limit=60).alive(heartbeat)

    def test_writer_beats_by_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fmnist_core.timeouts.HEARTBEAT_SECONDS", 0.02)
        store = RunStore(tmp_path)
        with RunWriter(store.root, store.create(SPEC, by=Actor.owner()).id, 1) as writer:
            writer.start(0, {})
            heartbeat = writer.path / "heartbeat"
            first = heartbeat.stat().st_mtime_ns
            end = time.monotonic() + 10
            while heartbeat.stat().st_mtime_ns == first and time.monotonic() < end:
                time.sleep(0.01)
            assert heartbeat.stat().st_mtime_ns > first


def test_a_run_keeps_its_colour_for_good(store: RunStore) -> None:
    """The colour of a run once followed from its place among those that were chosen."""
    runs = [store.create(SPEC, by=Actor.owner()) for _ in range(len(RUN_COLORS) + 2)]
    assert [run.color for run in runs] == [*range(len(RUN_COLORS)), 0, 1]
    RunWriter(store.root, runs[3].id, 1).start(0, {})
    store.request_stop(runs[2].id, by=Actor.owner())
    store.delete(runs[2].id, by=Actor.owner())
    assert store.get(runs[3].id).color == 3
    # The one that was deleted leaves its colour to the next, and has it still when it comes back.
    assert store.create(SPEC, by=Actor.owner()).color == 2
    store.restore(runs[2].id, by=Actor.owner())
    assert store.get(runs[2].id).color == 2


@pytest.mark.parametrize("color", [None, MAX_COLOR])
def test_a_run_without_a_colour_of_its_own_has_one_that_follows_from_its_id(
    store: RunStore, color: int | None
) -> None:
    run = store.create(SPEC, by=Actor.owner())
    description = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(description | {"color": color}))
    found = RunStore(store.root).get(run.id).color
    assert found == (int(run.id, 16) if color is None else color) % len(RUN_COLORS)


@pytest.mark.parametrize("color", [-1, MAX_COLOR + 1, "red", 0.5, True])
def test_a_colour_that_makes_no_sense_is_a_damaged_run(store: RunStore, color: object) -> None:
    run = store.create(SPEC, by=Actor.owner())
    description = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(description | {"color": color}))
    with pytest.raises(RunDamaged):
        RunStore(store.root).get(run.id)
