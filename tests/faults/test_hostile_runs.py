"""What others put into the runs folder, or into a zip: no page breaks, waits or tells a secret."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import made_histories
import numpy as np
import pytest
import streamlit as st
from app_visit import Visit
from hostile import (
    ARRAYS,
    SECRET,
    WITH_DIGEST,
    Hostile,
    sparse,
    wrong_arrays,
    wrong_lines,
    wrong_values,
)
from made_weights import made_weights
from sweep import THOROUGH, Tally

from fmnist_core.dataset import Dataset
from fmnist_core.errors import FmnistError
from fmnist_core.files import write_arrays
from fmnist_core.permissions import Actor
from fmnist_core.runs import DamagedRun, RunNotFound, RunStore
from fmnist_core.runs.portable import ImportRefused, export_run, import_run
from ui.compare.view_state import VIEWS as COMPARE_VIEWS
from ui.mistakes.view_state import IMAGE_PANELS, VIEWS

FOLDERS, IMPORTS = (1_000, 500) if THOROUGH else (24, 24)
# So many at a time: a page that lists them all takes longer the more there are.
_AT_A_TIME = 24
_SECONDS = 60
_ODD = ("pipe", "socket", "folder", "link to a device", "link to nothing", "link to a secret")


def within_a_minute(what: str, act: Callable[[], object]) -> None:
    """Do something that must neither wait nor fail."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    if thread.is_alive():
        pytest.fail(f"{what} did not end within {_SECONDS} seconds", pytrace=False)
    if failed:
        raise AssertionError(what) from failed[0]


def spoken(visit: Visit) -> str:
    """Everything that a page says, tables and components included."""
    return "\n".join(str(getattr(node, "proto", "")) for node in visit.app)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> Path:
    """The folder of a finished run with every file that a run can have."""
    store = RunStore(tmp_path_factory.mktemp("good") / "runs")
    run = made_histories.learned(store, np.asarray(data.test_labels), 3, name="Good")
    arrays = store.predictions(run.id)
    held = np.arange(600, dtype=np.int64)
    arrays |= {
        "train_index": held + 600,
        "noisy_index": held[:0],
        "noisy_labels": np.zeros(0, np.uint8),
        "validation_index": held,
        "validation_logits": arrays["test_logits"][:600],
        "validation_probabilities": arrays["test_probabilities"][:600],
        "validation_predictions_by_epoch": arrays["test_predictions_by_epoch"][:, :600],
    }
    write_arrays(run.path / "predictions.npz", arrays)
    for name in ("model.keras", "checkpoint.npz", "heartbeat"):
        (run.path / name).write_bytes(b"a network")
    (run.path / "control.json").write_text(json.dumps({"attempt": 1, "stop": False}))
    (run.path / "pending.json").write_text("{}")
    record = json.loads((run.path / "run.json").read_bytes())
    write_arrays(run.path / "weights.npz", made_weights(run.spec))
    for name in ("predictions.npz", "weights.npz", "model.keras"):
        record["artifacts"][name] = sha256((run.path / name).read_bytes()).hexdigest()
    (run.path / "run.json").write_text(json.dumps(record))
    assert RunStore(store.root).predictions(run.id)
    assert RunStore(store.root).weights(run.id)
    return run.path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Path]]:
    """Makes runs folders, of which the last made is the one that pages look at."""

    def make(number: int) -> Path:
        root = tmp_path / f"runs-{number}"
        root.mkdir()
        monkeypatch.setenv("FMNIST_RUNS_DIR", str(root))
        return root

    monkeypatch.delenv("FMNIST_SCHEDULER", raising=False)
    yield make
    st.cache_resource.clear()
    st.cache_data.clear()


def open_pages(visit: Visit, run_id: str, beside: str, chance: random.Random) -> None:
    """Open what shows a run; of its many views some, another time others."""
    visit.go("train", run=run_id)
    assert SECRET not in spoken(visit)
    view = chance.choice(list(VIEWS))
    about = {"picture": "17", "about": chance.choice(list(IMAGE_PANELS))}
    visit.go("mistakes", run=run_id, view=view)
    assert SECRET not in spoken(visit)
    visit.go("mistakes", run=run_id, epoch="2", sort="forgotten", **about)
    assert SECRET not in spoken(visit)
    for runs, view in ((f"{run_id},{beside}", chance.choice(list(COMPARE_VIEWS))), (run_id, "")):
        visit.go("compare", runs=runs, view=view, a=run_id, b=beside)
        assert SECRET not in spoken(visit)


def open_every_page(visit: Visit, run_id: str) -> None:
    """The pages that show all runs at once."""
    pages: list[tuple[str, dict[str, str]]] = [
        ("overview", {}),
        ("compare", {}),
        ("mistakes", {"run": run_id, "view": "luck"}),
        ("mistakes", {"run": run_id, "view": "suspects"}),
        ("explore", {"split": "test", "picture": "17", "about": "runs"}),
        ("explore", {"view": "map", "color": "right", "run": run_id}),
        ("train", {"run": run_id}),
        ("train", {"new": "1"}),
    ]
    for name, address in pages:
        visit.go(name, **address)
        said = spoken(visit)
        assert SECRET not in said, name
        assert "Good" in said or name == "explore" or "new" in address, name


def take_away(store: RunStore, run_id: str) -> None:
    """Whatever can be downloaded holds nothing from outside."""
    downloads: tuple[Callable[[], bytes], ...] = (
        lambda: export_run(store, run_id),
        lambda: store.artifact(run_id, "model.keras"),
        lambda: store.artifact(run_id, "predictions.npz"),
        lambda: store.artifact(run_id, "weights.npz"),
    )
    with suppress(FmnistError):
        store.weights(run_id)
    for download in downloads:
        try:
            content = download()
        except FmnistError:
            continue
        assert SECRET.encode() not in content
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert all(SECRET.encode() not in archive.read(name) for name in archive.namelist())


