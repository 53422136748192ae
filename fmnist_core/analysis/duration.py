"""Estimated duration of a training, learned from earlier runs on this machine."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, prod, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from fmnist_core.runs import Run, RunEvents
from fmnist_core.specs import (
    RunSpec,
    layer_shapes,
    multiply_adds,
    parameter_count,
    training_size,
)
from fmnist_core.specs.run import TRAIN_SIZE

# The newest runs say enough, and are read fast.
MEMORY = 60
_COVERAGE = 0.9
# An interval wider than this says nothing to a visitor.
_WIDEST = 100.0
_TEST_PICTURES = 10_000
# Testing goes forward alone, training forward and twice as much backward.
_TEST_COST = 1 / 3
# What is known before the first run, in log seconds a picture and its slopes over log
# multiply-adds, log layer outputs, log batch size, log parameters, and pictures that are changed.
# Arithmetic and memory traffic together make the time of a step, larger batches save calls, and
# slopes differ from machine to machine by as much as the second line says.
_PRIOR_MEAN = np.array([-9.0, 0.45, 0.35, -0.25, 0.1, 0.1])
_PRIOR_SPREAD = np.array([4.0, 0.15, 0.15, 0.12, 0.08, 0.15])
_CENTRE = np.array([0.0, log(1e6), log(1e4), log(64), log(1e5), 0.0])
# In log space: of the pace that was measured when all is done, and at least of what was expected,
# since another day the machine is busier.
_MEASURED_SPREAD, _LEAST_MEASURED, _LEAST_SPREAD = 0.14, 0.01, 0.3
_USUALLY_TESTED = 0.1
_LEAST_EVENTS, _RECENT_EPOCHS = 3, 3
# So many of them on either side hold 90 % of a normal distribution.
_DEVIATIONS = 1.645
_MODEL_NOISE, _REPEAT_NOISE, _PRIOR_RUNS = 0.3, 0.15, 4


@dataclass(frozen=True)
class Span:
    """Seconds, with the limits of a 90 % prediction interval."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """What a training is expected to take.

    Attributes:
        epoch: of one epoch, testing and saving included.
        training: from the first batch to the last epoch's end, if it is not ended early.
        runs: how many earlier runs it was learned from.
        same: whether those had the same network and the same training.
    """

    epoch: Span
    training: Span
    runs: int
    same: bool


@dataclass(frozen=True)
class Measured:
    """How fast an earlier run was.

    Attributes:
        spec: what it trained.
        machine: tells machines apart.
        epoch_seconds: the median epoch, testing and saving included.
        start_seconds: what the first epoch took more, such as for compiling.
    """

    spec: RunSpec
    machine: Hashable
    epoch_seconds: float
    start_seconds: float


def measure(run: Run, events: RunEvents) -> Measured | None:
    """How fast a run was; ``None`` before its first epoch ends and for a damaged run."""
    ends = [event.elapsed for event in events.epochs]
    if run.record is None or not ends or ends[0] <= 0:
        return None
    later = [after - before for before, after in pairwise(ends)]
    epoch = float(np.median([seconds for seconds in later if seconds > 0] or ends[:1]))
    known = run.record.environment
    machine = tuple(str(known.get(name)) for name in ("system", "processors", "device"))
    return Measured(run.spec, machine, epoch, max(0.0, ends[0] - epoch))


def estimate(spec: RunSpec, measured: Sequence[Measured]) -> Estimate | None:
    """How long a training will take.

    Runs of the same network and training speak for themselves. Otherwise a Bayesian linear
    regression in log space (normal-inverse-gamma; Gelman et al., Bayesian Data Analysis, 2013,
    chapter 14) learns from all of them; its predictive Student t widens with the distance from
    what was measured.

    Args:
        spec: what shall be trained.
        measured: earlier runs, newest first; those of another machine than the newest do not count.

    Returns:
        The estimate, or ``None`` where nothing useful is known.
    """
    runs = [run for run in measured if run.machine == measured[0].machine][:MEMORY]
    if not runs:
        return None
    same = [run for run in runs if _alike(run.spec) == _alike(spec)]
    centre, scale, freedom = _repeated(same) if same else _regression(spec, runs)
    reach = float(stdtrit(freedom, 0.5 + _COVERAGE / 2)) * scale
    if 2 * reach > log(_WIDEST):
        return None
    epoch = Span(*(exp(centre + shift) for shift in (-reach, 0.0, reach)))
    start = float(np.median([run.start_seconds for run in same or runs]))
    epochs = spec.training.epochs
    training = Span(*(start + epochs * limit for limit in (epoch.low, epoch.mid, epoch.high)))
    return Estimate(epoch, training, len(same or runs), bool(same))


def _alike(spec: RunSpec) -> Hashable:
    """What decides the time of an epoch."""
    training = spec.training
    return (
        spec.network,
        training.batch_size,
        training.optimizer,
        training_size(training),
        training.validation_share,
        training.flip,
        training.shift > 0,
    )


def _repeated(runs: Sequence[Measured]) -> tuple[float, float, float]:
    """Centre, scale and degrees of freedom of the next log time among equals."""
    times = np.log([run.epoch_seconds for run in runs])
    freedom = _PRIOR_RUNS + len(times) - 1
    variance = (_PRIOR_RUNS * _REPEAT_NOISE**2 + float(np.square(times - times.mean()).sum())) / (
        freedom
    )
    return float(np.median(times)), float(np.sqrt(variance * (1 + 1 / len(times)))), freedom


def _regression(spec: RunSpec, runs: Sequence[Measured]) -> tuple[float, float, float]:
    """The same for a training that was not seen before."""
    groups: dict[Hashable, list[Measured]] = {}
    for run in runs:
        groups.setdefault(_alike(run.spec), []).append(run)
    features = np.array([_features(group[0].spec) for group in groups.values()])
    times = np.array(
        [
            np.median([log(run.epoch_seconds) for run in group]) - log(_work(group[0].spec))
            for group in groups.values()
        ]
    )
    precision = np.diag((_MODEL_NOISE / _PRIOR_SPREAD) ** 2)
    posterior = precision + features.T @ features
    pull = precision @ _PRIOR_MEAN + features.T @ times
    mean = np.linalg.solve(posterior, pull)
    freedom = _PRIOR_RUNS + len(times)
    misfit = float(times @ times + _PRIOR_MEAN @ precision @ _PRIOR_MEAN - mean @ pull)
    variance = (_PRIOR_RUNS * _MODEL_NOISE**2 + max(0.0, misfit)) / freedom
    query = _features(spec)
    spread = 1 + float(query @ np.linalg.solve(posterior, query))
    return float(query @ mean) + log(_work(spec)), float(np.sqrt(variance * spread)), freedom


def _work(spec: RunSpec) -> float:
    """Pictures that an epoch works on; one that is only tested counts for a part."""
    tested = _TEST_PICTURES + TRAIN_SIZE * spec.training.validation_share
    return training_size(spec.training) + _TEST_COST * tested


def _features(spec: RunSpec) -> NDArray[np.float64]:
    outputs = sum(prod(layer.output_shape) for layer in layer_shapes(spec))
    training = spec.training
    changed = float(training.flip or training.shift > 0)
    logs = np.log([multiply_adds(spec), outputs, training.batch_size, parameter_count(spec)])
    features: NDArray[np.float64] = np.array([1.0, *logs, changed]) - _CENTRE
    return features


def position(events: RunEvents) -> float:
    """Epochs done so far, with a fraction."""
    batch = events.batches[-1].position if events.batches else 0.0
    return max(batch, float(len(events.epochs)))


def seconds_left(events: RunEvents, epochs: int, before: Estimate | None) -> float | None:
    """How long a training that runs will still take.

    It begins with what was expected and moves to the measured pace as that becomes known: both are
    averaged in log space, each weighted with how sure it is. What a first call takes to compile is
    paid once, so it counts for nothing that is still to come.

    Args:
        events: what it reported so far.
        epochs: of the whole training.
        before: what was expected at its start.

    Returns:
        Seconds, or ``None`` where nothing is known yet.
    """
    done = position(events)
    known = [] if before is None else [(log(before.epoch.mid), _expected_spread(before))]
    if (pace := _measured_pace(events)) is not None:
        known.append((log(pace), _MEASURED_SPREAD / sqrt(max(done / epochs, _LEAST_MEASURED))))
    if not known:
        return None
    weights = [1 / spread**2 for _, spread in known]
    mean = sum(w * value for w, (value, _) in zip(weights, known, strict=True)) / sum(weights)
    # A start that takes long, such as for compiling, is over with the first batch.
    start = before.training.mid - before.epoch.mid * epochs if before and not done else 0.0
    # An epoch has not ended with its last batch: the test comes after it.
    begun = (done - len(events.epochs)) * (1 - _tested_share(events))
    left = max(0.0, epochs - len(events.epochs) - begun)
    return max(0.0, start) + exp(mean) * left


def _expected_spread(before: Estimate) -> float:
    """The standard deviation in log space that its interval says."""
    return max(_LEAST_SPREAD, log(before.epoch.high / before.epoch.low) / (2 * _DEVIATIONS))


def _measured_pace(events: RunEvents) -> float | None:
    """Seconds an epoch, testing included, from the epochs that ended last or from within the first.

    The first event of a training comes after its first call, and the next ones may come from a
    machine that still does something else; so the later half of the first epoch's events counts.
    """
    ends = [event.elapsed for event in events.epochs]
    if len(ends) > 1:
        recent = [later - earlier for earlier, later in pairwise(ends[-_RECENT_EPOCHS - 1 :])]
        return float(np.median(recent)) or None
    first = [event for event in events.batches if event.epoch == 1]
    if len(first) < _LEAST_EVENTS:
        return None
    start, last = first[(len(first) - 1) // 2], first[-1]
    if last.position <= start.position or last.elapsed <= start.elapsed:
        return None
    pace = (last.elapsed - start.elapsed) / (last.position - start.position)
    return pace / (1 - _tested_share(events))


def _tested_share(events: RunEvents) -> float:
    """The part of an epoch's time that comes after its last batch, as in the last epoch."""
    if not events.epochs:
        return _USUALLY_TESTED
    ended = events.epochs[-1]
    inside = [event.elapsed for event in events.batches if event.epoch == ended.epoch]
    began = events.epochs[-2].elapsed if len(events.epochs) > 1 else 0.0
    if not inside or ended.elapsed <= began:
        return _USUALLY_TESTED
    return min(0.9, max(0.0, (ended.elapsed - inside[-1]) / (ended.elapsed - began)))
