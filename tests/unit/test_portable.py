"""A run goes out as a zip and comes back; what is no such zip is refused."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_histories import learned
from typed import HIDDEN, TEXTS

from fmnist_core.codegen import notebook, script
from fmnist_core.dataset import Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.export import Followed, metrics_csv, tensorboard_zip
from fmnist_core.ladder import code_changes, ladder, missing
from fmnist_core.permissions import Actor
from fmnist_core.report import report_html
from fmnist_core.runs import Run, RunNotFound, RunStore
from fmnist_core.runs.identity import identity
from fmnist_core.runs.portable import ImportRefused, export_run, import_run
from fmnist_core.specs import PRESETS
from fmnist_core.text import cleaned, one_line


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> tuple[RunStore, Run]:
    store = RunStore(tmp_path_factory.mktemp("made") / "runs")
    run = learned(store, np.asarray(data.test_labels), 3, name="Mine [x](http://example.org)")
    (run.path / "model.keras").write_bytes(b"a network")
    return store, run


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
    np.savez(buffer, **values)
    return buffer.getvalue()


def test_a_run_comes_back_with_curves_and_answers_but_without_its_network(
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
    assert not list(back.path.glob("*.keras"))
    assert back.name == run.name
    with pytest.raises(FmnistError, match="imported"):
        other.train_longer(back.id, 1, by=Actor.owner())
    with pytest.raises(ImportRefused, match="here already"):
        import_run(other, zipped, by=Actor.owner())


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"run_DOT_json": None}, "description is missing"),
        ({"run_DOT_json": b"{"}, "makes no sense"),
        ({"run_DOT_json": record({"id": "../../etc"})}, "makes no sense"),
        ({"run_DOT_json": record({"state": "running"})}, "had not ended"),
        ({"run_DOT_json": record({"spec": {"network": {"kind": "dense", "units": [0]}}})}, "sense"),
        ({"user_DOT_json": json.dumps({"name": "x" * 81}).encode()}, "makes no sense"),
        ({"..__evil": b"x"}, "no run has"),
        ({"__etc__passwd": b"x"}, "no run has"),
        ({"epochs__..__0001_DOT_npz": b"x"}, "no run has"),
        ({"predictions_DOT_npz": None}, "missing or were changed"),
        ({"epochs__0001_DOT_npz": b"no zip"}, "cannot be read"),
        ({"epochs__0001_DOT_npz": arrays(test_predictions=np.zeros(3, np.uint8))}, "shape"),
        (
            {"epochs__0001_DOT_npz": arrays(test_predictions=np.full(10_000, 11, np.uint8))},
            "out of range",
        ),
        ({"epochs__0001_DOT_npz": arrays(test_predictions=np.array([{}]))}, "shape"),
        ({"metrics_DOT_jsonl": b'{"event": "epoch", "epoch": "1"}'}, "curves make no sense"),
        ({"metrics_DOT_jsonl": b'{"event": "start", "from_epoch": 1e999}'}, "curves make no"),
        ({"metrics_DOT_jsonl": b"[" * 100_000}, "curves make no sense"),
    ],
    ids=lambda part: part if isinstance(part, str) else next(iter(part)),
)
def test_what_no_run_holds_is_refused(
    zipped: bytes, other: RunStore, files: dict[str, bytes], said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        import_run(other, changed(zipped, **files), by=Actor.owner())
    assert other.list() == []
    assert not other.root.exists() or list(other.root.iterdir()) == []


def test_a_bomb_is_not_unpacked(zipped: bytes, other: RunStore) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("run.json", b" " * 50_000_000)
    with pytest.raises(ImportRefused, match="larger than any"):
        import_run(other, out.getvalue(), by=Actor.owner())


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
    back = other.restore(run.id, by=Actor.owner())
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
    monkeypatch.setattr("fmnist_core.runs.trash.KEPT_SECONDS", -1)
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

    with pytest.raises(ImportRefused, match="curves make no sense"):
        import_run(other, changed(zipped, metrics_DOT_jsonl=added), by=Actor.owner())
    assert other.list() == []


def test_an_accuracy_on_true_labels_is_a_share(zipped: bytes, other: RunStore) -> None:
    def more_than_all(text: bytes) -> bytes:
        record = json.loads(text)
        record["summary"]["train_accuracy_true"] = 5.0
        return json.dumps(record).encode()

    with pytest.raises(ImportRefused, match="an accuracy lies from 0 to 1"):
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
    lines = metrics_csv([Followed(run, store.events(run.id))]).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("run,name,changed,epoch,step,seconds,accuracy_while_training")
    assert len(lines) == 4
    assert lines[1].split(",")[2:6] == ["", "1", "1688", "4.0"]


def test_an_import_keeps_its_texts_as_typed_without_what_is_hidden(
    made: tuple[RunStore, Run], zipped: bytes, tmp_path: Path
) -> None:
    """Nothing is replaced where a text comes in: where it is shown, it is escaped."""
    for place, (text, kept) in enumerate({**{one: one for one in TEXTS}, **HIDDEN}.items()):
        said = {"name": text, "tags": [text[:24]], "notes": f"{text}\n{text}"}
        about = {"reason": text, "environment": {"python": text, "execution": {"mode": [text]}}}
        files = {
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
            environment = run.valid_record.environment
            assert environment == {"python": kept, "execution": {"mode": [kept]}}


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
        followed = [Followed(named, store.events(run.id))]
        (row, *_) = csv.DictReader(io.StringIO(metrics_csv(followed).decode("utf-8-sig")))
        assert row["name"] in (text, f"'{text}")
        assert row["name"][0] not in "=+-@"
        for path in zipfile.ZipFile(io.BytesIO(tensorboard_zip(followed))).namelist():
            assert re.fullmatch(rf"[a-z0-9-]+-{run.id[:6]}/(train|test)/[\w.-]+", path), path
        for code in (script(identity(named)), notebook(identity(named))):
            assert text not in code


def test_tensorboard_reads_the_curves_back(made: tuple[RunStore, Run], tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    store, run = made
    content = tensorboard_zip([Followed(run, store.events(run.id))])
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
    page = report_html([Followed(run, store.events(run.id))] * 20, answers, data)
    assert len(page.encode()) < 8_000_000
    assert data.sha256 in page
    assert "data:image/png;base64," in page
    assert "Hidden layers" in page
    own = page[page.index("</head>") :]
    assert 'src="http' not in own and "<link" not in page[:2_000]


def test_the_ladder_takes_the_newest_finished_run_of_each_preset(
    made: tuple[RunStore, Run], other: RunStore
) -> None:
    assert [step.run for step in ladder([])] == [None] * len(PRESETS)
    waiting = other.create(PRESETS["LeNet"], by=Actor.owner())
    steps = ladder(other.list())
    assert [step.name for step in steps if step.run] == ["LeNet"]
    assert steps[2].run == waiting and not steps[2].finished
    assert len(missing(steps)) == len(PRESETS) - 1


def test_code_changes_name_what_comes_and_what_goes() -> None:
    said = code_changes(PRESETS["Simple network"], PRESETS["Wide network with dropout"])
    assert "-EPOCHS = 5" in said.splitlines()
    assert "+EPOCHS = 10" in said.splitlines()
    assert any(line.startswith("+") and "Dropout(rate=0.3)" in line for line in said.splitlines())
    assert code_changes(PRESETS["LeNet"], PRESETS["LeNet"]) == ""
