"""Autotuning of the execution mode (XLA, precision, steps per call), measured once per device."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

import keras
import tensorflow as tf
from pydantic import ValidationError

from fmnist_core.files import read_json, write_json
from fmnist_core.locks import locked
from fmnist_core.specs import RunSpec
from fmnist_core.training.batches import BatchSource
from fmnist_core.training.loop import MOST_STEPS, ExecutionMode, Loop
from fmnist_core.training.models import build_model

_Candidate = tuple[Literal["float32", "mixed_bfloat16"], bool]
PLAIN: _Candidate = ("float32", False)

# Stop and the curve wait for a call to end: at most 0.25 s, also when the machine gets busier.
_CALL_SECONDS = 0.1
# Of many short rounds some fall into quiet moments, also on a busy machine.
_ROUND_SECONDS = 0.03
_ROUNDS = 10
_ROUNDS_TO_DECIDE = 3
_MOST_SECONDS = 2.0
_HOPELESS = 1.5
_SLOWER = 1.25
_WORTH_A_CHANGE = 1.1
_UNSTEADY = 1.5
_MOST_REMEMBERED = 500


@dataclass(frozen=True)
class Measured:
    """What a measurement says.

    Attributes:
        mode: the fastest one.
        steady: whether its rounds took about the same time, as they do on a machine that does
            nothing else.
    """

    mode: ExecutionMode
    steady: bool


_measured_here: dict[str, Measured] = {}


class Memory:
    """What was measured before, in a small file that all workers of a runs folder share.

    A missing, damaged or unwritable file is no error: what it should say is measured again.

    Args:
        folder: what workers share; without one, nothing is remembered.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / "calibration.json"

    def get(self, key: str) -> ExecutionMode | None:
        """The mode that was measured for a model and device, if any."""
        try:
            return ExecutionMode.model_validate(self._read()[key])
        except (KeyError, ValidationError):
            return None

    def put(self, key: str, mode: ExecutionMode) -> None:
        """Remember a mode; the oldest of many are forgotten."""
        if self._file is None:
            return
        with contextlib.suppress(OSError), self._locked():
            entries = self._read()
            entries.pop(key, None)
            entries[key] = mode.model_dump()
            write_json(self._file, dict(list(entries.items())[-_MOST_REMEMBERED:]))

    def _read(self) -> dict[str, Any]:
        entries = None if self._file is None else read_json(self._file)
        return entries if isinstance(entries, dict) else {}

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        assert self._file is not None
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._file.with_suffix(".lock")):
            yield


def mode_for(
    memory: Memory,
    spec: RunSpec,
    feed: BatchSource,
    before: Callable[[], object] = lambda: None,
    during: Callable[[], object] = lambda: None,
) -> ExecutionMode:
    """The remembered mode of a model on this device, or else the one that is fastest now.

    Measuring draws from Keras's random state: set the seed afterwards.

    Args:
        memory: where modes are looked up and kept.
        spec: the run.
        feed: its pictures, on which throw-away weights are trained; left as it is.
        before: called before measuring, which takes some seconds.
        during: called again and again while it is measured, as a sign that it goes on.
    """
    key = _key(spec, feed.size)
    mode = memory.get(key)
    if mode is not None:
        return mode
    if key not in _measured_here:
        before()
        _measured_here[key] = measure(spec, feed, during)
    measured = _measured_here[key]
    if measured.steady:
        memory.put(key, measured.mode)
    return measured.mode


def is_known(memory: Memory, spec: RunSpec, batch_size: int) -> bool:
    """Whether a model's mode on this device is remembered."""
    return memory.get(_key(spec, batch_size)) is not None


def measure(
    spec: RunSpec, feed: BatchSource, during: Callable[[], object] = lambda: None
) -> Measured:
    """Train throw-away weights for a moment in each way that may pay, and name the fastest."""
    try:
        return _fastest(spec, feed, during)
    finally:
        keras.backend.clear_session()


