"""What a run is besides its configuration: changes on its way, length, precision."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone

import numpy as np
import pytest
from made_runs import SPEC, damaged, done, stopped

from fmnist_core.analysis.steps import Step, gains, ladder, missing_steps
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RateEvent, Run, RunDamaged, RunStore, RunWriter
from fmnist_core.runs.cross_validation import active_fold_count, fold_specs, missing_folds
from fmnist_core.runs.identity import (
    Identity,
    change_phrases,
    differ_by_chance_alone,
    differ_by_seed_alone,
    identity_of,
    name_with_badges,
    run_labels,
    without_fold,
)
from fmnist_core.runs.settings_table import settings
from fmnist_core.specs import RunSpec, steps_per_epoch

SIMPLE = PRESETS["Simple network"]
STEPS = steps_per_epoch(SPEC.training)


def training_with(spec: RunSpec, **changed: object) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=changed)})


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 10, 10_000).astype(np.uint8)


def with_rates(store: RunStore, run: Run, *rates: tuple[float, float]) -> Run:
    """The run as if its learning rate had been changed at these positions."""
    path = run.path / "run.json"
    record = json.loads(path.read_text())
    record["rates"] = [{"position": at, "multiplier": times} for at, times in rates]
    path.write_text(json.dumps(record))
    return store.get(run.id)


def with_precision(store: RunStore, run: Run, precision: object) -> Run:
    """The run as if it had been trained in that precision."""
    path = run.path / "run.json"
    environment = {"execution": {"precision": precision}}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"environment": environment}))
    return store.get(run.id)


def test_a_run_as_it_was_set_up_is_its_configuration(store: RunStore, labels: np.ndarray) -> None:
    run = done(store, labels)
    assert identity_of(run) == Identity(run.spec)
    assert change_phrases(identity_of(run)) == []
    assert name_with_badges(run) == run.name
    assert run_labels([run]) == {run.id: run.name}
    assert "Changed while it trained" not in settings(identity_of(run))


def test_a_changed_learning_rate_is_part_of_the_run(store: RunStore, labels: np.ndarray) -> None:
    run = with_rates(store, done(store, labels), (0.5, 10.0), (0.5, 3.0), (1.0, 3.0), (2.0, 1.0))
    # Of two at once the last counts, the same once more is no change.
    assert identity_of(run).rates == ((round(STEPS / 2), 3.0), (2 * STEPS, 1.0))
    expected = ["learning rate × 3 after 0.5 epochs", "learning rate as planned after 2 epochs"]
    assert change_phrases(identity_of(run)) == expected
    assert settings(identity_of(run))["Changed while it trained"] == "; ".join(expected)
    assert name_with_badges(run) == f"{run.name} (rate changed)"


def test_what_changed_nothing_does_not_count(store: RunStore, labels: np.ndarray) -> None:
    epochs = SPEC.training.epochs
    run = with_rates(store, done(store, labels), (0.5, 1.0), (float(epochs), 10.0))
    assert identity_of(run) == Identity(run.spec)


def test_the_worker_writes_it_down_and_forgets_what_is_trained_again(
    store: RunStore, labels: np.ndarray
) -> None:
    run = store.create(SPEC, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, {})
    writer.report_rate(RateEvent(0.5, 1.0, 0.0, 10.0))
    writer.report_rate(RateEvent(1.5, 2.0, 0.0, 3.0))
    assert identity_of(store.get(run.id)).rates == ((STEPS // 2, 10.0), (3 * STEPS // 2, 3.0))
    # Another attempt goes on after the first epoch.
    writer.start(1, {})
    assert identity_of(store.get(run.id)).rates == ((STEPS // 2, 10.0),)


def test_a_run_of_an_older_version_says_it_in_its_metrics(
    store: RunStore, labels: np.ndarray
) -> None:
    run = done(store, labels)
    path = run.path / "run.json"
    record = json.loads(path.read_text())
    del record["rates"]
    path.write_text(json.dumps(record))
    assert identity_of(store.get(run.id)).rates == ()
    line = {"event": "rate", "position": 1.0, "elapsed": 1.0, "at": 0.0, "multiplier": 10.0}
    odd = [line | {"position": at} for at in (1e6, -1, None, "x")]
    odd += [line | {"multiplier": times} for times in (0, 1e9, None)]
    with (run.path / "metrics.jsonl").open("a") as file:
        for one in (*odd, line):
            file.write(json.dumps(one) + "\n")
    assert identity_of(RunStore(store.root).get(run.id)).rates == ((STEPS, 10.0),)


@pytest.mark.parametrize("rate", [{"position": -1, "multiplier": 3}, {"position": 1}, {"a": "b"}])
def test_nonsense_is_a_damaged_run(store: RunStore, labels: np.ndarray, rate: object) -> None:
    run = done(store, labels)
    path = run.path / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"rates": [rate]}))
    with pytest.raises(RunDamaged):
        store.get(run.id)


@pytest.mark.parametrize(
    ("changed", "planned", "since"),
    [
        ({"schedule": "cosine"}, 5, 0),
        ({"early_stopping_patience": 2}, None, 5),
        ({"schedule": "cosine", "early_stopping_patience": 2}, 5, 5),
        ({}, None, 0),
    ],
    ids=str,
)
def test_a_longer_training_is_another_one_where_it_knows_its_length(
    store: RunStore,
    labels: np.ndarray,
    changed: dict[str, object],
    planned: int | None,
    since: int,
) -> None:
    spec = training_with(SPEC, **changed)
    run = store.train_longer(done(store, labels, spec).id, 3, by=Actor.owner())
    found = identity_of(run)
    assert (spec.training.epochs, run.spec.training.epochs) == (5, 8)
    assert (found.planned_epochs, found.longer_since) == (planned, since)
    assert ("(trained longer)" in name_with_badges(run)) is bool(changed)


def test_a_run_that_went_on_to_its_plan_is_what_it_was_to_be(
    store: RunStore, labels: np.ndarray
) -> None:
    run = stopped(store, labels)
    path = run.path / "run.json"
    spec = training_with(run.spec, schedule="cosine")
    path.write_text(
        json.dumps(json.loads(path.read_text()) | {"spec": spec.model_dump(mode="json")})
    )
    on = store.train_longer(run.id, SPEC.training.epochs - 2, by=Actor.owner())
    assert identity_of(on) == Identity(spec)


@pytest.mark.parametrize("state", ["stopped", "diverged", "failed"])
def test_a_part_of_a_training_is_no_seed_of_the_whole(
    store: RunStore, labels: np.ndarray, state: str
) -> None:
    run = stopped(store, labels)
    path = run.path / "run.json"
    record = json.loads(path.read_text()) | {"state": state}
    path.write_text(json.dumps(record))
    assert identity_of(store.get(run.id)).stopped_after == 2
    # Stopped after its last epoch, while the training accuracy was measured: nothing is missing.
    record["summary"]["epochs"] = SPEC.training.epochs
    path.write_text(json.dumps(record))
    assert identity_of(store.get(run.id)) == Identity(run.spec)


def test_while_it_is_trained_longer_the_old_summary_hides_no_change(
    store: RunStore, labels: np.ndarray
) -> None:
    run = store.train_longer(done(store, labels).id, 5, by=Actor.owner())
    assert identity_of(with_rates(store, run, (6.5, 3.0))).rates == ((round(6.5 * STEPS), 3.0),)


@pytest.mark.parametrize("said", ["x\nimport os", "foo", 7, None, "mixed_bfloat16x"], ids=str)
def test_a_precision_that_keras_has_not_is_none(
    store: RunStore, labels: np.ndarray, said: object
) -> None:
    run = done(store, labels)
    assert identity_of(with_precision(store, run, said)) == Identity(run.spec)


def test_a_stopped_run_is_not_what_it_was_to_be(store: RunStore, labels: np.ndarray) -> None:
    run = stopped(store, labels)
    assert identity_of(run).stopped_after == 2
    assert identity_of(run).epochs == 2
    assert change_phrases(identity_of(run)) == [f"stopped after epoch 2 of {SPEC.training.epochs}"]
    assert not differ_by_seed_alone(identity_of(run), Identity(run.spec))


def test_runs_differ_by_the_seed_alone_or_by_the_part_held_out() -> None:
    one = Identity(SIMPLE)
    other_seed = Identity(training_with(SIMPLE, seed=99))
    part = Identity(training_with(SIMPLE, validation_fold=3))
    both = Identity(training_with(SIMPLE, seed=99, validation_fold=3))
    assert [differ_by_seed_alone(one, x) for x in (one, other_seed, part, both)] == [1, 1, 0, 0]
    parts = [without_fold(x) == without_fold(one) for x in (one, other_seed, part, both)]
    assert parts == [1, 0, 1, 0]
    assert all(differ_by_chance_alone(one, x) for x in (one, other_seed, part, both))
    others = [
        Identity(training_with(SIMPLE, epochs=SIMPLE.training.epochs + 1)),
        Identity(PRESETS["LeNet"]),
        replace(one, rates=((5, 3.0),)),
        replace(one, precision="mixed_bfloat16"),
        replace(one, planned_epochs=4, longer_since=4),
    ]
    assert not any(differ_by_chance_alone(one, other) for other in others)


def test_a_fold_is_a_run_of_the_configuration_as_it_was_planned(
    store: RunStore, labels: np.ndarray
) -> None:
    """One whose rate was changed is another training; the precision is its machine's choice."""
    planned, changed, fast = (
        done(store, labels, training_with(SPEC, validation_fold=fold)) for fold in range(3)
    )
    with_rates(store, changed, (0.5, 10.0))
    with_precision(store, fast, "mixed_bfloat16")
    taken = {planned.spec, fast.spec}
    missing = [fold for fold in fold_specs(SPEC) if fold not in taken]
    assert missing_folds(SPEC, store.list()) == missing
    assert changed.spec in missing
    assert active_fold_count(SPEC, store.list()) == 0
    waiting = store.create(missing[0], by=Actor.owner())
    store.create(training_with(missing[1], epochs=1), by=Actor.owner())
    assert active_fold_count(SPEC, store.active()) == 1
    assert missing_folds(SPEC, store.list()) == missing[1:]
    store.request_stop(waiting.id, by=Actor.owner())
    assert active_fold_count(SPEC, store.active()) == 0
    assert missing_folds(SPEC, store.list()) == missing


