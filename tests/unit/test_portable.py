"""A run goes out as a zip and comes back; what is no such zip is refused."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_histories import learned
from made_runs import report_first_layer, report_probe
from made_weights import made_weights
from typed import HIDDEN, TEXTS

from fmnist_core.analysis.steps import ladder, missing_steps
from fmnist_core.colors import RUN_COLORS
from fmnist_core.dataset import Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.export import RunWithEvents
from fmnist_core.export.keras_script import notebook, script, script_diff
from fmnist_core.export.report import report_html
from fmnist_core.export.tables import metrics_csv
from fmnist_core.export.tensorboard import tensorboard_zip
from fmnist_core.files import packed, sha256
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunNotFound, RunStore, RunUnreadable, RunWriter
from fmnist_core.runs.identity import identity_of
from fmnist_core.runs.portable import MAX_ZIP_BYTES, ImportRefused, export_run, import_run
from fmnist_core.text import cleaned, one_line


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> tuple[RunStore, Run]:
    store = RunStore(tmp_path_factory.mktemp("made") / "runs")
    run = learned(store, np.asarray(data.test_labels), 3, name="Mine [x](http://example.org)")
    (run.path / "model.keras").write_bytes(b"a network")
    content = packed(made_weights(run.spec))
    (run.path / "weights.npz").write_bytes(content)
    description = json.loads((run.path / "run.json").read_text())
    description["artifacts"]["weights.npz"] = sha256(content)
    (run.path / "run.json").write_text(json.dumps(description))
    writer = RunWriter(store.root, run.id, run.attempt)
    report_probe(writer, 3)
    for position in (0, 3):
        report_first_layer(writer, position)
    return store, store.get(run.id)


@pytest.fixture(scope="module")
def zipped(made: tuple[RunStore, Run]) -> bytes:
    return export_run(made[0], made[1].id)


@pytest.fixture
def other(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def changed(zipped: bytes, **files: bytes | Callable[[bytes], bytes] | None) -> bytes:
    """The zip with some files (``/`` as ``__``) replaced, changed, added or left out."""
    wanted = {name.replace("__", "/").replace("_DOT_", "."): to for name, to in files.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(zipped)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            to = wanted.pop(name, old.read(name))
            if to is not None:
                new.writestr(name, to(old.read(name)) if callable(to) else to)
        for name, to in wanted.items():
            assert isinstance(to, bytes)
            new.writestr(name, to)
    return out.getvalue()


def record(change: dict[str, object]) -> Callable[[bytes], bytes]:
    return lambda text: json.dumps(json.loads(text) | change).encode()


def arrays(**values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **values)
    return buffer.getvalue()


def test_what_is_taken_along_can_be_taken_in_again(
    made: tuple[RunStore, Run], other: RunStore
) -> None:
    """A network that fills the file alone is left out; it can be downloaded by itself."""
    store, run = made
    file = run.path / "model.keras"
    small = file.read_bytes()
    file.write_bytes(random.Random(1).randbytes(MAX_ZIP_BYTES))
    content = export_run(store, run.id)
    file.write_bytes(small)
    assert "model.keras" not in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert import_run(other, content, by=Actor.owner()).id == run.id


def test_a_run_comes_back_with_curves_answers_and_weights_but_no_file_that_can_hold_code(
    made: tuple[RunStore, Run], zipped: bytes, other: RunStore
) -> None:
    store, run = made
    assert "model.keras" in zipfile.ZipFile(io.BytesIO(zipped)).namelist()
    back = import_run(other, zipped, by=Actor.owner())
    assert (back.id, back.state, back.spec) == (run.id, run.state, run.spec)
    assert back.summary == run.summary
    assert other.events(back.id).epochs == store.events(run.id).epochs
    before, after = store.predictions(run.id), other.predictions(back.id)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert np.array_equal(
        store.epoch_predictions(run.id, 2)["test_predictions"],
        other.epoch_predictions(back.id, 2)["test_predictions"],
    )
    shown, told = store.events(run.id), other.events(back.id)
    assert told.probe == shown.probe is not None
    assert told.first_layers == shown.first_layers
    for index in range(2):
        pictures = other.first_layer(back.id, index)["weights"]
        assert np.array_equal(pictures, store.first_layer(run.id, index)["weights"])
    network = store.weights(run.id)
    assert all(np.array_equal(other.weights(back.id)[name], network[name]) for name in network)
    assert [path.name for path in sorted((back.path / "weights").iterdir())] == [
        "0001.npz",
        "0002.npz",
        "0003.npz",
    ]
    assert not list(back.path.glob("*.keras"))
    assert back.name == run.name
    with pytest.raises(FmnistError, match="imported"):
        other.train_longer(back.id, 1, by=Actor.owner())
    with pytest.raises(ImportRefused, match="here already"):
        import_run(other, zipped, by=Actor.owner())


def test_a_first_layer_that_is_gone_is_left_out_of_what_is_taken_along(
    made: tuple[RunStore, Run], other: RunStore
) -> None:
    store, run = made
    path = run.path / "first_layer" / "0001.npz"
    pictures = path.read_bytes()
    path.unlink()
    content = export_run(store, run.id)
    path.write_bytes(pictures)
    back = import_run(other, content, by=Actor.owner())
    assert other.first_layer(back.id, 0)
    assert [event.index for event in other.events(back.id).first_layers] == [0, 1]
    with pytest.raises(RunUnreadable, match="first layer cannot be read"):
        other.first_layer(back.id, 1)


SHARES = np.full((10_000, 10), 0.1, np.float32)
STEPS = np.full((10_000, 10), 26, np.uint8)
NAMED = np.zeros(10_000, np.uint8)
UNITS = np.zeros((12, 28, 28), np.int8)
EPOCH = {
    "epoch": 4,
    "elapsed": 12.0,
    "at": 1.7e9,
    "seconds": 4.0,
    "learning_rate": 0.001,
    "images_per_second": 1e4,
    "train_loss": 0.5,
    "train_accuracy": 0.8,
    "test_loss": 0.5,
    "test_accuracy": 0.8,
}


def line(**changes: object) -> Callable[[bytes], bytes]:
    """The curves with one line more."""
    values = {"event": "epoch", **EPOCH, **changes}
    values = {name: value for name, value in values.items() if value != "left out"}
    return lambda text: text + json.dumps(values).encode() + b"\n"


def shown_line(event: str, **fields: object) -> Callable[[bytes], bytes]:
    """The curves, and after them a line about what is shown of a training."""
    values = {"event": event, "position": 3.0, "elapsed": 12.0, "at": 1.7e9, **fields}
    return lambda text: text + json.dumps(values).encode() + b"\n"


def summary(**changes: object) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        values = json.loads(text)
        values["summary"] |= changes
        return json.dumps(values).encode()

    return change


REFUSED: list[tuple[dict[str, bytes | Callable[[bytes], bytes] | None], str]] = [
    ({"run_DOT_json": None}, "there is no run.json in it"),
    ({"run_DOT_json": b"{"}, "Its run.json is wrong: it is no JSON"),
    ({"run_DOT_json": record({"id": "../../etc"})}, "id is a text: it has not the form"),
    ({"run_DOT_json": record({"state": "running"})}, "had not ended"),
    (
        {"run_DOT_json": record({"spec": {"network": {"kind": "dense", "units": [0]}}})},
        "Neurons of hidden layer 1 must be a whole number from 1 to",
    ),
    ({"run_DOT_json": record({"spec": {"training": {"epochs": "x"}}})}, "Epochs must be"),
    ({"run_DOT_json": record({"attempt": 10**30})}, "attempt is a number far too large: it should"),
    ({"run_DOT_json": record({"attempt": True})}, "attempt is true: it should be a valid integer"),
    (
        {"run_DOT_json": record({"created_at": "9999-12-31T23:59:59+00:00"})},
        "created_at is a text: it should lie between the years 1970 and 2200",
    ),
    ({"run_DOT_json": record({"environment": {"a": {"b": {"c": 1}}}})}, "environment.a"),
    (
        {"run_DOT_json": record({"environment": {f"n{n}": n for n in range(10_000)}})},
        "environment is a group of fields: it should have at most 64",
    ),
    ({"run_DOT_json": record({"artifacts": {"../x": "0" * 64}})}, "artifacts.*has not the form"),
    ({"run_DOT_json": record({"reason": "x" * 2_000})}, "reason is a text"),
    (
        {"run_DOT_json": summary(test_accuracy=1e300)},
        r"summary.test_accuracy is 1e\+300: it should",
    ),
    ({"run_DOT_json": summary(test_loss=-1)}, "summary.test_loss is -1: it should"),
    ({"run_DOT_json": summary(epochs=7)}, "summary.epochs is 7, but its configuration trains 3"),
    ({"run_DOT_json": summary(epochs=2)}, "has 3 epochs, but the run finished 2"),
    ({"user_DOT_json": json.dumps({"name": "x" * 81}).encode()}, "Its user.json is wrong: name is"),
    ({"evil_DOT_exe": b"x"}, "It holds “evil.exe”, which is no file of a run"),
    ({"epochs__0000_DOT_npz": b"x"}, "“epochs/0000.npz”, which is no file of a run"),
    ({"epochs__0201_DOT_npz": b"x"}, "“epochs/0201.npz”, which is no file of a run"),
    ({"..__evil": b"x"}, "“../evil”, a name that leads out of its folder"),
    ({"__etc__passwd": b"x"}, "“/etc/passwd”, a name that leads out"),
    ({"..\\evil": b"x"}, "a name that leads out"),
    ({"C:\\evil": b"x"}, "a name that leads out"),
    ({"epochs__..__0001_DOT_npz": b"x"}, "a name that leads out"),
    ({"other__run_DOT_json": b"{}"}, "It holds 2 runs. Import one after the other"),
    ({"predictions_DOT_npz": None}, "Its predictions.npz is missing"),
    (
        {"predictions_DOT_npz": arrays(test_logits=np.zeros((10_000, 10), np.float32))},
        "Its predictions.npz is wrong: test_probabilities is missing",
    ),
    ({"predictions_DOT_npz": arrays(test_probabilities=SHARES)}, "predictions.npz was changed"),
    (
        {"epochs__0001_DOT_npz": b"no zip"},
        "Its epochs/0001.npz is wrong: it is no file of arrays, or is damaged",
    ),
    ({"epochs__0001_DOT_npz": arrays(test_predictions=NAMED[:3])}, "of shape .3.; a training wri"),
    (
        {"epochs__0001_DOT_npz": arrays(test_predictions=NAMED.astype(float))},
        "test_predictions is “float64” of shape .10000.; a training writes uint8",
    ),
    (
        {"epochs__0001_DOT_npz": arrays(test_predictions=NAMED)},
        "epochs/0001.npz is wrong: test_probabilities is missing",
    ),
    (
        {"epochs__0001_DOT_npz": arrays(test_predictions=NAMED + 11, test_probabilities=STEPS)},
        "test_predictions holds 11; it lies from 0 to 9",
    ),
    ({"epochs__0001_DOT_npz": arrays(test_predictions=np.array([{}]))}, "of shape"),
    ({"first_layer__0000_DOT_npz": b"no zip"}, "Its first_layer/0000.npz is wrong: it is no file"),
    (
        {"first_layer__0000_DOT_npz": arrays(weights=UNITS.astype(np.int16))},
        "Its first_layer/0000.npz is wrong: weights is “int16” of shape .12, 28, 28.; a training",
    ),
    (
        {"first_layer__0001_DOT_npz": arrays(weights=np.zeros((13, 28, 28), np.int8))},
        "of shape .13, 28, 28.; a training writes int8 of shape .units, rows, columns.",
    ),
    ({"first_layer__0001_DOT_npz": arrays(weights=UNITS[:0])}, "of shape .0, 28, 28.; a training"),
    (
        {"first_layer__0001_DOT_npz": arrays(weights=np.full_like(UNITS, -128))},
        "weights holds -128; it lies from -127 to 127",
    ),
    ({"first_layer__0001_DOT_npz": arrays(responses=UNITS)}, "weights is missing"),
    (
        {"first_layer__0001_DOT_npz": arrays(weights=UNITS, responses=UNITS[:3])},
        "responses is about 3 units, but weights about 12",
    ),
    ({"first_layer__0001_DOT_npz": bytes(2**16 + 1)}, "first_layer/0001.npz is larger than any"),
    ({"first_layer__0800_DOT_npz": b"x"}, "“first_layer/0800.npz”, which is no file of a run"),
    ({"first_layer__9999_DOT_npz": b"x"}, "“first_layer/9999.npz”, which is no file of a run"),
    ({"first_layer__x_DOT_npz": b"x"}, "“first_layer/x.npz”, which is no file of a run"),
    ({"first_layer__..__x": b"x"}, "“first_layer/../x”, a name that leads out of its folder"),
    (
        {"metrics_DOT_jsonl": shown_line("probe", draw=0, values="A" * 156)},
        "in line 8: values is a text: it has not the form",
    ),
    ({"metrics_DOT_jsonl": shown_line("first_layer", index=800)}, "in line 8: index is 800: it"),
    ({"metrics_DOT_jsonl": line(epoch="4")}, "in line 8: epoch is a text: it should be a valid"),
    ({"metrics_DOT_jsonl": line(epoch=7)}, "in line 8: epoch 7 comes after epoch 3"),
    ({"metrics_DOT_jsonl": line(epoch=10**30)}, "epoch is a number far too large"),
    (
        {"metrics_DOT_jsonl": line(test_accuracy=1e300)},
        r"test_accuracy is 1e\+300: it should be less",
    ),
    ({"metrics_DOT_jsonl": line(train_loss=-1)}, "train_loss is -1: it should be greater"),
    ({"metrics_DOT_jsonl": line(train_loss="left out")}, "train_loss is missing"),
    ({"metrics_DOT_jsonl": line(train_loss=float("nan"))}, "train_loss is nan: it should be"),
    ({"metrics_DOT_jsonl": line(at=2.5e11)}, r"at is 2.5e\+11: it should be less"),
    ({"metrics_DOT_jsonl": line(attempt=10**30)}, "attempt is a number far too large"),
    ({"metrics_DOT_jsonl": line(more=1)}, "no run has a field “more”"),
    ({"metrics_DOT_jsonl": line(event="dance")}, "none of the events batch, epoch"),
    ({"metrics_DOT_jsonl": b'{"event": "start", "from_epoch": 1e999}'}, "in line 1: from_epoch is"),
]


@pytest.mark.parametrize(("files", "said"), REFUSED, ids=range(len(REFUSED)))
def test_what_no_run_holds_is_refused_by_its_name(
    zipped: bytes, other: RunStore, files: dict[str, bytes], said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        import_run(other, changed(zipped, **files), by=Actor.owner())
    assert other.list() == []
    assert not other.root.exists() or list(other.root.iterdir()) == []


def repacked(zipped: bytes, folder: str, extra: dict[str, bytes], slash: str = "/") -> bytes:
    """The run in a folder of the zip, as when it was zipped by hand, with more files beside."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(zipped)) as old, zipfile.ZipFile(out, "w") as new:
        if folder:
            new.writestr(folder, b"")
            new.writestr(f"{folder}epochs/", b"")
        for name in old.namelist():
            new.writestr(f"{folder}{name}".replace("/", slash), old.read(name))
        for name, content in extra.items():
            new.writestr(name.replace("/", slash), content)
    return out.getvalue()


