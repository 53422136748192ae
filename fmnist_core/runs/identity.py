"""What a run is besides its configuration, and whether two runs differ by the seed alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fmnist_core.runs.model import Run
from fmnist_core.specs import RunSpec, steps_per_epoch

FULL_PRECISION = "float32"


@dataclass(frozen=True)
class Identity:
    """Everything that decides how a run turns out, down to chance.

    Attributes:
        spec: its configuration.
        planned_epochs: what the learning-rate schedule was laid for, where the run was trained
            longer than that and it makes a difference.
        longer_since: early stopping counts from this epoch on; 0 in a run that was not made longer.
        stopped_after: the epoch after which a visitor stopped it.
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
    # Without a schedule and early stopping nothing in a training knows how long it will be.
    tells_its_length = training.schedule != "constant" or training.early_stopping_patience
    longer = record.planned_epochs is not None and tells_its_length
    stopped = run.state == "stopped" and run.summary is not None
    execution = record.environment.get("execution")
    precision = execution.get("precision") if isinstance(execution, dict) else None
    return Identity(
        run.spec,
        planned_epochs=record.planned_epochs if longer else None,
        longer_since=record.longer_since if longer else 0,
        stopped_after=run.summary.epochs if stopped and run.summary else None,
        rates=_rates(run),
        precision=precision if isinstance(precision, str) else FULL_PRECISION,
    )


def changes(one: Identity) -> list[str]:
    """What makes a run more than its configuration, a phrase each; the learning rate comes first.

    Example: ``["learning rate × 10 after 2.5 epochs", "stopped after epoch 4 of 10"]``
    """
    training = one.spec.training
    steps = steps_per_epoch(training)
    found = [
        f"learning rate {times_text(multiplier)} after {update / steps:.3g} epochs"
        for update, multiplier in one.rates
    ]
    if one.planned_epochs is not None:
        found.append(
            f"planned for {one.planned_epochs} epochs and trained longer after {one.longer_since}"
        )
    if one.stopped_after is not None:
        found.append(f"stopped after epoch {one.stopped_after} of {training.epochs}")
    if one.precision != FULL_PRECISION:
        found.append(f"computed in {one.precision.replace('_', ' ')}")
    return found


def named(run: Run) -> str:
    """The name of a run, with a badge where it is more than its configuration.

    Example: ``"Simple network (rate changed)"``
    """
    if run.record is None:
        return run.name
    is_ = identity(run)
    badges = {
        "rate changed": is_.rates,
        "trained longer": is_.planned_epochs,
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


def differ_by_seed_alone(one: Identity, other: Identity) -> bool:
    """Whether two runs are one configuration, trained from another seed or from the same."""
    return _with_seed(one) == _with_seed(other)


def differ_by_chance_alone(one: Identity, other: Identity) -> bool:
    """The same where also other pictures may have been held out, as in a cross-validation."""
    return _with_seed(one, fold=0) == _with_seed(other, fold=0)


def differ_by_fold_alone(one: Identity, other: Identity) -> bool:
    """Whether two runs can be parts of one cross-validation."""
    seed = one.spec.training.seed
    return seed == other.spec.training.seed and differ_by_chance_alone(one, other)


def _with_seed(one: Identity, fold: int | None = None) -> Identity:
    changes = {"seed": 0} if fold is None else {"seed": 0, "validation_fold": fold}
    training = one.spec.training.model_copy(update=changes)
    return replace(one, spec=one.spec.model_copy(update={"training": training}))


def _rates(run: Run) -> tuple[tuple[int, float], ...]:
    """The changes of the learning rate that had an effect."""
    record, steps = run.valid_record, steps_per_epoch(run.spec.training)
    by_update = {round(one.position * steps): one.multiplier for one in record.rates or ()}
    found: list[tuple[int, float]] = []
    trained = run.summary.epochs * steps if run.summary else None
    for update, multiplier in sorted(by_update.items()):
        before = found[-1][1] if found else 1.0
        if multiplier != before and (trained is None or update < trained):
            found.append((update, multiplier))
    return tuple(found)
