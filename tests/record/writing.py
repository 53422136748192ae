"""Write down what every page, figure and export says."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app_visit import Visit
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1.element_tree import Block, Node

from fmnist_core.annotations import Annotations
from fmnist_core.dataset import load
from fmnist_core.engine import Engine
from fmnist_core.errors import FmnistError
from fmnist_core.export import RunWithEvents
from fmnist_core.export.keras_script import notebook, script
from fmnist_core.export.report import report_html
from fmnist_core.export.tables import annotations_csv, metrics_csv
from fmnist_core.export.tensorboard import tensorboard_zip
from fmnist_core.presets import PRESETS
from fmnist_core.runs import DamagedRun, Run, RunStore
from fmnist_core.runs.identity import Identity, identity_of
from fmnist_core.runs.portable import export_run
from fmnist_core.task_types import TaskState
from fmnist_core.version import VERSION
from tests.record import fixed_runs
from tests.record.addresses import Address, addresses

# What names an element inside Streamlit, or hangs on where the project lies: not on the screen.
_NAMES = {"id", "formId", "elementId", "componentName", "pageScriptHash", "deferredFileId"}
_CODE = {"jsContent", "cssContent", "jsSourcePath", "cssSourcePath", "htmlContent", "isolateStyles"}
_LONGEST = 4_000
_SIGNIFICANT = 9


REFERENCE = Path(__file__).with_name("reference.txt")


def write(out: Path, runs: Path) -> None:
    """Make the runs, and write one file a page, one a figure and one a kind of export.

    Args:
        out: the folder of the record, which is made.
        runs: where the runs are made; ``FMNIST_RUNS_DIR`` names it.
    """
    for part in ("pages", "figures", "exports"):
        (out / part).mkdir(parents=True, exist_ok=True)
    made = fixed_runs.make(runs, load())
    _write_runs(out / "runs.txt", runs)
    _write_exports(out / "exports", RunStore(runs), made)
    page = Page(out / "figures")
    with patch.object(Engine, "request_task", _answer_at_once()):
        for place, address in enumerate(addresses(made)):
            name = f"{place:03d}-{address[0]}.txt"
            (out / "pages" / name).write_text(page.read(address), encoding="utf-8")


def differing(out: Path) -> list[str]:
    """The files of a record that are not what the reference says, or are missing in one of both."""
    now, before = _digests(out), dict(map(_parts, REFERENCE.read_text("utf-8").splitlines()))
    return sorted(name for name in now.keys() | before if now.get(name) != before.get(name))


def keep(out: Path) -> None:
    """Let a record be the reference from now on."""
    lines = [f"{digest} {name}\n" for name, digest in sorted(_digests(out).items())]
    REFERENCE.write_text("".join(lines), encoding="utf-8")


def _parts(line: str) -> tuple[str, str]:
    digest, _, name = line.partition(" ")
    return name, digest


def _digests(out: Path) -> dict[str, str]:
    files = sorted(file for file in out.rglob("*") if file.is_file())
    return {str(file.relative_to(out)): _digest(file.read_bytes())[:16] for file in files}


def _answer_at_once() -> Callable[..., TaskState]:
    """What the engine would answer, computed here and now."""
    answers: dict[str, TaskState] = {}

    def ask(
        engine: Engine, key: str, function: Callable[..., dict[str, Any]], *arguments: object
    ) -> TaskState:
        if key not in answers:
            try:
                answers[key] = TaskState(function(lambda share, words: None, *arguments), 1.0, "")
            except FmnistError as error:
                answers[key] = TaskState(problem=str(error))
        return answers[key]

    return ask


class Page:
    """Reads pages, and keeps the figures on them by what they are.

    Args:
        figures: the folder for them.
    """

    def __init__(self, figures: Path) -> None:
        self._figures = figures

    def read(self, address: Address) -> str:
        """All that a page says, one line a piece of it, in order."""
        name, parameters = address
        visit = Visit()
        with patch.object(time, "time", fixed_runs.SINCE.timestamp):
            visit.open(name, **parameters)
        lines = [f"{name} {json.dumps(parameters, ensure_ascii=False)}"]
        lines.append(f"address {json.dumps(dict(visit.app.query_params), ensure_ascii=False)}")
        for area in ("main", "sidebar"):
            lines += self._lines(getattr(visit.app, area), 0)
        return "\n".join(lines) + "\n"

    def _lines(self, node: Node, depth: int) -> Iterator[str]:
        said = self._said(node)
        yield "  " * depth + f"{node.type} {json.dumps(said, ensure_ascii=False, sort_keys=True)}"
        if isinstance(node, Block):
            for child in node.children.values():
                yield from self._lines(child, depth + 1)

    def _said(self, node: Node) -> Any:
        proto = getattr(node, "proto", None)
        if proto is None:
            return None
        said = {
            name: self._unpacked(value) if name in ("spec", "json", "mixedJson") else value
            for name, value in MessageToDict(proto).items()
            if name not in _NAMES | _CODE
        }
        if said.get("json") == {}:
            # A component that has nothing of its own to show.
            del said["json"]
        if str(said.get("body", "")).startswith("<style"):
            said["body"] = _digest(said["body"].encode())
        if str(said.get("body", "")).startswith("<footer"):
            # Each release says another one.
            said["body"] = said["body"].replace(f"Atelier {VERSION}.", "Atelier.")
        return _shortened(said)

    def _unpacked(self, told: Any) -> Any:
        try:
            told = json.loads(told)
        except (TypeError, ValueError):
            return told
        if isinstance(told, dict):
            # How often this visitor has clicked it: an empty list, or the place of the last one.
            told.pop("seen", None)
            # Where the component's JavaScript lies, which changes with every change in it.
            told.pop("module", None)
            if isinstance(told.get("figure"), str):
                told["figure"] = self._figure(json.loads(told["figure"]))
            elif "data" in told and "layout" in told:
                return self._figure(told)
        return told

    def _figure(self, told: Any) -> str:
        figure = json.dumps(_shortened(told), indent=1, sort_keys=True)
        name = _digest(figure.encode())[:16]
        (self._figures / f"{name}.json").write_text(figure, encoding="utf-8")
        return name


def _shortened(said: Any) -> Any:
    """The same with long texts by their sha256, and without the last digits of fractions."""
    if isinstance(said, dict):
        return {name: _shortened(value) for name, value in said.items()}
    if isinstance(said, list):
        return [_shortened(value) for value in said]
    if isinstance(said, float):
        return float(f"{said:.{_SIGNIFICANT}g}")
    if isinstance(said, str) and len(said) > _LONGEST:
        return f"{said[:200]} … {_digest(said.encode())}"
    return said


def _write_runs(path: Path, runs: Path) -> None:
    """Which bytes every file of the runs has; Keras writes the time into its own."""
    lines = [
        f"{_digest(file.read_bytes())} {file.relative_to(runs)}"
        for file in sorted(runs.rglob("*"))
        if file.is_file() and file.suffix != ".keras" and not _has_network(file.parent)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _has_network(folder: Path) -> bool:
    return (folder / "model.keras").exists()


def _write_exports(out: Path, store: RunStore, made: dict[str, Run | DamagedRun]) -> None:
    readable = {what: run for what, run in made.items() if isinstance(run, Run)}
    followed = [RunWithEvents(run, store.events(run.id)) for run in readable.values()]
    finished = [one for one in followed if one.run.summary is not None and one.events.epochs]
    answers = {
        one.run.id: store.predictions(one.run.id)["test_probabilities"] for one in finished[:6]
    }
    files = {
        "metrics.csv": metrics_csv(followed),
        "tensorboard.txt": _measured(tensorboard_zip(followed)),
        "report.html": report_html(finished, answers, load()).encode(),
        "run.txt": _listed(export_run(store, made["cnn"].id)),
        "remarks.csv": annotations_csv(
            {split: Annotations(store.root).all(split) for split in ("test", "train")}
        ),
    }
    for number, (name, spec) in enumerate(PRESETS.items()):
        files[f"{number} {name}.py"] = script(Identity(spec)).encode()
        files[f"{number} {name}.ipynb"] = notebook(Identity(spec)).encode()
    for what in ("stopped", "fold 2", "imported"):
        files[f"{what}.py"] = script(identity_of(readable[what])).encode()
    for name, content in files.items():
        (out / name).write_bytes(content)


def _listed(content: bytes) -> bytes:
    """The files of a zip by name and content, without their times."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = [f"{_digest(archive.read(name))} {name}" for name in sorted(archive.namelist())]
    return ("\n".join(lines) + "\n").encode()


def _measured(content: bytes) -> bytes:
    """The folders of a zip and how long the file in each is: its name and bytes hold the time."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = sorted(
            (info.filename.rpartition("/")[0], info.file_size) for info in archive.filelist
        )
    return "".join(f"{folder} {size}\n" for folder, size in files).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