RUN = "0123456789abcdef0123456789abcdef/"
OWN = {
    "heartbeat": b"1",
    "pending.json": b"{}",
    "control.json": b"{}",
    "logits.npz": b"x",
    "checkpoint.npz": b"x",
    "checkpoint.keras": b"x",
    ".run.json.0123456789abcdef.tmp": b"half",
    "epochs/.0004.npz.0123456789abcdef.tmp": b"half",
}


@pytest.mark.parametrize(
    ("folder", "extra", "slash"),
    [
        ("", OWN, "/"),
        (RUN, {f"{RUN}{name}": content for name, content in OWN.items()}, "/"),
        ("runs/" + RUN, {"runs/.shared/remarks.jsonl": b"x"}, "/"),
        (
            RUN,
            {
                f"{RUN}.DS_Store": b"x",
                f"__MACOSX/{RUN}._run.json": b"x",
                "__MACOSX/._0123": b"x",
                f"__MACOSX/{RUN}epochs/._0001.npz": b"x",
            },
            "/",
        ),
        (RUN, {f"{RUN}Thumbs.db": b"x", f"{RUN}epochs/desktop.ini": b"x"}, "/"),
        (RUN, {f"{RUN}Thumbs.db": b"x", f"{RUN}empty/": b""}, "\\"),
    ],
    ids=["its own files", "a folder", "two folders", "a Mac", "Windows", "backslashes"],
)
def test_run_that_was_zipped_by_hand_is_taken_in(
    made: tuple[RunStore, Run],
    zipped: bytes,
    other: RunStore,
    folder: str,
    extra: dict[str, bytes],
    slash: str,
) -> None:
    back = import_run(other, repacked(zipped, folder, extra, slash), by=Actor.owner())
    assert back.id == made[1].id
    assert {path.name for path in back.path.iterdir()} == {
        "run.json",
        "user.json",
        "metrics.jsonl",
        "predictions.npz",
        "weights.npz",
        "epochs",
        "weights",
        "first_layer",
    }
    assert len(list((back.path / "epochs").iterdir())) == 3
    assert other.predictions(back.id)


