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

from fmnist_core import timeouts
from fmnist_core.files import read_json, write_json
from fmnist_core.locks import locked
from fmnist_core.specs import RunSpec, training_size
from fmnist_core.training.batches import BatchSource
from fmnist_core.training.loop import MOST_STEPS, ExecutionMode, Loop
from fmnist_core.training.models import build_model

_Candidate = tuple[Literal["float32", "mixed_bfloat16"], bool]
PLAIN: _Candidate = ("float32", False)

_ROUNDS = 10
_ROUNDS_TO_DECIDE = 3
_HOPELESS = 1.5
_SLOWER = 1.25
_WORTHWHILE_GAIN = 1.1
_UNSTEADY = 1.5
_MOST_REMEMBERED = 500


@dataclass(frozen=True)
class Measurement:
    """The result of measuring the execution modes of a model.

    Attributes:
        mode: the fastest one.
        steady: whether its rounds took about the same time, as they do on an idle machine.
    """

    mode: ExecutionMode
    steady: bool


_measurements: dict[str, Measurement] = {}


class ModeCache:
    """The measured execution modes, in a small file that all workers of a runs folder share.

    A missing, damaged or unwritable file is no error: the modes are measured again.

    Args:
        folder: shared by the workers; without one, nothing is cached.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / "calibration.json"

    def get(self, key: str) -> ExecutionMode | None:
        """The cached mode of a model and device, if any."""
        try:
            return ExecutionMode.model_validate(self._read()[key])
        except (KeyError, ValidationError):
            return None

    def put(self, key: str, mode: ExecutionMode) -> None:
        """Cache a mode; the oldest of many are dropped."""
        if self._file is None:
            return
        with contextlib.suppress(OSError), self._locked():
            entries = self._read()
            entries.pop(key, None)
            entries[key] = mode.model_dump()
            write_json(self._file, dict(list(entries.items())[-_MOST_REMEMBERED:]))

    def measured(self) -> list[str]:
        """The keys of all modes, the oldest first."""
        return list(self._read())

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
    cache: ModeCache,
    spec: RunSpec,
    batches: BatchSource,
    on_progress: Callable[[], object] = lambda: None,
) -> ExecutionMode:
    """The cached execution mode of a model on this device, or else the one measured as fastest.

    Measuring draws from Keras's random state: set the seed afterwards.

    Args:
        cache: of the modes measured before.
        spec: of the run.
        batches: of the run, on which throw-away weights are trained; left as it is.
        on_progress: called again and again while measuring, as a sign of life.
    """
    key = _key(spec)
    mode = cache.get(key)
    if mode is not None:
        return mode
    if key not in _measurements:
        _measurements[key] = measure(spec, batches, on_progress)
    measured = _measurements[key]
    if measured.steady:
        cache.put(key, measured.mode)
    return measured.mode


def remembered_mode(cache: ModeCache, spec: RunSpec) -> ExecutionMode | None:
    """The execution mode of a model on this device, where it need not be measured first.

    A run that began before its network was measured is repeated exactly: in the mode that it had.

    Args:
        cache: of the modes measured before.
        spec: of the run.
    """
    key = _key(spec)
    mode = cache.get(_unmeasured_key(spec)) or cache.get(key)
    if mode is None and key in _measurements:
        mode = _measurements[key].mode
    return mode


def plain_mode(cache: ModeCache, spec: RunSpec, loop: Loop, whole_steps: int) -> ExecutionMode:
    """The plain execution mode, for a model that starts at once; the cache learns that it did.

    Args:
        cache: of the modes.
        spec: of the run.
        loop: of its model, in the plain mode; trains it for a moment.
        whole_steps: whole batches in an epoch.
    """
    _timed(loop, 1)
    seconds = _timed(loop, 1)
    steps = min(whole_steps, int(timeouts.AUTOTUNE_ROUND_SECONDS / seconds))
    if steps > 1:
        seconds = min(seconds, _timed(loop, steps))
    mode = ExecutionMode(
        steps=_steps_a_call(seconds),
        reason=f"Started at once, not measured on this machine before: {_name(PLAIN)} took "
        f"{_milliseconds(seconds)} a step.",
    )
    cache.put(_unmeasured_key(spec), mode)
    return mode


def unmeasured_specs(cache: ModeCache) -> list[RunSpec]:
    """The specs of runs that started in the plain mode, and whose network is still not measured."""
    specs = []
    for key in cache.measured():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            spec = RunSpec.model_validate(json.loads(key)["unmeasured"])
            # Another computer's, or of another TensorFlow, is not for this one to measure.
            if key == _unmeasured_key(spec) and not is_measured(cache, spec):
                specs.append(spec)
    return specs


def is_measured(cache: ModeCache, spec: RunSpec) -> bool:
    """Whether a model's mode on this device is cached."""
    return cache.get(_key(spec)) is not None


def measure(
    spec: RunSpec, batches: BatchSource, on_progress: Callable[[], object] = lambda: None
) -> Measurement:
    """Measure all candidate modes by training throw-away weights for a moment in each."""
    try:
        return _fastest(spec, batches, on_progress)
    finally:
        keras.backend.clear_session()


