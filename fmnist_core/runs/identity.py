"""The identity of a run beyond its spec, and whether two runs differ by the seed alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fmnist_core.runs.model import Run
from fmnist_core.specs import RunSpec, steps_per_epoch

FULL_PRECISION = "float32"
_PRECISIONS = (FULL_PRECISION, "mixed_bfloat16")


@dataclass(frozen=True)
class Identity:
    """Everything that decides how a run turns out, down to chance.

    Attributes:
        spec: its configuration.
        planned_epochs: what the learning-rate schedule was laid for, where that is not the length
            of the training.
        longer_since: early stopping counts from this epoch on; 0 in a run that was not made longer,
            or knows no early stopping.
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
    def touched(self) -> bool:
        """Whether a visitor changed the training on its way, so that it is not its spec's."""
        return self != Identity(self.spec, precision=self.precision)

    @property
    def epochs(self) -> int:
        """How many epochs it trains at most."""
        return self.stopped_after or self.spec.training.epochs


def identity(run: Run) -> Identity:
    """What a run is.

    Raises:
        RunUnreadable: it is damaged.
    """
    record, training = run.valid_record, run.spec.training
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
    """What an environment says, which may come from another computer."""
    said = execution.get("precision") if isinstance(execution, dict) else None
    return said if said in _PRECISIONS else FULL_PRECISION


def changes(one: Identity) -> list[str]:
    """What makes a run more than its configuration, a phrase each; the learning rate comes first.

    Example: ``["learning rate × 10 after 2.5 epochs", "stopped after epoch 4 of 10"]``
    """
    training = one.spec.training
    steps = steps_per_epoch(training)
    found = [
        f"learning rate {times_text(multiplier)} after {_epochs(f'{update / steps:.3g}')}"
        for update, multiplier in one.rates
    ]
    if one.planned_epochs is not None:
        found.append(f"learning-rate schedule laid for {_epochs(one.planned_epochs)}")
    if one.longer_since:
        found.append(f"early stopping counted anew after {_epochs(one.longer_since)}")
    if one.stopped_after is not None:
        found.append(f"stopped after epoch {one.stopped_after} of {training.epochs}")
    if one.precision != FULL_PRECISION:
        found.append(f"computed in {one.precision.replace('_', ' ')}")
    return found


def _epochs(count: int | str) -> str:
    return f"{count} epoch{'s' * (str(count) != '1')}"


def named(run: Run) -> str:
    """The name of a run, with a badge where it is more than its configuration.

    Example: ``"Simple network (rate changed)"``
    """
    if run.record is None:
        return run.name
    is_ = identity(run)
    badges = {
        "rate changed": is_.rates,
        "trained longer": is_.planned_epochs or is_.longer_since,
        "stopped early": is_.stopped_after,
        is_.precision.removeprefix("mixed_"): is_.precision != FULL_PRECISION,
    }
    shown = ", ".join(badge for badge, on in badges.items() if on)
    return f"{run.name} ({shown})" if shown else run.name


def label(run: Run) -> str:
    """A run's name as charts and tables show it; two of the same name stay apart."""
    return f"{named(run)} · {run.id[:4]}"


def times_text(multiplier: float) -> str:
    """``"× 3"``, ``"÷ 10"``, ``"as planned"``."""
    if multiplier == 1:
        return "as planned"
    return f"× {multiplier:.3g}" if multiplier > 1 else f"÷ {1 / multiplier:.3g}"


def without_seed(one: Identity) -> Identity:
    """What all seeds of a configuration have in common."""
    return _with(one, seed=0)


def without_fold(one: Identity) -> Identity:
    """What all parts of a cross-validation have in common."""
    return _with(one, validation_fold=0)


def differ_by_seed_alone(one: Identity, other: Identity) -> bool:
    """Whether two runs are one configuration, trained from another seed or from the same."""
    return without_seed(one) == without_seed(other)


def differ_by_chance_alone(one: Identity, other: Identity) -> bool:
    """The same where also other pictures may have been held out, as in a cross-validation."""
    return differ_by_seed_alone(without_fold(one), without_fold(other))


def _with(one: Identity, **changed: int) -> Identity:
    training = one.spec.training.model_copy(update=changed)
    return replace(one, spec=one.spec.model_copy(update={"training": training}))


def _rates(run: Run) -> tuple[tuple[int, float], ...]:
    """The changes of the learning rate that had an effect."""
    record, steps = run.valid_record, steps_per_epoch(run.spec.training)
    by_update = {round(one.position * steps): one.multiplier for one in record.rates or ()}
    found: list[tuple[int, float]] = []
    trained = run.summary.epochs * steps if run.summary and run.settled else None
    for update, multiplier in sorted(by_update.items()):
        before = found[-1][1] if found else 1.0
        if multiplier != before and (trained is None or update < trained):
            found.append((update, multiplier))
    return tuple(found)
