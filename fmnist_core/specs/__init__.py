"""Specs, the configurations that a visitor can choose: network, training, and whole run."""

from fmnist_core.specs.layers import LayerShape
from fmnist_core.specs.repair import Repaired, repaired
from fmnist_core.specs.run import (
    RunSpec,
    first_weighted_layer,
    layer_shapes,
    multiply_adds,
    parameter_count,
    steps_per_epoch,
    training_memory,
    training_size,
    validation_size,
)
from fmnist_core.specs.schema import (
    MAX_EPOCHS,
    Activation,
    CnnSpec,
    ConvBlock,
    DenseSpec,
    Network,
    TrainingSpec,
)
from fmnist_core.specs.validation import SpecError, parse_spec, spec_text

__all__ = [
    "MAX_EPOCHS",
    "Activation",
    "CnnSpec",
    "ConvBlock",
    "DenseSpec",
    "LayerShape",
    "Network",
    "Repaired",
    "RunSpec",
    "SpecError",
    "TrainingSpec",
    "first_weighted_layer",
    "layer_shapes",
    "multiply_adds",
    "parameter_count",
    "parse_spec",
    "repaired",
    "spec_text",
    "steps_per_epoch",
    "training_memory",
    "training_size",
    "validation_size",
]
