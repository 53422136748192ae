"""The page comes first: what is loaded for it, and what begins only after it."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_runs import done

import fmnist_core.engine
from fmnist_core.dataset import Dataset
from fmnist_core.runs import RunStore
from ui import services, start

PROJECT = Path(__file__).resolve().parents[2]
# Together they take longer than the first page.
HEAVY = ("distributed", "scipy.stats", "sklearn", "keras", "tensorflow")
# What the route of the image sheets needs, which the first page does not ask for.
FOR_SHEETS = ("fmnist_core.images",)
DRAW = """
import sys, dashboard
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("ui/frame.py", default_timeout=60).run()
assert not page.exception and len(page.title) == 1, page
"""


def test_the_dashboard_itself_ends_with_a_sentence(tmp_path: Path) -> None:
    """Streamlit alone says "Aborted!", and that it failed."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    environment = {
        "FMNIST_RUNS_DIR": str(tmp_path / "runs"),
        "FMNIST_SCHEDULER": "tcp://127.0.0.1:9",
    }
    server = subprocess.Popen(
        [sys.executable, "scripts/serve.py", str(port)],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    said = ""
    while "is ready on" not in said and (line := server.stdout.readline()):
        said += line
    server.send_signal(signal.SIGINT)
    with server:
        said += server.stdout.read()
    assert server.returncode == 0
    assert said.strip().splitlines()[-1].startswith("The dashboard has ended.")
    assert "Aborted" not in said


class Moment(threading.Event):
    """An event that notes who waits for it."""

    def __init__(self, happens: bool, notes: list[str]) -> None:
        super().__init__()
        self.happens, self.notes = happens, notes

    def wait(self, timeout: float | None = None) -> bool:
        self.notes.append(f"waited up to {timeout:g} s for the page")
        return self.happens


@pytest.mark.parametrize("happens", [True, False])
def test_the_engine_begins_after_the_first_page_or_three_seconds(
    happens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    monkeypatch.setattr(time, "sleep", lambda seconds: notes.append("painted"))
    start.after_first_page(Moment(happens, notes), lambda: notes.append("began"))
    assert notes == ["waited up to 3 s for the page", *["painted"] * happens, "began"]


def test_every_page_says_that_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that stops the script, as a page without pictures does."""
    from streamlit.testing.v1 import AppTest

    start._page_is_drawn.clear()
    AppTest.from_file(str(PROJECT / "ui" / "frame.py"), default_timeout=60).run()
    assert start._page_is_drawn.is_set()


def test_a_start_waits_with_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a start calls loads the first page's parts and waits for the page, no more."""
    begun: list[str] = []

    class Thread:
        def __init__(
            self, target: Callable[..., object], args: tuple[Any, ...], name: str, daemon: bool
        ) -> None:
            self.name, self.target, self.args = name, target, args

        def start(self) -> None:
            begun.append(self.name)
            assert self.target in (start._load, start.after_first_page)
            assert "fmnist_core.engine" not in self.args[0] if self.target is start._load else True

    monkeypatch.setattr(threading, "Thread", Thread)
    start.warm_up()
    assert begun == ["first-page", "warm-up"]


def test_what_cannot_be_loaded_is_logged_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[str] = []

    def load(name: str) -> None:
        tried.append(name)
        if name == "broken":
            raise ImportError("a file is missing")

    monkeypatch.setattr(importlib, "import_module", load)
    start._load(("broken", "whole"))
    assert tried == ["broken", "whole"]
    assert "broken cannot be loaded (ImportError: a file is missing)" in caplog.text
    assert "Traceback" not in caplog.text


def test_an_engine_that_cannot_be_loaded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages once said for good that it was starting."""
    for name in [name for name in sys.modules if name.startswith("fmnist_core.engine")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setattr(services, "_engine_is_broken", threading.Event())
    monkeypatch.setattr(start, "OTHER_PAGES_MODULES", ())
    monkeypatch.setattr(gc, "freeze", lambda: None)
    assert services.engine_state().state == "starting"
    start._load_the_rest()
    assert services.engine_state().state == "unavailable"
    assert "cannot be loaded" in (services.engine_state().problem or "")
    with pytest.raises(services.EngineNotLoaded, match="start it with make run"):
        services.engine()
    # A page's background tasks have a problem like any other, and nothing breaks.
    services.expect_tasks()
    task = services.request_task("a-key", lambda report: {})
    assert task.problem == services.engine_state().problem
    assert not services.is_overdue("0" * 32)
    services.close_engine()


def test_the_dashboard_never_loads_tensorflow() -> None:
    """Showing how training shifts a picture once did: 3 s and half a gigabyte in this process."""
    everything = f"""
import importlib, pkgutil, sys, dashboard, ui
for module in pkgutil.walk_packages(ui.__path__, "ui."):
    if module.name != "ui.frame":
        importlib.import_module(module.name)
for name in {(*start.FIRST_PAGE_MODULES, *start.ENGINE_MODULES, *start.OTHER_PAGES_MODULES)}:
    importlib.import_module(name)
print(*[name for name in ("keras", "tensorflow") if name in sys.modules])
"""
    loaded = subprocess.run(
        [sys.executable, "-c", everything], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.split() == []


@pytest.mark.parametrize(("first", "late"), [("import dashboard", FOR_SHEETS), (DRAW, ())])
def test_nothing_heavy_is_loaded_before_the_first_page(
    first: str, late: tuple[str, ...], tmp_path: Path, data: Dataset
) -> None:
    done(RunStore(tmp_path / "runs"), np.asarray(data.test_labels))
    loaded = f"import sys; print(*[name for name in {(*HEAVY, *late)} if name in sys.modules])"
    requested = subprocess.run(
        [sys.executable, "-c", f"{first}\n{loaded}"],
        cwd=PROJECT,
        env={**os.environ, "FMNIST_RUNS_DIR": str(tmp_path / "runs")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert requested.returncode == 0, requested.stderr
    assert requested.stdout.split() == []


@pytest.mark.parametrize(("setting", "any_ahead"), [("1", True), ("0", False)])
def test_maps_are_computed_ahead_unless_a_setting_keeps_the_engine_from_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, any_ahead: bool
) -> None:
    monkeypatch.setenv("FMNIST_AHEAD", setting)
    requested: list[object] = []

    def engine(store: object, ahead: Callable[[], Iterable[object]]) -> None:
        requested.extend(ahead())

    monkeypatch.setattr(fmnist_core.engine, "Engine", engine)
    services._engine(str(tmp_path / setting))
    assert bool(requested) == any_ahead