def _fastest(spec: RunSpec, batches: BatchSource, on_progress: Callable[[], object]) -> Measurement:
    loops: dict[_Candidate, Loop] = {}
    seconds: dict[_Candidate, list[float]] = {}
    for candidate in _candidates(spec):
        on_progress()
        loop = Loop(build_model(spec, precision=candidate[0]), batches, candidate[1])
        _timed(loop, 1)
        seconds[candidate] = [_timed(loop, 1)]
        if seconds[candidate][0] < _HOPELESS * seconds[PLAIN][0]:
            loops[candidate] = loop
    # Compiling is not counted: on a busy machine it would leave no time to measure in.
    started = time.monotonic()
    for round_index in range(_ROUNDS):
        if round_index >= _ROUNDS_TO_DECIDE:
            slowest_kept = _SLOWER * min(min(seconds[candidate]) for candidate in loops)
            kept = [candidate for candidate in loops if min(seconds[candidate]) < slowest_kept]
            loops = {candidate: loops[candidate] for candidate in kept}
            if len(loops) == 1:
                break
        for candidate, loop in loops.items():
            on_progress()
            if time.monotonic() - started < timeouts.AUTOTUNE_SECONDS:
                steps = min(
                    batches.whole_steps,
                    int(timeouts.AUTOTUNE_ROUND_SECONDS / min(seconds[candidate])),
                )
                seconds[candidate].append(_timed(loop, max(1, steps)))
    return _choose(seconds, _xla_note(spec))


def _candidates(spec: RunSpec) -> list[_Candidate]:
    """The candidate modes (precision, XLA) on this device, the plain one first."""
    candidates: list[_Candidate] = [PLAIN]
    if not _xla_note(spec):
        candidates += [("float32", True)]
    if tf.config.list_physical_devices("GPU"):
        candidates += [("mixed_bfloat16", False), ("mixed_bfloat16", True)]
    elif _cpu_has_bfloat16():
        candidates += [("mixed_bfloat16", False)]
    return candidates


def _xla_note(spec: RunSpec) -> str:
    """The sentence that says why XLA is no candidate; empty where it is one."""
    if spec.network.kind == "dense" or tf.config.list_physical_devices("GPU"):
        return ""
    return "XLA was left out, as its convolutions are many times slower on a processor"


def _choose(seconds: dict[_Candidate, list[float]], xla_note: str) -> Measurement:
    fastest = {candidate: min(times) for candidate, times in seconds.items()}
    plain, best = fastest[PLAIN], min(fastest, key=lambda candidate: fastest[candidate])
    if plain < _WORTHWHILE_GAIN * fastest[best]:
        best = PLAIN
    others = [
        f"{_name(candidate)} {_milliseconds(fastest[candidate])}"
        for candidate in fastest
        if candidate != best
    ]
    sentence = f"{_name(best)} takes {_milliseconds(fastest[best])} a step"
    if others:
        sentence += " (" + ", ".join(others) + ")"
    if best != PLAIN:
        sentence += f", {plain / fastest[best]:.1f} times as fast as plainly"
    mode = ExecutionMode(
        precision=best[0],
        xla=best[1],
        steps=_steps_a_call(fastest[best]),
        reason="Measured on this machine: " + "; ".join(filter(None, [sentence, xla_note])) + ".",
    )
    # The first time is of a single step, and no round.
    rounds = seconds[best][1:] or seconds[best]
    return Measurement(mode, median(rounds) < _UNSTEADY * min(rounds))


def _steps_a_call(seconds_a_step: float) -> int:
    return max(1, min(MOST_STEPS, int(timeouts.CALL_SECONDS / seconds_a_step)))


def _name(candidate: _Candidate) -> str:
    names = {"float32": "", "mixed_bfloat16": "in bfloat16"}
    parts = [names[candidate[0]], "with XLA" if candidate[1] else ""]
    return " ".join(part for part in parts if part) or "plain TensorFlow"


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2g} ms" if seconds < 0.1 else f"{1000 * seconds:,.0f} ms"


def _timed(loop: Loop, count: int) -> float:
    """Seconds per step, measured on one call with ``count`` steps."""
    started = time.perf_counter()
    # Reading a value waits for the device.
    float(loop.steps(0, count)["loss"])
    return (time.perf_counter() - started) / count


def _key(spec: RunSpec) -> str:
    return json.dumps(
        {
            "network": spec.network.model_dump(mode="json"),
            "batch_size": min(spec.training.batch_size, training_size(spec.training)),
            "optimizer": spec.training.optimizer,
            "device": device(),
            "tensorflow": tf.__version__,
        },
        separators=(",", ":"),
    )


def _unmeasured_key(spec: RunSpec) -> str:
    """Of a run itself, and not only of what makes its steps fast or slow."""
    return json.dumps(
        {
            "unmeasured": spec.model_dump(mode="json"),
            "device": device(),
            "tensorflow": tf.__version__,
        },
        separators=(",", ":"),
    )


def device() -> str:
    """The name of the training device: the graphics card, else the processor and its cores."""
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
