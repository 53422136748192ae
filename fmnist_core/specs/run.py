"""The spec of a whole run: network and training, with parameters, operations and memory."""

from __future__ import annotations

from math import ceil, prod

from pydantic import model_validator

from fmnist_core.dataset import TRAIN_SIZE
from fmnist_core.specs.layers import LayerShape, plan_layers
from fmnist_core.specs.schema import DenseSpec, Network, Spec, TrainingSpec

MAX_PARAMETERS = 20_000_000
MAX_TRAINING_BYTES = 4 * 10**9
_FLOAT_BYTES = 4
# Copies of every weight that training keeps: the weight, its gradient, the optimizer's moments.
_WEIGHT_COPIES = {"adam": 4, "adamw": 4, "sgd": 3, "rmsprop": 3}


class RunSpec(Spec):
    """The spec of a run: its network and its training."""

    network: Network = DenseSpec()
    training: TrainingSpec = TrainingSpec()

    @model_validator(mode="after")
    def _network_fits_image_and_memory(self) -> RunSpec:
        _check_size(self)
        return self


def layer_shapes(spec: RunSpec) -> list[LayerShape]:
    """The layers of a run's network in order, the input left out.

    Args:
        spec: a valid run.

    Returns:
        One entry a Keras layer, equal in name, shape and weights to the built model's.
    """
    return plan_layers(spec.network)


def first_weighted_layer(spec: RunSpec) -> LayerShape:
    """The first layer with weights of a run's network: the first hidden one, or convolution."""
    return next(layer for layer in layer_shapes(spec) if "kernel" in layer.weights)


def validation_size(training: TrainingSpec) -> int:
    """The number of validation images, which are kept aside from training."""
    return round(TRAIN_SIZE * training.validation_share)


def training_size(training: TrainingSpec) -> int:
    """The number of training images: those left by validation, at most the chosen number."""
    return min(training.train_pictures, TRAIN_SIZE - validation_size(training))


def steps_per_epoch(training: TrainingSpec) -> int:
    """The number of steps (weight updates) in one epoch; the last batch may be smaller."""
    return ceil(training_size(training) / training.batch_size)


def parameter_count(spec: RunSpec) -> int:
    """The number of all weights of a run's network, trainable or not."""
    return sum(layer.parameters for layer in layer_shapes(spec))


def multiply_adds(spec: RunSpec) -> int:
    """The multiply-adds of one forward pass of one image."""
    return sum(layer.multiply_adds for layer in layer_shapes(spec))


def training_memory(spec: RunSpec) -> int:
    """An estimate of the memory that training takes, in bytes, the images themselves left out.

    Weights with gradient and optimizer moments, and for each image of a batch every layer's output
    and its gradient, all in float32.
    """
    layers = layer_shapes(spec)
    weights = sum(layer.parameters for layer in layers) * _WEIGHT_COPIES[spec.training.optimizer]
    outputs = 2 * sum(prod(layer.output_shape) for layer in layers) * spec.training.batch_size
    return (weights + outputs) * _FLOAT_BYTES


def _check_size(spec: RunSpec) -> None:
    """Refuse a network that cannot work on 28 × 28 images or is too large to train here."""
    parameters = parameter_count(spec)
    if parameters > MAX_PARAMETERS:
        raise ValueError(
            f"This network would have {parameters:,} parameters; at most {MAX_PARAMETERS:,} "
            "can be trained here. Make its layers smaller."
        )
    memory = training_memory(spec)
    if memory > MAX_TRAINING_BYTES:
        raise ValueError(
            f"Training this would take about {memory / 1e9:.1f} GB of memory; at most "
            f"{MAX_TRAINING_BYTES / 1e9:.0f} GB is allowed. Choose a smaller batch size or "
            "a smaller network."
        )
