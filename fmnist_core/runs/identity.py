"""The identity of a run beyond its spec, its short name, and what two runs differ by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from fmnist_core.runs.labels import equal, told_apart
from fmnist_core.runs.run import DamagedRun, Run
from fmnist_core.runs.settings_text import PARAMETERS, setting_texts
from fmnist_core.specs import RunSpec, TrainingSpec, steps_per_epoch

FULL_PRECISION = "float32"
_PRECISIONS = (FULL_PRECISION, "mixed_bfloat16")
_SEED, _EPOCHS = (TrainingSpec.model_fields[name].title or name for name in ("seed", "epochs"))


@dataclass(frozen=True)
class Identity:
    """The identity of a run: everything that decides its result, down to chance.

    Attributes:
        spec: its configuration.
        planned_epochs: the epochs that the learning-rate schedule was laid for, where that is not
            the length of the training.
        longer_since: early stopping counts from this epoch on; 0 in a run that was not made longer,
            or has no early stopping.
        stopped_after: the last epoch of a training that ended before its plan did.
        rates: from which weight update on (from 0) the planned learning rate is multiplied with
            what, in order.
        precision: Keras's name for the numbers that the layers computed in.
    """

    spec: RunSpec
    planned_epochs: int | None = None
    longer_since: int = 0
    stopped_after: int | None = None
    rates: tuple[tuple[int, float], ...] = ()
    precision: str = FULL_PRECISION

    @property
    def epochs(self) -> int:
        """The epochs that it trains at most."""
        return self.stopped_after or self.spec.training.epochs


def identity_of(run: Run) -> Identity:
    """The identity of a run: its spec and what changed while it trained."""
    record, training = run.record, run.spec.training
    # A constant rate knows nothing of the length of a training, nor does anything without patience.
    planned = record.planned_epochs if training.schedule != "constant" else None
    return Identity(
        run.spec,
        planned_epochs=planned if planned != training.epochs else None,
        longer_since=record.longer_since if training.early_stopping_patience else 0,
        stopped_after=_stopped_after(run),
        rates=_rates(run),
        precision=_precision(record.environment.get("execution")),
    )


def _stopped_after(run: Run) -> int | None:
    """The last epoch of a training that ended before its plan did, for whatever reason."""
    if run.summary is None or not run.settled or run.state == "done":
        return None
    return run.summary.epochs if run.summary.epochs < run.spec.training.epochs else None


def _precision(execution: object) -> str:
    """The precision in an environment's execution mode, which may come from another computer."""
    precision = execution.get("precision") if isinstance(execution, dict) else None
    return precision if precision in _PRECISIONS else FULL_PRECISION


def change_phrases(identity: Identity) -> list[str]:
    """The changes that make a run more than its spec, a phrase each; learning rates come first.

    Example: ``["learning rate × 10 after 2.5 epochs", "stopped after epoch 4 of 10"]``
    """
    training = identity.spec.training
    steps = steps_per_epoch(training)
    phrases = [
        f"learning rate {factor_text(multiplier)} after {_epochs(f'{update / steps:.3g}')}"
        for update, multiplier in identity.rates
    ]
    if identity.planned_epochs is not None:
        phrases.append(f"learning-rate schedule laid for {_epochs(identity.planned_epochs)}")
    if identity.longer_since:
        phrases.append(f"early stopping counted anew after {_epochs(identity.longer_since)}")
    if identity.stopped_after is not None:
        phrases.append(f"stopped after epoch {identity.stopped_after} of {training.epochs}")
    if identity.precision != FULL_PRECISION:
        phrases.append(f"computed in {identity.precision.replace('_', ' ')}")
    return phrases


def _epochs(count: int | str) -> str:
    return f"{count} epoch{'s' * (str(count) != '1')}"


def name_with_badges(run: Run) -> str:
    """The name of a run, with a badge where it is more than its configuration.

    Example: ``"Simple network (rate changed)"``
    """
    facts = identity_of(run)
    badges = {
        "rate changed": facts.rates,
        "trained longer": facts.planned_epochs or facts.longer_since,
        "stopped early": facts.stopped_after,
        facts.precision.removeprefix("mixed_"): facts.precision != FULL_PRECISION,
    }
    text = ", ".join(badge for badge, on in badges.items() if on)
    return f"{run.name} ({text})" if text else run.name


