"""The time of a training is estimated from earlier runs, honestly: wide where little is known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmnist_core.analysis.duration import (
    Estimate,
    RunSpeed,
    Span,
    epochs_done,
    estimate,
    run_speed,
    seconds_left,
)
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import BatchEvent, EpochEvent, RunEvents, RunStore
from fmnist_core.specs import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    RunSpec,
    TrainingSpec,
    multiply_adds,
    training_size,
)

MACHINE = ("Linux", "2", "CPU")
SIMPLE, BEST = PRESETS["Simple network"], PRESETS["Best CNN"]


def run(spec: RunSpec, seconds: float, machine: object = MACHINE, start: float = 0.0) -> RunSpeed:
    return RunSpeed(spec, machine, seconds, start)


def changed(spec: RunSpec, **training: object) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=training)})


def estimate_of(spec: RunSpec, measured: list[RunSpeed]) -> Estimate:
    result = estimate(spec, measured)
    assert result is not None
    return result


def test_nothing_is_known_before_the_first_run() -> None:
    assert estimate(SIMPLE, []) is None


def test_runs_of_the_same_training_speak_for_themselves() -> None:
    result = estimate_of(SIMPLE, [run(SIMPLE, s) for s in (4.0, 4.4, 3.8)] + [run(BEST, 900.0)])
    assert result.same_configuration
    assert result.runs == 3
    assert result.epoch.mid == pytest.approx(4.0)
    assert 2.7 < result.epoch.low < 4 < result.epoch.high < 5.9


def test_seed_and_learning_rate_do_not_make_another_training_but_the_batch_size_does() -> None:
    earlier = [run(changed(SIMPLE, seed=9, learning_rate=0.1, epochs=50), 4.0)]
    assert estimate_of(SIMPLE, earlier).same_configuration
    assert not estimate_of(changed(SIMPLE, batch_size=64), earlier).same_configuration


def test_runs_that_differ_much_give_a_wide_interval() -> None:
    steady = estimate_of(SIMPLE, [run(SIMPLE, 4.0)] * 4).epoch
    shaky = estimate_of(SIMPLE, [run(SIMPLE, s) for s in (2.0, 4.0, 4.0, 9.0)]).epoch
    assert shaky.high / shaky.low > 2 * steady.high / steady.low


def test_the_whole_training_is_its_epochs_and_the_start() -> None:
    result = estimate_of(changed(SIMPLE, epochs=20), [run(SIMPLE, 4.0, start=3.0)])
    assert result.training.mid == pytest.approx(20 * result.epoch.mid + 3.0)
    assert result.training.high == pytest.approx(20 * result.epoch.high + 3.0)


def test_a_run_of_another_machine_does_not_count() -> None:
    gpu = ("Linux", "16", "GPU")
    result = estimate_of(SIMPLE, [run(SIMPLE, 1.0, gpu), run(SIMPLE, 9.0), run(SIMPLE, 9.0)])
    assert result.runs == 1
    assert result.epoch.mid == pytest.approx(1.0)


def test_far_from_what_was_measured_the_interval_is_wider() -> None:
    earlier = [run(changed(SIMPLE, batch_size=size), 4.0) for size in (32, 64, 128)]
    near = estimate_of(RunSpec(network=DenseSpec(units=(160,))), earlier).epoch
    far = estimate_of(BEST, earlier).epoch
    assert far.high / far.low > 2 * near.high / near.low
    assert far.mid > near.mid


def test_half_the_pictures_take_about_half_the_time() -> None:
    earlier = [run(changed(SIMPLE, batch_size=size), 4.0) for size in (32, 64, 128)]
    half = estimate_of(changed(SIMPLE, train_pictures=27_000), earlier).epoch.mid
    assert 0.4 < half / estimate_of(SIMPLE, earlier).epoch.mid < 0.7


def simulated(spec: RunSpec, chance: np.random.Generator) -> RunSpeed:
    """A machine with a cost a step, a cost a multiplication, and neighbours that disturb it."""
    images = training_size(spec.training) + 5_000
    steps = images / spec.training.batch_size
    seconds = 2e-4 * steps + 3e-10 * images * multiply_adds(spec)
    return run(spec, float((0.5 + seconds) * np.exp(chance.normal(0, 0.1))))


def some_spec(chance: np.random.Generator) -> RunSpec:
    training = TrainingSpec(
        batch_size=int(chance.choice([32, 64, 128, 256])),
        train_pictures=int(chance.choice([10_000, 30_000, 60_000])),
    )
    if chance.random() < 0.5:
        units = tuple(int(u) for u in chance.choice([32, 64, 128, 256, 512], chance.integers(1, 4)))
        return RunSpec(network=DenseSpec(units=units), training=training)
    filters = [int(f) for f in chance.choice([8, 16, 32, 64], chance.integers(1, 4))]
    blocks = tuple(ConvBlock(filters=f) for f in filters)
    return RunSpec(network=CnnSpec(blocks=blocks), training=training)


@pytest.mark.parametrize("known", [1, 3, 7, 20])
def test_the_interval_holds_what_happens_about_as_often_as_it_says(known: int) -> None:
    chance = np.random.default_rng(known)
    held, errors = [], []
    for _ in range(150):
        earlier = [simulated(some_spec(chance), chance) for _ in range(known)]
        truth = simulated(some_spec(chance), chance)
        result = estimate(truth.spec, earlier)
        if result is not None:
            held.append(result.epoch.low <= truth.epoch_seconds <= result.epoch.high)
            errors.append(abs(math.log(result.epoch.mid / truth.epoch_seconds)))
    assert len(held) > 100
    assert np.mean(held) >= 0.85
    # With more runs the middle comes close: within a third for half of the trainings.
    assert known < 7 or np.median(errors) < math.log(4 / 3)


times = st.floats(0.01, 1e5)
specs = st.sampled_from([*PRESETS.values(), changed(SIMPLE, batch_size=8192, train_pictures=100)])


@given(specs, st.lists(st.tuples(specs, times), max_size=8))
def test_no_history_brings_nonsense(spec: RunSpec, history: list[tuple[RunSpec, float]]) -> None:
    result = estimate(spec, [run(*entry) for entry in history])
    if result is None:
        return
    for span in (result.epoch, result.training):
        assert 0 < span.low <= span.mid <= span.high < math.inf
    assert result.epoch.high / result.epoch.low <= 101
    assert 1 <= result.runs <= len(history)


def event(epoch: int, elapsed: float) -> EpochEvent:
    return EpochEvent(
        epoch,
        elapsed,
        0.0,
        1.0,
        0.001,
        1.0,
        train_loss=1.0,
        train_accuracy=0.5,
        test_loss=1.0,
        test_accuracy=0.5,
    )


def test_measured_is_the_median_epoch_with_its_test_and_what_the_first_took_more(
    tmp_path: Path,
) -> None:
    created = RunStore(tmp_path).create(SIMPLE, by=Actor.owner())
    ends = [9.0, 13.0, 17.0, 40.0]
    events = RunEvents(epochs=[event(n, end) for n, end in enumerate(ends, start=1)])
    measured = run_speed(created, events)
    assert measured is not None
    assert (measured.epoch_seconds, measured.start_seconds) == (4.0, 5.0)
    first = run_speed(created, RunEvents(epochs=[event(1, 9.0)]))
    assert first is not None
    assert (first.epoch_seconds, first.start_seconds) == (9.0, 0.0)


def test_without_an_epoch_nothing_is_measured(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert run_speed(store.create(SIMPLE, by=Actor.owner()), RunEvents()) is None


# Recorded with real trainings: batches as (epoch, position, elapsed), and when each epoch ended.
STARTS = json.loads((Path(__file__).parents[1] / "data" / "slow_starts.json").read_text())


def growing(recorded: dict[str, Any]) -> Iterator[tuple[float, RunEvents]]:
    """What a training had reported, after each of its events, with the seconds by then."""
    batches: list[tuple[float, tuple[int, float] | int]] = [
        (elapsed, (epoch, position)) for epoch, position, elapsed in recorded["batches"]
    ]
    ends = [(elapsed, epoch) for epoch, elapsed in enumerate(recorded["ends"], 1)]
    events = RunEvents()
    for elapsed, entry in sorted([*batches, *ends], key=lambda pair: pair[0]):
        if isinstance(entry, tuple):
            epoch, position = entry
            events.batches.append(BatchEvent(epoch, position, elapsed, 0.0, 1.0, 0.5))
        else:
            events.epochs.append(
                EpochEvent(entry, elapsed, 0.0, 1.0, 0.001, 1.0, 1.0, 0.5, 1.0, 0.5)
            )
        yield elapsed, events


@pytest.mark.parametrize("wrong_by", [0.6, 1.0, 1.35])
@pytest.mark.parametrize("name", STARTS)
def test_the_time_left_is_never_three_times_wrong_after_the_first_tenth(
    name: str, wrong_by: float
) -> None:
    """The form's estimate knows nothing of a compiled first call or of a machine that is busy."""
    recorded = STARTS[name]
    epochs, total = recorded["epochs"], recorded["ends"][-1]
    pace = wrong_by * float(np.median(np.diff(recorded["ends"])))
    epoch = Span(pace / 1.35, pace, pace * 1.35)
    before = Estimate(epoch, Span(0.0, epochs * pace, 0.0), runs=3, same_configuration=True)
    ratios = []
    for elapsed, events in growing(recorded):
        left = seconds_left(events, epochs, before)
        assert left is not None
        # Under a second the page says "1 s".
        if epochs_done(events) >= epochs / 10 and total - elapsed >= 1:
            ratios.append(left / (total - elapsed))
    assert len(ratios) > 3
    assert min(ratios) > 1 / 3
    assert max(ratios) < 3