def step(store: RunStore, name: str = "Simple network") -> Step:
    return next(one for one in ladder(store.list()) if one.name == name)


def reaching(store: RunStore, run: Run, accuracy: float) -> Run:
    path = run.path / "run.json"
    record = json.loads(path.read_text())
    record["summary"]["test_accuracy"] = accuracy
    path.write_text(json.dumps(record))
    return store.get(run.id)


def test_the_ladder_shows_the_median_and_leaves_changed_runs_out(
    store: RunStore, labels: np.ndarray
) -> None:
    runs = [
        reaching(store, done(store, labels, training_with(SIMPLE, seed=seed)), reached)
        for seed, reached in ((1, 0.87), (2, 0.85), (3, 0.88), (4, 0.86))
    ]
    assert step(store).run == runs[3]
    assert len(step(store).finished) == 4
    with_rates(store, runs[1], (0.5, 10.0))
    assert step(store).run == runs[0]
    for run in (runs[0], runs[2], runs[3]):
        with_rates(store, run, (0.5, 10.0))
    assert step(store).run is None
    assert step(store) in missing_steps(ladder(store.list()))


def test_a_gain_is_measured_by_seeds_where_there_are_several(
    store: RunStore, labels: np.ndarray
) -> None:
    wide = "Wide network with dropout"
    for seed, simple, wider in ((1, 0.85, 0.86), (2, 0.87, 0.88), (3, 0.86, 0.87)):
        reaching(store, done(store, labels, training_with(SIMPLE, seed=seed)), simple)
        reaching(store, done(store, labels, training_with(PRESETS[wide], seed=seed)), wider)
    found = gains(ladder(store.list()), lambda run: None, labels)
    assert list(found) == [wide]
    assert found[wide].seeds
    assert found[wide].share == pytest.approx(0.01)  # of the means
    # One point among seeds that lie one point apart.
    assert found[wide].p > 0.05