def run_labels(runs: Sequence[Run | DamagedRun], zone: tzinfo = UTC) -> dict[str, str]:
    """Short names by id, each borne by one of these runs alone.

    That is the name, where others have it as well with what differs: the seed, else other settings,
    else when it was started, and the start of the id only at last.

    Args:
        runs: among which the names are unique.
        zone: of the visitor's clock.

    Examples: ``"LeNet"``, ``"Simple network, seed 2"``, ``"Fast CNN (rate changed)"``
    """
    labels = [name_with_badges(run) if isinstance(run, Run) else run.name for run in runs]
    for group in [*equal(labels)]:
        if len(members := [run for index in group if isinstance(run := runs[index], Run)]) > 1:
            times = _start_texts(members, zone)
            texts = told_apart(labels[group[0]], _facts(members), times)
            by_id = {run.id: text for run, text in zip(members, texts, strict=True)}
            for index in group:
                labels[index] = by_id.get(runs[index].id, labels[index])
    for digits in (4, 8, 32):
        for group in [*equal(labels)]:
            for index in group:
                labels[index] += f", {runs[index].id[:digits]}"
    return {run.id: label for run, label in zip(runs, labels, strict=True)}


def _facts(runs: Sequence[Run]) -> list[list[str]]:
    """What may tell runs of one name apart, a text for each run, the most telling first."""
    settings = [setting_texts(run.spec) for run in runs]
    names = dict.fromkeys(name for texts in settings for name in texts)
    ordered = [_SEED, _EPOCHS, *(name for name in names if name not in (_SEED, _EPOCHS))]
    # What a block holds takes a line of its own; the count of the parameters tells it shortly.
    short = [name for name in ordered if not name.startswith("Block ") and name != PARAMETERS]
    return [
        [_fact(name, texts.get(name, "none")) for texts in settings]
        for name in (*short, PARAMETERS)
    ]


def _fact(name: str, value: str) -> str:
    """``"seed 2"``, ``"10 epochs"``, ``"learning rate 0.003"``."""
    words = name[:1].lower() + name[1:]
    return f"{value} {words}" if name in (_EPOCHS, PARAMETERS) else f"{words} {value}"


def _start_texts(runs: Sequence[Run], zone: tzinfo) -> list[str]:
    """When each was set up; with the year where that is not the same for all."""
    times = [run.created_at.astimezone(zone) for run in runs]
    year = " %Y" if len({time.year for time in times}) > 1 else ""
    return [f"{time.day} {time:%B{year}, %H:%M}" for time in times]


def factor_text(multiplier: float) -> str:
    """A multiplier of the learning rate in words: ``"× 3"``, ``"÷ 10"``, ``"as planned"``."""
    if multiplier == 1:
        return "as planned"
    return f"× {multiplier:.3g}" if multiplier > 1 else f"÷ {1 / multiplier:.3g}"


def in_full_precision(identity: Identity) -> Identity:
    """The identity of the same training without the precision that its machine chose for speed."""
    return replace(identity, precision=FULL_PRECISION)


def without_seed(identity: Identity) -> Identity:
    """The identity that all seeds of a configuration have in common."""
    return _with_training(identity, seed=0)


def without_fold(identity: Identity) -> Identity:
    """The identity that all folds of a cross-validation have in common."""
    return _with_training(identity, validation_fold=0)


def differ_by_seed_alone(first: Identity, second: Identity) -> bool:
    """Whether two runs are seed replicates: one configuration, trained from any two seeds."""
    return without_seed(first) == without_seed(second)


def differ_by_chance_alone(first: Identity, second: Identity) -> bool:
    """Whether two runs differ by the seed and the held-out fold at most."""
    return differ_by_seed_alone(without_fold(first), without_fold(second))


def _with_training(identity: Identity, **changed: int) -> Identity:
    training = identity.spec.training.model_copy(update=changed)
    return replace(identity, spec=identity.spec.model_copy(update={"training": training}))


def _rates(run: Run) -> tuple[tuple[int, float], ...]:
    """The changes of the learning rate that had an effect."""
    steps = steps_per_epoch(run.spec.training)
    changes = run.record.rates or ()
    by_update = {round(change.position * steps): change.multiplier for change in changes}
    effective: list[tuple[int, float]] = []
    updates = run.summary.epochs * steps if run.summary and run.settled else None
    for update, multiplier in sorted(by_update.items()):
        previous = effective[-1][1] if effective else 1.0
        if multiplier != previous and (updates is None or update < updates):
            effective.append((update, multiplier))
    return tuple(effective)
