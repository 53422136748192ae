"""What is said of the pictures of a first layer."""

from __future__ import annotations

import pytest

from fmnist_core.specs import RunSpec
from fmnist_core.specs.schema import CnnSpec, ConvBlock, DenseSpec
from ui.train.first_layer import sentence


@pytest.mark.parametrize(
    ("network", "begin"),
    [
        (DenseSpec(units=(1_024,)), "These are 12 of its 1,024 neurons."),
        (DenseSpec(units=(7, 30)), "These are its 7 neurons."),
        (DenseSpec(units=(1,)), "This is its only neuron."),
        (
            CnnSpec(blocks=(ConvBlock(filters=32, kernel=5),)),
            "These are 12 of its 32 filters, 5 × 5 pixels each, and what each finds in an ankle",
        ),
        (
            CnnSpec(blocks=(ConvBlock(filters=1),)),
            "This is its only filter, 3 × 3 pixels, and what it finds in an ankle boot",
        ),
    ],
)
def test_a_sentence_says_what_one_sees(network: DenseSpec | CnnSpec, begin: str) -> None:
    assert sentence(RunSpec(network=network)).startswith(begin)