def test_a_gain_of_single_runs_is_measured_by_the_pictures(
    store: RunStore, labels: np.ndarray
) -> None:
    names = ["Simple network", "Wide network with dropout", "LeNet"]
    runs = [done(store, labels, PRESETS[name]) for name in names]
    answers = {run.id: labels.copy() for run in runs}
    for run, wrong in zip(runs, (1_300, 1_260, 800), strict=True):
        answers[run.id][:wrong] += 1
        reaching(store, run, 1 - wrong / 10_000)
    found = gains(ladder(store.list()), lambda run: answers[run.id], labels)
    assert [gain.seeds for gain in found.values()] == [False, False]
    assert found["LeNet"].p < 1e-10
    # Holm leaves the largest p as it is.
    assert found[names[1]].p == pytest.approx(2 / 2**40)
    assert list(gains(ladder(store.list()), lambda run: None, labels)) == []


def labels_of(store: RunStore, *made: Run) -> list[str]:
    """The short names of some runs, in their order, among all that are in the store."""
    names = run_labels(store.scan().entries)
    return [names[run.id] for run in made]


def test_a_name_that_no_other_run_has_is_enough(store: RunStore, labels: np.ndarray) -> None:
    runs = [done(store, labels, name=name) for name in ("One", "Other")]
    assert labels_of(store, *runs) == ["One", "Other"]


