"""Estimated duration of a training, learned from earlier runs on this machine."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, prod, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from fmnist_core.dataset import TEST_SIZE
from fmnist_core.runs import Run, RunEvents
from fmnist_core.specs import (
    RunSpec,
    layer_shapes,
    multiply_adds,
    parameter_count,
    training_size,
    validation_size,
)

# How many of the newest runs are learned from: they say enough, and are read fast.
MOST_RUNS = 60
_COVERAGE = 0.9
# An interval wider than this says nothing to a visitor.
_WIDEST = 100.0
# Testing goes forward alone, training forward and twice as much backward.
_TEST_COST = 1 / 3
# The prior: log seconds an image and its slopes over log multiply-adds, log layer outputs, log
# batch size, log parameters, and whether images are augmented.
# Arithmetic and memory traffic together make the time of a step, larger batches save calls, and
# slopes differ from machine to machine by as much as the second line says.
_PRIOR_MEAN = np.array([-9.0, 0.45, 0.35, -0.25, 0.1, 0.1])
_PRIOR_SPREAD = np.array([4.0, 0.15, 0.15, 0.12, 0.08, 0.15])
_CENTRE = np.array([0.0, log(1e6), log(1e4), log(64), log(1e5), 0.0])
# In log space: of the pace that was measured when all is done, and at least of what was expected,
# since another day the machine is busier.
_MEASURED_SPREAD, _LEAST_MEASURED, _LEAST_SPREAD = 0.14, 0.01, 0.3
_USUAL_TEST_SHARE = 0.1
_LEAST_EVENTS, _RECENT_EPOCHS = 3, 3
# So many of them on either side hold 90 % of a normal distribution.
_DEVIATIONS = 1.645
_MODEL_NOISE, _REPEAT_NOISE, _PRIOR_RUNS = 0.3, 0.15, 4


@dataclass(frozen=True)
class Span:
    """A duration in seconds, with the limits of its 90 % prediction interval."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """The estimated duration of a training.

    Attributes:
        epoch: of one epoch, testing and saving included.
        training: from the first batch to the last epoch's end, if it is not ended early.
        runs: how many earlier runs it was learned from.
        same_configuration: whether those had the same network and the same training.
    """

    epoch: Span
    training: Span
    runs: int
    same_configuration: bool


@dataclass(frozen=True)
class RunSpeed:
    """The measured speed of an earlier run.

    Attributes:
        spec: what it trained.
        machine: equal for runs of the same machine.
        epoch_seconds: the median epoch, testing and saving included.
        start_seconds: what the first epoch took more, such as for compiling.
    """

    spec: RunSpec
    machine: Hashable
    epoch_seconds: float
    start_seconds: float


def run_speed(run: Run, events: RunEvents) -> RunSpeed | None:
    """The speed of a run; ``None`` before its first epoch ends."""
    ends = [event.elapsed for event in events.epochs]
    if not ends or ends[0] <= 0:
        return None
    epoch_seconds = [after - before for before, after in pairwise(ends)]
    epoch = float(np.median([seconds for seconds in epoch_seconds if seconds > 0] or ends[:1]))
    environment = run.record.environment
    machine = tuple(str(environment.get(name)) for name in ("system", "processors", "device"))
    return RunSpeed(run.spec, machine, epoch, max(0.0, ends[0] - epoch))


def estimate(spec: RunSpec, speeds: Sequence[RunSpeed]) -> Estimate | None:
    """Estimate the duration of a training from the speed of earlier runs.

    Runs of the same network and training speak for themselves. Otherwise a Bayesian linear
    regression in log space (normal-inverse-gamma; Gelman et al., Bayesian Data Analysis, 2013,
    chapter 14) learns from all of them; its predictive Student t widens with the distance from
    what was measured.

    Args:
        spec: what shall be trained.
        speeds: earlier runs, newest first; those of another machine than the newest do not count.

    Returns:
        The estimate, or ``None`` where nothing useful is known.
    """
    runs = [run for run in speeds if run.machine == speeds[0].machine][:MOST_RUNS]
    if not runs:
        return None
    alike = [run for run in runs if _configuration_key(run.spec) == _configuration_key(spec)]
    centre, scale, freedom = _repeated(alike) if alike else _regression(spec, runs)
    half_width = float(stdtrit(freedom, 0.5 + _COVERAGE / 2)) * scale
    if 2 * half_width > log(_WIDEST):
        return None
    epoch = Span(*(exp(centre + offset) for offset in (-half_width, 0.0, half_width)))
    start = float(np.median([run.start_seconds for run in alike or runs]))
    epochs = spec.training.epochs
    training = Span(*(start + epochs * limit for limit in (epoch.low, epoch.mid, epoch.high)))
    return Estimate(epoch, training, len(alike or runs), bool(alike))


def _configuration_key(spec: RunSpec) -> Hashable:
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


def _repeated(runs: Sequence[RunSpeed]) -> tuple[float, float, float]:
    """Centre, scale and degrees of freedom of the next log time among equals."""
    times = np.log([run.epoch_seconds for run in runs])
    freedom = _PRIOR_RUNS + len(times) - 1
    variance = (_PRIOR_RUNS * _REPEAT_NOISE**2 + float(np.square(times - times.mean()).sum())) / (
        freedom
    )
    return float(np.median(times)), float(np.sqrt(variance * (1 + 1 / len(times)))), freedom


def _regression(spec: RunSpec, runs: Sequence[RunSpeed]) -> tuple[float, float, float]:
    """The same for a configuration that was not trained before, by regression."""
    groups: dict[Hashable, list[RunSpeed]] = {}
    for run in runs:
        groups.setdefault(_configuration_key(run.spec), []).append(run)
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
    """Images that an epoch works on; one that is only tested counts for a part."""
    tested = TEST_SIZE + validation_size(spec.training)
    return training_size(spec.training) + _TEST_COST * tested


def _features(spec: RunSpec) -> NDArray[np.float64]:
    outputs = sum(prod(layer.output_shape) for layer in layer_shapes(spec))
    training = spec.training
    augmented = float(training.flip or training.shift > 0)
    logs = np.log([multiply_adds(spec), outputs, training.batch_size, parameter_count(spec)])
    features: NDArray[np.float64] = np.array([1.0, *logs, augmented]) - _CENTRE
    return features


def epochs_done(events: RunEvents) -> float:
    """Epochs trained so far, with the fraction of the one that runs."""
    batch = events.batches[-1].position if events.batches else 0.0
    return max(batch, float(len(events.epochs)))


def seconds_left(events: RunEvents, epochs: int, expected: Estimate | None) -> float | None:
    """The remaining seconds of a training that runs.

    It begins with what was expected and moves to the measured pace as that becomes known: both are
    averaged in log space, each weighted by its precision. What a first call takes to compile is
    paid once, so it does not count for the epochs to come.

    Args:
        events: what it reported so far.
        epochs: of the whole training.
        expected: the estimate at its start, if there was one.

    Returns:
        Seconds, or ``None`` where nothing is known yet.
    """
    done = epochs_done(events)
    paces = [] if expected is None else [(log(expected.epoch.mid), _expected_spread(expected))]
    if (pace := _measured_pace(events)) is not None:
        paces.append((log(pace), _MEASURED_SPREAD / sqrt(max(done / epochs, _LEAST_MEASURED))))
    if not paces:
        return None
    weights = [1 / spread**2 for _, spread in paces]
    mean = sum(w * value for w, (value, _) in zip(weights, paces, strict=True)) / sum(weights)
    # A start that takes long, such as for compiling, is over with the first batch.
    start = expected.training.mid - expected.epoch.mid * epochs if expected and not done else 0.0
    # An epoch has not ended with its last batch: the test comes after it.
    epoch_share = (done - len(events.epochs)) * (1 - _tested_share(events))
    left = max(0.0, epochs - len(events.epochs) - epoch_share)
    return max(0.0, start) + exp(mean) * left


def _expected_spread(expected: Estimate) -> float:
    """The standard deviation in log space that belongs to the estimate's interval."""
    return max(_LEAST_SPREAD, log(expected.epoch.high / expected.epoch.low) / (2 * _DEVIATIONS))


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
        return _USUAL_TEST_SHARE
    last_epoch = events.epochs[-1]
    batch_times = [event.elapsed for event in events.batches if event.epoch == last_epoch.epoch]
    start = events.epochs[-2].elapsed if len(events.epochs) > 1 else 0.0
    if not batch_times or last_epoch.elapsed <= start:
        return _USUAL_TEST_SHARE
    return min(0.9, max(0.0, (last_epoch.elapsed - batch_times[-1]) / (last_epoch.elapsed - start)))