def test_folder_of_a_real_run_zipped_as_it_lies_there_comes_in(
    made: tuple[RunStore, Run], other: RunStore, tmp_path: Path
) -> None:
    file = shutil.make_archive(str(tmp_path / "by-hand"), "zip", made[0].root, made[1].id)
    assert import_run(other, Path(file).read_bytes(), by=Actor.owner()).id == made[1].id


def entry(name: str, mode: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, b"/etc/passwd")
    return out.getvalue()


def locked() -> bytes:
    content = bytearray(entry("run.json", 0))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[6] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (entry("run.json", stat.S_IFLNK | 0o777), "“run.json” is a link or another thing"),
        (entry("heartbeat", stat.S_IFIFO | 0o600), "“heartbeat” is a link or another thing"),
        (locked(), "locked with a password"),
        (b"", "no zip file"),
        (b"PK\x01\x02" * 6_000, "6,000 files, more than a run has"),
        (bytes(2**26 + 1), "larger than 64 MB. Leave model.keras and checkpoint.npz out"),
    ],
    ids=["link", "pipe", "locked", "empty", "many", "large"],
)
def test_zip_that_is_no_run_is_refused_in_a_sentence(
    other: RunStore, content: bytes, said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        import_run(other, content, by=Actor.owner())


def test_a_bomb_is_not_unpacked(zipped: bytes, other: RunStore) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.json", b" " * 50_000_000)
    with pytest.raises(ImportRefused, match=r"Its run\.json is larger than any"):
        import_run(other, out.getvalue(), by=Actor.owner())


@pytest.mark.parametrize("half", [b'{"event": "bat\n', b"[" * 100_000 + b"\n", b"\xff\n"])
def test_what_a_killed_worker_left_half_written_is_left_out(
    made: tuple[RunStore, Run], zipped: bytes, other: RunStore, half: bytes
) -> None:
    """Resuming ends such a line, and the run goes on; it can be taken along all the same."""
    store, run = made
    back = import_run(
        other, changed(zipped, metrics_DOT_jsonl=lambda text: half + text), by=Actor.owner()
    )
    assert other.events(back.id).epochs == store.events(run.id).epochs


def test_a_false_shape_asks_for_no_memory(zipped: bytes, other: RunStore) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000, 10), }\n"
        npy = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        archive.writestr("test_probabilities.npy", npy)
    with pytest.raises(ImportRefused, match="shape"):
        import_run(other, changed(zipped, epochs__0001_DOT_npz=out.getvalue()), by=Actor.owner())