def _fastest(spec: RunSpec, feed: BatchSource, during: Callable[[], object]) -> Measured:
    loops: dict[_Candidate, Loop] = {}
    seconds: dict[_Candidate, list[float]] = {}
    for way in _candidates(spec):
        during()
        loop = Loop(build_model(spec, precision=way[0]), feed, way[1])
        _timed(loop, 1)
        seconds[way] = [_timed(loop, 1)]
        if seconds[way][0] < _HOPELESS * seconds[PLAIN][0]:
            loops[way] = loop
    # Compiling is not counted: on a busy machine it would leave no time to measure in.
    started = time.monotonic()
    for done in range(_ROUNDS):
        if done >= _ROUNDS_TO_DECIDE:
            most = _SLOWER * min(min(seconds[way]) for way in loops)
            loops = {way: loop for way, loop in loops.items() if min(seconds[way]) < most}
            if len(loops) == 1:
                break
        for way, loop in loops.items():
            during()
            if time.monotonic() - started < _MOST_SECONDS:
                steps = min(feed.whole_steps, int(_ROUND_SECONDS / min(seconds[way])))
                seconds[way].append(_timed(loop, max(1, steps)))
    return _choose(seconds, _left_out(spec))


def _candidates(spec: RunSpec) -> list[_Candidate]:
    """What may pay on this device, the plain way first."""
    candidates: list[_Candidate] = [PLAIN]
    if not _left_out(spec):
        candidates += [("float32", True)]
    if tf.config.list_physical_devices("GPU"):
        candidates += [("mixed_bfloat16", False), ("mixed_bfloat16", True)]
    elif _cpu_has_bfloat16():
        candidates += [("mixed_bfloat16", False)]
    return candidates


def _left_out(spec: RunSpec) -> str:
    """Why XLA is not measured, where it need not be."""
    if spec.network.kind == "dense" or tf.config.list_physical_devices("GPU"):
        return ""
    return "XLA was left out, as its convolutions are many times slower on a processor"


def _choose(seconds: dict[_Candidate, list[float]], left_out: str) -> Measured:
    least = {way: min(times) for way, times in seconds.items()}
    plain, best = least[PLAIN], min(least, key=lambda way: least[way])
    if plain < _WORTH_A_CHANGE * least[best]:
        best = PLAIN
    others = [f"{_name(way)} {_milliseconds(s)}" for way, s in least.items() if way != best]
    measured = f"{_name(best)} takes {_milliseconds(least[best])} a step"
    if others:
        measured += " (" + ", ".join(others) + ")"
    if best != PLAIN:
        measured += f", {plain / least[best]:.1f} times as fast as plainly"
    mode = ExecutionMode(
        precision=best[0],
        xla=best[1],
        steps=max(1, min(MOST_STEPS, int(_CALL_SECONDS / least[best]))),
        reason="Measured on this machine: " + "; ".join(filter(None, [measured, left_out])) + ".",
    )
    # The first time is of a single step, and no round.
    rounds = seconds[best][1:] or seconds[best]
    return Measured(mode, median(rounds) < _UNSTEADY * min(rounds))


def _name(way: _Candidate) -> str:
    names = {"float32": "", "mixed_bfloat16": "in bfloat16"}
    parts = [names[way[0]], "with XLA" if way[1] else ""]
    return " ".join(part for part in parts if part) or "plain TensorFlow"


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2g} ms" if seconds < 0.1 else f"{1000 * seconds:,.0f} ms"


def _timed(loop: Loop, count: int) -> float:
    """Seconds a step, of one call with so many."""
    started = time.perf_counter()
    # Reading a value waits for the device.
    float(loop.steps(0, count)["loss"])
    return (time.perf_counter() - started) / count


def _key(spec: RunSpec, batch_size: int) -> str:
    return json.dumps(
        {
            "network": spec.network.model_dump(mode="json"),
            "batch_size": batch_size,
            "optimizer": spec.training.optimizer,
            "device": device(),
            "tensorflow": tf.__version__,
        },
        separators=(",", ":"),
    )


def device() -> str:
    """The name of what trains here: the graphics card, else the processor and its cores."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return str(details.get("device_name", gpus[0].name))
    name = _cpu_line("model name") or platform.machine()
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def _cpu_has_bfloat16() -> bool:
    """Without instructions for it, a CPU computes bfloat16 many times slower than float32."""
    return "bf16" in _cpu_line("flags")


def _cpu_line(name: str) -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith(name):
                return line.partition(":")[2].strip()
    return ""