def test_thousand_hostile_folders_harm_no_page_that_shows_them(
    good: Path, folder: Callable[[int], Path], tmp_path: Path, tally: Tally
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    chance = random.Random(14)
    hostile = Hostile(good, outside, chance)
    ways = (hostile.ways * (FOLDERS // len(hostile.ways) + 1))[:FOLDERS]
    for start in range(0, FOLDERS, _AT_A_TIME):
        root = folder(start)
        shutil.copytree(good, root / good.name)
        here = {hostile.make(root, *way): way for way in ways[start : start + _AT_A_TIME]}
        before = sorted(path.name for path in outside.rglob("*"))
        store = RunStore(root)
        within_a_minute(f"listing {sorted(here.values())}", store.scan)
        found = {run.id: run for run in store.scan().entries}
        assert set(found) == {good.name, *here}
        for run_id, (name, kind) in here.items():
            run = found[run_id]
            if name == "." or (kind in _ODD and "/" not in name):
                assert isinstance(run, DamagedRun), (name, kind)
                assert run.reason
            assert SECRET not in f"{run.name} {run.reason}"
            within_a_minute(f"downloading {name}, {kind}", lambda: take_away(store, run_id))  # noqa: B023
        visit = Visit()
        visit.app.run()
        for run_id, way in here.items():
            try:
                open_pages(visit, run_id, good.name, chance)
            except (AssertionError, RuntimeError) as error:
                raise AssertionError(f"a page with {way}") from error
        open_every_page(visit, good.name)
        assert sorted(path.name for path in outside.rglob("*")) == before
        assert store.predictions(good.name)
        shutil.rmtree(root)
    tally("hostile run folders, pages opened on them", FOLDERS, "no error, no wait, no secret")


def test_hostile_annotations_harm_no_page(
    good: Path, folder: Callable[[int], Path], tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    said = {"picture": "test:17", "at": 1.0, "verdict": "", "note": SECRET, "tags": []}
    secret.write_text(json.dumps(said) + "\n")
    kinds: list[Callable[[Path], object]] = [
        os.mkfifo,
        lambda path: path.symlink_to(secret),
        lambda path: path.symlink_to("/dev/zero"),
        sparse,
        lambda path: path.write_text(json.dumps({**said, "note": "x" * 10_000}) + "\n"),
    ]
    for number, plant in enumerate(kinds):
        root = folder(number)
        shutil.copytree(good, root / good.name)
        (root / ".shared").mkdir()
        plant(root / ".shared" / "remarks.jsonl")
        visit = Visit()
        visit.app.run()
        for view in ("pictures", "verdicts"):
            visit.go("mistakes", run=good.name, view=view, picture="17", about="notes")
            assert SECRET not in spoken(visit)
    assert secret.read_text().count("\n") == 1


def mutated_zip(chance: random.Random, files: dict[str, bytes]) -> bytes:
    """A run's zip in which one file is not what a training writes."""
    changed = dict(files)
    name = chance.choice([*files, "run.json", "run.json", "metrics.jsonl", "predictions.npz"])
    content = files[name]
    if chance.random() < 0.1:
        del changed[name]
    elif name.endswith(".npz"):
        changed[name] = wrong_arrays(chance, content)
    elif name == "metrics.jsonl":
        changed[name] = wrong_lines(chance, content)
    else:
        changed[name] = json.dumps(wrong_values(chance, json.loads(content))).encode()
    if name in WITH_DIGEST and name in changed:
        record = json.loads(files["run.json"])
        record["artifacts"][name] = sha256(changed[name]).hexdigest()
        changed["run.json"] = json.dumps(record).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, data in changed.items():
            archive.writestr(each, data)
    return out.getvalue()


def test_five_hundred_mutated_imports_are_refused_by_name_or_harm_no_page(
    good: Path, folder: Callable[[int], Path], tally: Tally
) -> None:
    root = folder(0)
    beside = "0" * 32
    shutil.copytree(good, root / beside)
    record = (root / beside / "run.json").read_text().replace(good.name, beside)
    (root / beside / "run.json").write_text(record)
    store = RunStore(root)
    files = {
        str(path.relative_to(good)): path.read_bytes()
        for path in sorted(good.rglob("*"))
        if path.name in ("run.json", "user.json", "metrics.jsonl") or path.suffix == ".npz"
    }
    for name in ("logits.npz", "checkpoint.npz"):
        del files[name]
    assert set(ARRAYS) < set(files)
    chance, taken = random.Random(500), 0
    visit = Visit()
    visit.app.run()
    for number in range(IMPORTS):
        content = mutated_zip(chance, files)
        try:
            run = import_run(store, content, by=Actor.owner())
        except ImportRefused as refused:
            assert any(name in str(refused) for name in files), str(refused)
            assert len(str(refused)) < 400, str(refused)
            continue
        taken += 1
        try:
            open_pages(visit, run.id, beside, chance)
            if taken % 10 == 1:
                open_every_page(visit, run.id)
        except (AssertionError, RuntimeError) as error:
            raise AssertionError(f"a page with import {number}") from error
        store.delete(run.id, by=Actor.owner())
        shutil.rmtree(root / f".deleted-{run.id}")
        with pytest.raises(RunNotFound):
            store.get(run.id)
    assert 0 < taken < IMPORTS / 2
    tally(
        "mutated imports",
        IMPORTS,
        f"{IMPORTS - taken} refused by name, {taken} taken in, and every page opened on them",
    )
