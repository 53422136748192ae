"""Keras models built and compiled from a spec."""

from __future__ import annotations

import math
from typing import Any

import keras

from fmnist_core.specs import LayerShape, RunSpec, TrainingSpec, layer_shapes, steps_per_epoch
from fmnist_core.specs.layers import IMAGE_SHAPE
from fmnist_core.specs.schedule import LAST_SHARE, START_DIVISOR, WARM_UP_SHARE

CROSS_ENTROPY = "cross_entropy"


@keras.saving.register_keras_serializable(package="fmnist")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Rises from a 25th of the peak to the peak over 30 % of the steps, then fades to 1 % of it.

    Both parts follow half a cosine (Smith and Topin, 2018; the shape PyTorch uses). It does not
    fade to nothing, so that a run that is trained longer still learns.

    Args:
        peak: the highest learning rate.
        total_steps: the weight updates of the whole training.
    """

    def __init__(self, peak: float, total_steps: int) -> None:
        self.peak = peak
        self.total_steps = total_steps

    def __call__(self, step: Any) -> Any:
        step = keras.ops.cast(step, "float32")
        warm_up = max(1.0, WARM_UP_SHARE * self.total_steps)
        rest = max(1.0, self.total_steps - warm_up)
        start = self.peak / START_DIVISOR
        rising = start + (self.peak - start) * _half_cosine(step / warm_up)
        fading = self.peak * (1.0 - (1.0 - LAST_SHARE) * _half_cosine((step - warm_up) / rest))
        return keras.ops.where(step < warm_up, rising, fading)

    def get_config(self) -> dict[str, Any]:
        return {"peak": self.peak, "total_steps": self.total_steps}


@keras.saving.register_keras_serializable(package="fmnist")
class Adjustable(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A learning rate, or a plan for one, times a multiplier that may change while it is used.

    Keras refuses a new rate over a plan; this is read inside the compiled training step.

    Args:
        plan: a number or a Keras schedule.
        multiplier: a scalar variable; without one the rate is the plan's.
    """

    def __init__(self, plan: Any, multiplier: keras.Variable | None = None) -> None:
        self.plan = plan
        self.multiplier = multiplier

    def __call__(self, step: Any) -> Any:
        rate = self.plan(step) if callable(self.plan) else keras.ops.cast(self.plan, "float32")
        return rate if self.multiplier is None else rate * self.multiplier

    def get_config(self) -> dict[str, Any]:
        return {"plan": keras.saving.serialize_keras_object(self.plan)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Adjustable:
        return cls(keras.saving.deserialize_keras_object(config["plan"]))


def _half_cosine(share: Any) -> Any:
    """From 0 to 1 along half a cosine as the share goes from 0 to 1."""
    return 0.5 * (1.0 - keras.ops.cos(math.pi * keras.ops.clip(share, 0.0, 1.0)))


def build_network(spec: RunSpec, precision: str = "float32") -> keras.Sequential:
    """The network of a run, not compiled, with fresh weights.

    Takes images (n, 28, 28, 1) with pixels from 0 to 255 and returns probabilities (n, 10).

    Args:
        spec: of the run.
        precision: Keras's dtype policy of the layers; the output layers are float32 always, because
            a loss needs more digits than bfloat16 has.
    """
    layers = [keras.Input(shape=IMAGE_SHAPE)]
    layers += [_keras_layer(layer, precision) for layer in layer_shapes(spec)]
    return keras.Sequential(layers, name="atelier")


def build_model(
    spec: RunSpec,
    *,
    precision: str = "float32",
    steps_per_execution: int = 1,
    multiplier: keras.Variable | None = None,
    planned_epochs: int | None = None,
) -> keras.Sequential:
    """The compiled model of a run, with fresh weights drawn from Keras's random state.

    Args:
        spec: network and training.
        precision: as for ``build_network``.
        steps_per_execution: weight updates in one call from Python.
        multiplier: of the learning rate, to change while the model trains.
        planned_epochs: what the learning-rate schedule is laid for, where the run was made longer.

    Returns:
        A Keras model with the loss, the optimizer and the accuracy of the spec; with a penalty on
        the weights also the cross-entropy without it.
    """
    model = build_network(spec, precision)
    metrics = [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
    if any(layer.options.get("l2") for layer in layer_shapes(spec)):
        # Keras's loss holds the penalty on the weights then, which no other loss here does.
        metrics.append(keras.metrics.SparseCategoricalCrossentropy(name=CROSS_ENTROPY))
    model.compile(
        optimizer=_optimizer(
            spec.training, _learning_rate(spec.training, multiplier, planned_epochs)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=metrics,
        jit_compile=False,
        steps_per_execution=steps_per_execution,
    )
    return model


def logits_model(model: keras.Sequential) -> keras.Model:
    """A model with the same weights that returns logits (n, 10), before the softmax."""
    return keras.Model(model.inputs, model.get_layer("logits").output)


def _keras_layer(layer: LayerShape, precision: str) -> keras.layers.Layer:
    options = dict(layer.options)
    options["dtype"] = "float32" if layer.name in ("logits", "probabilities") else precision
    if options.pop("l2", 0.0):
        options["kernel_regularizer"] = keras.regularizers.L2(layer.options["l2"])
    return getattr(keras.layers, layer.kind)(name=layer.name, **options)


def _optimizer(training: TrainingSpec, rate: Any) -> keras.optimizers.Optimizer:
    if training.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    if training.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=training.weight_decay)
    if training.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=training.momentum)
    return keras.optimizers.RMSprop(rate)


def _learning_rate(
    training: TrainingSpec, multiplier: keras.Variable | None, planned_epochs: int | None
) -> Any:
    total = steps_per_epoch(training) * (planned_epochs or training.epochs)
    plan: Any = training.learning_rate
    if training.schedule == "cosine":
        plan = keras.optimizers.schedules.CosineDecay(plan, total, alpha=LAST_SHARE)
    elif training.schedule == "one_cycle":
        plan = OneCycle(plan, total)
    return plan if multiplier is None else Adjustable(plan, multiplier)