def test_the_time_left_begins_with_what_the_form_said() -> None:
    before = Estimate(Span(4.0, 5.0, 6.0), Span(41.0, 52.0, 63.0), runs=3, same_configuration=True)
    assert seconds_left(RunEvents(), 10, before) == pytest.approx(52)
    assert seconds_left(RunEvents(), 10, None) is None


def test_the_time_left_moves_to_the_measured_pace() -> None:
    """A machine that is four times slower than it was is believed after a while."""
    before = Estimate(Span(0.9, 1.0, 1.1), Span(18.0, 20.0, 22.0), runs=9, same_configuration=True)
    events = RunEvents()
    shares = []
    for epoch in range(1, 20):
        events.batches.append(BatchEvent(epoch, float(epoch), 4.0 * epoch - 0.4, 0.0, 1.0, 0.5))
        events.epochs.append(
            EpochEvent(epoch, 4.0 * epoch, 0.0, 3.6, 0.001, 1.0, 1.0, 0.5, 1.0, 0.5)
        )
        shares.append((seconds_left(events, 20, before) or 0.0) / (4.0 * (20 - epoch)))
    assert shares == sorted(shares)
    assert shares[1] > 1 / 3
    assert shares[-1] > 0.7
    # What remains in an epoch after its last batch is the test.
    events.batches.append(BatchEvent(20, 20.0, 79.6, 0.0, 1.0, 0.5))
    assert 0.2 < (seconds_left(events, 20, before) or 0.0) < 0.5