def test_three_hundred_mutated_files_are_refused_or_taken_in_whole(
    zipped: bytes, other: RunStore
) -> None:
    chance = random.Random(7)
    for _ in range(300):
        broken = bytearray(zipped)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            run = import_run(
                other, bytes(broken[: chance.choice([len(broken), 5_000])]), by=Actor.owner()
            )
        except ImportRefused:
            continue
        other.predictions(run.id)
        other.delete(run.id, by=Actor.owner())


def test_a_deleted_run_can_be_brought_back_as_it_was(
    zipped: bytes, other: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = import_run(other, zipped, by=Actor.owner())
    other.describe(run.id, tags=[" good ", "good", "later"], by=Actor.owner())
    other.describe(run.id, notes="look again", by=Actor.owner())
    other.pin(run.id, by=Actor.owner())
    other.delete(run.id, by=Actor.owner())
    assert other.list() == []
    assert [gone.name for gone in other.deleted()] == [run.name]
    other.restore(run.id, by=Actor.owner())
    back = other.get(run.id)
    assert (back.user.tags, back.user.notes, back.user.pinned) == (
        ("good", "later"),
        "look again",
        True,
    )
    with pytest.raises(FmnistError, match="here already"):
        other.restore(run.id, by=Actor.owner())
    for unknown in ("0" * 32, "../../etc/passwd"):
        with pytest.raises(RunNotFound):
            other.restore(unknown, by=Actor.owner())
    other.delete(run.id, by=Actor.owner())
    monkeypatch.setattr("fmnist_core.timeouts.TRASH_SECONDS", -1)
    assert other.deleted() == []


@pytest.mark.parametrize(
    "line",
    [
        {"position": 1e6, "multiplier": 3.0},
        {"position": -1.0, "multiplier": 3.0},
        {"position": 1.0, "multiplier": 1e9},
    ],
    ids=str,
)
def test_a_change_of_the_rate_that_no_training_reports_is_refused(
    zipped: bytes, other: RunStore, line: dict[str, float]
) -> None:
    def added(text: bytes) -> bytes:
        said = {"event": "rate", "elapsed": 1.0, "at": 1.0, **line}
        return text + json.dumps(said).encode() + b"\n"

    with pytest.raises(
        ImportRefused, match=r"metrics\.jsonl is wrong in line 8: (position|multiplier) is"
    ):
        import_run(other, changed(zipped, metrics_DOT_jsonl=added), by=Actor.owner())
    assert other.list() == []


def test_an_accuracy_on_true_labels_is_a_share(zipped: bytes, other: RunStore) -> None:
    def more_than_all(text: bytes) -> bytes:
        record = json.loads(text)
        record["summary"]["train_accuracy_true"] = 5.0
        return json.dumps(record).encode()

    with pytest.raises(
        ImportRefused, match="train_accuracy_true is 5: it should be less than or equal to 1"
    ):
        import_run(other, changed(zipped, run_DOT_json=more_than_all), by=Actor.owner())


def test_what_undo_promises_is_never_overwritten(zipped: bytes, other: RunStore) -> None:
    """The file of a run that was deleted here may be brought in, and be deleted once more."""
    run = import_run(other, zipped, by=Actor.owner())
    (run.path / "model.keras").write_bytes(b"its network")
    other.describe(run.id, notes="only here", by=Actor.owner())
    other.delete(run.id, by=Actor.owner())
    assert import_run(other, zipped, by=Actor.owner()).user.notes == "only here"
    assert (run.path / "model.keras").read_bytes() == b"its network"
    assert other.deleted() == []
    # Somebody copies the folder by hand while the deleted one still waits.
    copy = run.path.with_name("copy")
    shutil.copytree(run.path, copy)
    other.delete(run.id, by=Actor.owner())
    copy.rename(run.path)
    with pytest.raises(FmnistError, match="can still be brought back"):
        other.delete(run.id, by=Actor.owner())
    with pytest.raises(FmnistError, match="here already"):
        other.restore(run.id, by=Actor.owner())
    assert [gone.id for gone in other.deleted()] == [run.id]


def test_a_run_comes_in_though_what_was_deleted_of_it_is_damaged(
    zipped: bytes, other: RunStore
) -> None:
    run = import_run(other, zipped, by=Actor.owner())
    (run.path / "run.json").write_bytes(b"{")
    other.delete(run.id, by=Actor.owner())
    assert import_run(other, zipped, by=Actor.owner()).spec == run.spec
    assert [gone.id for gone in other.deleted()] == [run.id]


def test_what_is_said_of_a_run_is_kept_whole_or_not_at_all(made: tuple[RunStore, Run]) -> None:
    store, run = made
    before = store.get(run.id).user
    with pytest.raises(FmnistError, match=r"at most 12 tags.*Notes have at most"):
        store.describe(
            run.id,
            name="Another",
            tags=[str(n) for n in range(13)],
            notes="x" * 4_001,
            by=Actor.owner(),
        )
    assert store.get(run.id).user == before


@pytest.mark.parametrize("tags", [["x" * 25], [str(number) for number in range(13)]])
def test_too_many_and_too_long_tags_are_refused(
    made: tuple[RunStore, Run], tags: list[str]
) -> None:
    with pytest.raises(FmnistError, match="at most"):
        made[0].describe(made[1].id, tags=tags, by=Actor.owner())


def test_the_table_has_a_row_for_each_epoch(made: tuple[RunStore, Run]) -> None:
    store, run = made
    lines = metrics_csv([RunWithEvents(run, store.events(run.id))]).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("run,name,changed,epoch,step,seconds,accuracy_while_training")
    assert len(lines) == 4
    assert lines[1].split(",")[2:6] == ["", "1", "1688", "4.0"]


def test_an_import_keeps_its_texts_as_typed_without_what_is_hidden(
    made: tuple[RunStore, Run], zipped: bytes, tmp_path: Path
) -> None:
    """Nothing is replaced where a text comes in: where it is shown, it is escaped."""
    for place, (text, kept) in enumerate({**{one: one for one in TEXTS}, **HIDDEN}.items()):
        said = {"name": text, "tags": [text[:24]], "notes": f"{text}\n{text}"}
        about = {"reason": text, "environment": {"python": text, "execution": {"mode": text}}}
        files: dict[str, bytes | Callable[[bytes], bytes] | None] = {
            "user_DOT_json": json.dumps(said).encode(),
            "run_DOT_json": record({"state": "stopped", **about}),
        }
        back = import_run(
            RunStore(tmp_path / str(place)), changed(zipped, **files), by=Actor.owner()
        )
        read = RunStore(tmp_path / str(place)).get(back.id)
        for run in (back, read):
            assert run.name == run.user.name == kept
            assert run.user.tags == (one_line(text[:24]),)
            assert run.user.notes == f"{cleaned(text)}\n{cleaned(text)}"
            assert run.reason == kept
            environment = run.record.environment
            assert environment == {"python": kept, "execution": {"mode": kept}}


def test_a_name_that_cannot_be_seen_is_none(made: tuple[RunStore, Run]) -> None:
    store, run = made
    with pytest.raises(FmnistError, match="1 to 80 characters; this one has 0"):
        store.describe(run.id, name="\u202e \u200b\u200d", by=Actor.owner())
    store.describe(run.id, notes="\ud800\u202ea\r\nb ", by=Actor.owner())
    assert store.get(run.id).user.notes == "a\nb"
    store.describe(run.id, notes="", by=Actor.owner())


def test_tables_folders_and_code_hold_no_name_that_does_something(
    made: tuple[RunStore, Run],
) -> None:
    store, run = made
    for text in TEXTS:
        named = replace(run, name=text, user=run.user.model_copy(update={"name": text}))
        followed = [RunWithEvents(named, store.events(run.id))]
        (row, *_) = csv.DictReader(io.StringIO(metrics_csv(followed).decode("utf-8-sig")))
        assert row["name"] in (text, f"'{text}")
        assert row["name"][0] not in "=+-@"
        for path in zipfile.ZipFile(io.BytesIO(tensorboard_zip(followed))).namelist():
            assert re.fullmatch(rf"[a-z0-9-]+-{run.id[:6]}/(train|test)/[\w.-]+", path), path
        for code in (script(identity_of(named)), notebook(identity_of(named))):
            assert text not in code


def test_tensorboard_reads_the_curves_back(made: tuple[RunStore, Run], tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    store, run = made
    content = tensorboard_zip([RunWithEvents(run, store.events(run.id))])
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert {part.name for part in folder.iterdir()} == {"train", "test"}
    read = EventAccumulator(str(folder / "test"))
    read.Reload()
    events = store.events(run.id).epochs
    scalars = read.Scalars("accuracy")
    assert [scalar.step for scalar in scalars] == [1688, 3376, 5064]
    assert [scalar.value for scalar in scalars] == pytest.approx([e.test_accuracy for e in events])
    assert [scalar.wall_time for scalar in scalars] == pytest.approx([e.at for e in events])


def test_the_report_is_one_small_file_that_asks_for_nothing(
    made: tuple[RunStore, Run], data: Dataset
) -> None:
    store, run = made
    answers = {run.id: store.predictions(run.id)["test_probabilities"]}
    page = report_html([RunWithEvents(run, store.events(run.id))] * 20, answers, data)
    assert len(page.encode()) < 8_000_000
    assert data.sha256 in page
    assert "data:image/png;base64," in page
    assert "Hidden layers" in page
    own = page[page.index("</head>") :]
    assert 'src="http' not in own
    assert "<link" not in page[:2_000]


def test_the_ladder_takes_the_newest_finished_run_of_each_preset(
    made: tuple[RunStore, Run], other: RunStore
) -> None:
    assert [step.run for step in ladder([])] == [None] * len(PRESETS)
    waiting = other.create(PRESETS["LeNet"], by=Actor.owner())
    steps = ladder(other.list())
    assert [step.name for step in steps if step.run] == ["LeNet"]
    assert steps[2].run == waiting
    assert not steps[2].finished
    assert len(missing_steps(steps)) == len(PRESETS) - 1


def test_script_diff_names_what_comes_and_what_goes() -> None:
    said = script_diff(PRESETS["Simple network"], PRESETS["Wide network with dropout"])
    assert "-EPOCHS = 5" in said.splitlines()
    assert "+EPOCHS = 10" in said.splitlines()
    assert any(line.startswith("+") and "Dropout(rate=0.3)" in line for line in said.splitlines())
    assert script_diff(PRESETS["LeNet"], PRESETS["LeNet"]) == ""


def test_an_imported_run_has_the_colour_of_its_id(
    made: tuple[RunStore, Run], tmp_path: Path
) -> None:
    """Where it was trained it had one among other runs than those here."""
    store, run = made
    assert run.record.color is not None
    here = RunStore(tmp_path / "here")
    imported = import_run(here, export_run(store, run.id), by=Actor.owner())
    assert imported.record.color is None
    assert imported.color == int(run.id, 16) % len(RUN_COLORS)
