"""Training speed of every preset against Keras's tutorial and PyTorch; overhead of the callback.

``make bench-training`` prints all tables; with ``ARGS=--quick`` it leaves out the full runs, and
``ARGS='--presets "Fast CNN"'`` takes one preset. The methods take turns epoch by epoch, so that
what else the machine does hits them all, and ratios are between epochs of the same turn.
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
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.callback import callback_cost
from benchmarks.peers import METHODS, with_full_training_set
from fmnist_core.dataset import TRAIN_SIZE
from fmnist_core.engine import Engine
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import ENDED, Run, RunStore
from fmnist_core.specs import multiply_adds

_LARGE = 1_000_000
_TUTORIAL_EPOCHS = 14


@dataclass
class MethodProcess:
    """A process that trains a preset by one method, epoch by epoch."""

    process: subprocess.Popen[str]
    seconds: list[float] = field(default_factory=list)
    accuracy: float | None = None

    @classmethod
    def start(cls, name: str, preset: str, epochs: int) -> MethodProcess:
        """Start the process and wait until it is ready for its first epoch."""
        command = [sys.executable, "-m", "benchmarks.peers", name, preset, str(epochs)]
        method = cls(
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                # Threads of PyTorch that spin while they wait would lose a multiple of their time
                # on a busy machine, which says nothing about PyTorch.
                env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
            )
        )
        method._read()
        return method

    def epoch(self) -> None:
        """Let it train and test one epoch."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        report = self._read()
        self.seconds.append(report["seconds"])
        self.accuracy = report["accuracy"]

    def end(self) -> None:
        """Close its input, at which it clears up and ends."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _read(self) -> dict[str, float]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        raise SystemExit(f"{self.process.args!r} ended unexpectedly.")


def compare(preset: str) -> dict[str, MethodProcess]:
    """Train a preset by all methods, in turns; the first epoch of a small one only warms up."""
    spec = PRESETS[preset]
    large = multiply_adds(spec) > _LARGE
    epochs = 2 if large else spec.training.epochs
    methods = {name: MethodProcess.start(name, preset, epochs) for name in METHODS}
    try:
        for _ in range(epochs):
            for method in methods.values():
                method.epoch()
    finally:
        for method in methods.values():
            method.end()
    if not large:
        for method in methods.values():
            del method.seconds[0]
    return methods


def full_runs(presets: list[str]) -> dict[str, tuple[Run, float]]:
    """Each preset as a visitor trains it: its run, and the seconds from the click to ``done``."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(RunStore(Path(folder)))
        threading.Thread(target=engine.keep_warm, daemon=True).start()
        for preset in presets:
            while engine.state().state != "ready":
                time.sleep(0.1)
            # The next process warms up while nothing trains, as it does between two visitors.
            time.sleep(15)
            started = time.monotonic()
            run = engine.start(with_full_training_set(PRESETS[preset]), by=Actor.owner())
            while (run := engine.store.get(run.id)).state not in ENDED:
                time.sleep(0.02)
            results[preset] = (run, time.monotonic() - started)
            print_full(preset, *results[preset])
        engine.shutdown()
    return results


def print_full(preset: str, run: Run, wall: float) -> None:
    """One line about a full run."""
    if run.state != "done" or run.summary is None:
        print(f"{preset:26} ended as {run.state}: {run.reason}", flush=True)
        return
    execution: Any = run.record.environment["execution"]
    print(
        f"{preset:26} {run.summary.epochs:6} {run.summary.seconds:9.1f} {wall:9.1f} "
        f"{_percent(run.summary.test_accuracy)}  {execution['reason']}",
        flush=True,
    )


def print_comparison(preset: str, methods: dict[str, MethodProcess]) -> None:
    """One line a method: seconds, pictures a second, accuracy, and how the atelier compares."""
    own_seconds = methods["atelier"].seconds
    for name, method in methods.items():
        ratios = [other / own for other, own in zip(method.seconds, own_seconds, strict=True)]
        seconds = median(method.seconds)
        print(
            f"{preset:26} {name:9} {seconds:9.2f} {TRAIN_SIZE / seconds:10,.0f} "
            f"{_percent(method.accuracy)} {len(own_seconds):7} {median(ratios):8.2f}",
            flush=True,
        )


def _percent(share: float | None) -> str:
    return f"{100 * share:7.2f} %" if share is not None else "        –"


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench-training")
    parser.add_argument("--quick", action="store_true", help="leave out the full runs")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS), choices=list(PRESETS))
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

    print("An epoch: training on 60,000 pictures and testing on 10,000; medians, in turns.")
    print("Accuracy: after the epochs timed here, and one more of the small presets to warm up.")
    print("“ratio”: that way's time by the atelier's in the same turn; above 1 it is ahead.\n")
    print(
        f"{'preset':26} {'way':9} {'s/epoch':>9} {'pictures/s':>10} {'accuracy':>9} epochs    ratio"
    )
    comparisons = {}
    for preset in options.presets:
        comparisons[preset] = compare(preset)
        print_comparison(preset, comparisons[preset])

    print("\nWhat a callback adds to an epoch of the Simple network, in turns; median of ratios:\n")
    for line in callback_cost():
        print(line, flush=True)

    if options.quick:
        return
    print("\nFull runs through the engine: fit with its tests, and from the click to done.\n")
    print(f"{'preset':26} {'epochs':>6} {'fit, s':>9} {'wall, s':>9} {'accuracy':>9}")
    runs = full_runs(options.presets)
    if {"Fast CNN", "CNN with dropout"} <= runs.keys():
        fast, _ = runs["Fast CNN"]
        slow = _TUTORIAL_EPOCHS * median(comparisons["CNN with dropout"]["tutorial"].seconds)
        assert fast.summary is not None
        print(
            f"\nFast CNN's whole training takes {fast.summary.seconds / slow:.2f} of the time of "
            f"{_TUTORIAL_EPOCHS} epochs of CNN with dropout in the tutorial's way."
        )


if __name__ == "__main__":
    main()
