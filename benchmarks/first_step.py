"""How soon a training takes its first step: `make bench-first-step` compares with an old version.

Each preset is started on an engine that is up and has nothing to do any more, as while somebody
reads a page. Measured are the seconds from ``Engine.start`` to the first event of a batch, to the
end of the first epoch, and for *Simple network* to ``done``; the other runs are stopped after that
epoch. The engines of both revisions live side by side and take turns. Times are of this machine in
this hour.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from fmnist_core.engine import Engine
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import ENDED, Run, RunStore

PAIRS = 3
# The last commit whose processes prepared nothing but two steps of the Simple network.
BASELINE = "83dad93"
TO_DONE = "Simple network"
FIRST_STEP_SECONDS, DONE_SECONDS = 1.0, 3.0
# Longer than a waiting process rests before it begins to prepare.
QUIET_SECONDS = 8.0
_BUSY_SHARE = 0.1
_LONGEST_SECONDS = 600.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", nargs="?", type=int, default=PAIRS, help="runs of each preset")
    parser.add_argument("--before", default=BASELINE, help="a revision to compare with, or none")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS), choices=list(PRESETS))
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    from benchmarks.trees import PROJECT, worktree

    with tempfile.TemporaryDirectory() as name:
        if options.before == "none":
            seconds = _measure({"now": PROJECT}, options.presets, options.pairs)
        else:
            with worktree(options.before, Path(name) / "tree") as tree:
                trees = {"before": tree, "now": PROJECT}
                seconds = _measure(trees, options.presets, options.pairs)
    _print_table(seconds, options.presets)


def serve() -> None:
    """Start an engine of this tree; for each name of a preset on a line, print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(RunStore(Path(folder)))
        threading.Thread(target=engine.keep_warm, daemon=True).start()
        while engine.state().state != "ready":
            time.sleep(0.1)
        print("{}", flush=True)
        for line in sys.stdin:
            print(json.dumps(_train(engine, line.strip())), flush=True)
        engine.shutdown()


def _train(engine: Engine, preset: str) -> dict[str, float]:
    """Seconds from the click to the first batch, the first epoch, and the end."""
    clicked_at = time.time()
    run = engine.start(PRESETS[preset], by=Actor.owner())
    while (run := engine.store.get(run.id)).state not in ENDED:
        time.sleep(0.02)
        if preset != TO_DONE and engine.store.events(run.id).epochs:
            engine.stop(run.id, by=Actor.owner())
    ended_at = time.time()
    return {
        "first batch": _first(run, "batch") - clicked_at,
        "first epoch": _first(run, "epoch") - clicked_at,
        "done": ended_at - clicked_at,
    }


def _first(run: Run, kind: str) -> float:
    """The time of the first event of a kind."""
    lines = (run.path / "metrics.jsonl").read_text().splitlines()
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return next(float(event["at"]) for event in events if event["event"] == kind)


def _measure(
    trees: dict[str, Path], presets: list[str], pairs: int
) -> dict[str, dict[str, list[dict[str, float]]]]:
    """The figures by preset and tree."""
    servers = {name: _server(tree) for name, tree in trees.items()}
    seconds: dict[str, dict[str, list[dict[str, float]]]] = {
        preset: {name: [] for name in trees} for preset in presets
    }
    try:
        for server in servers.values():
            _answer(server)
        for turn in range(pairs):
            for preset in presets:
                for name, server in servers.items():
                    wait_until_quiet()
                    assert server.stdin is not None
                    server.stdin.write(preset + "\n")
                    server.stdin.flush()
                    figures = _answer(server)
                    seconds[preset][name].append(figures)
                    text = ", ".join(f"{part} {value:.2f} s" for part, value in figures.items())
                    print(f"{turn + 1} {preset} {name}: {text}", file=sys.stderr, flush=True)
    finally:
        for server in servers.values():
            assert server.stdin is not None
            server.stdin.close()
            server.wait(60)
    return seconds


def _server(tree: Path) -> subprocess.Popen[str]:
    """This module in a process of its own, with the project of another tree."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), "--serve"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "TF_CPP_MIN_LOG_LEVEL": "2"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _answer(server: subprocess.Popen[str]) -> dict[str, float]:
    assert server.stdout is not None
    line = server.stdout.readline()
    if not line:
        raise SystemExit(f"{server.args!r} ended unexpectedly.")
    return dict(json.loads(line))


def wait_until_quiet() -> None:
    """Wait until no training process computes any more: all that can be prepared is."""
    end, quiet_since = time.monotonic() + _LONGEST_SECONDS, time.monotonic()
    before = _processor_seconds()
    while time.monotonic() - quiet_since < QUIET_SECONDS and time.monotonic() < end:
        time.sleep(1)
        now = _processor_seconds()
        if now.keys() != before.keys() or any(now[pid] - before[pid] > _BUSY_SHARE for pid in now):
            quiet_since = time.monotonic()
        before = now


def _processor_seconds() -> dict[int, float]:
    """By the number of each training process of this machine."""
    seconds = {}
    for process in psutil.process_iter():
        try:
            if "fmnist_core.training" in process.cmdline():
                times = process.cpu_times()
                seconds[process.pid] = times.user + times.system
        except psutil.Error:
            continue
    return seconds


def _print_table(seconds: dict[str, dict[str, list[dict[str, float]]]], presets: list[str]) -> None:
    names = list(seconds[presets[0]])
    print(f"\n{'median, seconds from the click to':<44}" + "".join(f"{n:>12}" for n in names))
    for preset in presets:
        for part in ("first batch", "first epoch", *(["done"] if preset == TO_DONE else [])):
            values = [median(figures[part] for figures in seconds[preset][name]) for name in names]
            print(f"{f'{preset}: {part}':<44}" + "".join(f"{value:>12.2f}" for value in values))
    print(f"load of this machine in the last 15 minutes: {os.getloadavg()[2]:.1f}")
    print(f"aims: first batch in {FIRST_STEP_SECONDS} s, {TO_DONE} done in {DONE_SECONDS} s")


if __name__ == "__main__":
    main()