def test_seeds_are_told_apart_by_the_seed(store: RunStore, labels: np.ndarray) -> None:
    specs = [training_with(SPEC, seed=seed) for seed in (1, 2, 3)]
    runs = [done(store, labels, spec, name="A") for spec in specs]
    assert labels_of(store, *runs) == ["A, seed 1", "A, seed 2", "A, seed 3"]


def test_other_settings_tell_runs_apart_one_where_one_is_enough(
    store: RunStore, labels: np.ndarray
) -> None:
    specs = [
        training_with(SPEC, seed=1, epochs=5, batch_size=64),
        training_with(SPEC, seed=1, epochs=6, batch_size=64),
        training_with(SPEC, seed=2, epochs=6, batch_size=32),
    ]
    runs = [done(store, labels, spec, name="A") for spec in specs]
    assert labels_of(store, *runs) == [
        "A, seed 1, 5 epochs",
        "A, seed 1, 6 epochs",
        "A, seed 2",
    ]
    wide = [done(store, labels, PRESETS[name], name="B") for name in ("LeNet", "Fast CNN")]
    assert labels_of(store, *wide) == ["B, activation tanh", "B, activation ReLU"]


def test_the_same_training_twice_is_told_apart_by_its_time_and_at_last_by_its_id(
    store: RunStore, labels: np.ndarray
) -> None:
    runs = [done(store, labels, name="A") for _ in range(4)]
    times = ["2026-05-03T14:20:00Z", "2026-05-03T15:20:00Z", *["2026-05-03T16:20:00Z"] * 2]
    for run, time in zip(runs, times, strict=True):
        path = run.path / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"created_at": time}))
    first, second, *others = labels_of(store, *runs)
    assert [first, second] == ["A, 3 May, 14:20", "A, 3 May, 15:20"]
    assert others == [f"A, 3 May, 16:20, {run.id[:4]}" for run in runs[2:]]
    west = timezone(timedelta(hours=-8))
    assert run_labels(store.list(), west)[runs[0].id] == "A, 3 May, 06:20"


def test_a_name_that_somebody_typed_is_told_apart_from_one_that_was_made(
    store: RunStore, labels: np.ndarray
) -> None:
    specs = [training_with(SPEC, seed=seed) for seed in (1, 2)]
    runs = [done(store, labels, spec, name="A") for spec in specs]
    runs.append(done(store, labels, name="A, seed 1"))
    runs.append(done(store, labels, name=damaged(store).name))
    found = run_labels(store.scan().entries)
    assert len(set(found.values())) == len(found) == 5


def test_fifty_runs_of_one_name_have_short_names_of_their_own(
    store: RunStore, labels: np.ndarray
) -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        store.create(
            training_with(
                SPEC,
                seed=int(random.integers(5)),
                epochs=int(random.integers(1, 5)),
                batch_size=int(random.choice([32, 64, 128])),
                learning_rate=float(random.choice([0.001, 0.003, 0.01])),
            ),
            name="A",
            by=Actor.owner(),
        )
    names = run_labels(store.list()).values()
    assert len(set(names)) == 50
    assert max(name.count(",") for name in names) <= 6
