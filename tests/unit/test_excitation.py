"""The test images that excite each unit most, against a direct computation."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from fmnist_core.dataset import Dataset
from fmnist_core.interpret import excitation
from fmnist_core.presets import PRESETS
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, layer_shapes
from fmnist_core.training.models import build_network

pytestmark = pytest.mark.slow

SPECS = {
    "dense": RunSpec(network=DenseSpec(units=(7, 5), activation="tanh", dropout=0.2)),
    "cnn": RunSpec(
        network=CnnSpec(
            blocks=(
                ConvBlock(filters=4, pooling="strided", batch_norm=True),
                ConvBlock(filters=3, kernel=5, padding="valid", pooling="average"),
            ),
            head="average",
            head_units=(6,),
        )
    ),
}

# Maps that are large, and weights that are few.
LARGE = RunSpec(
    network=CnnSpec(blocks=(ConvBlock(filters=256, convolutions=2, batch_norm=True),) * 2)
)


def silent(share: float, words: str) -> None:
    assert 0 <= share <= 1
    assert words


def activations(model: Any, name: str, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Of the images, of shape (n, places, units)."""
    part = keras.Model(model.inputs, model.get_layer(name).output)
    values = np.asarray(part.predict(images[..., None].astype(np.float32), verbose=0))
    return values.reshape(len(images), -1, values.shape[-1])


@pytest.mark.parametrize("name", SPECS)
def test_the_strongest_images_are_those_of_a_direct_computation(
    data: Dataset, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keras.utils.set_random_seed(5)
    spec = SPECS[name]
    model = build_network(spec)
    monkeypatch.setattr(excitation, "load_network", lambda root, run_id: (model, spec))
    found = excitation.excitation(silent, "", "")
    outputs = excitation.observed_layers(layer_shapes(spec))
    assert {key.partition("/")[0] for key in found} == set(outputs)
    images = np.asarray(data.test_images)
    for layer, output in outputs.items():
        values = activations(model, output, images)
        strengths = values.max(axis=1)
        for unit in range(values.shape[-1]):
            chosen = found[f"{layer}/images"][unit].astype(int)
            assert len(set(chosen.tolist())) == excitation.COUNT
            expected = np.sort(strengths[:, unit])[::-1][: excitation.COUNT]
            assert np.allclose(found[f"{layer}/values"][unit], expected, atol=1e-4)
            assert np.allclose(strengths[chosen, unit], expected, atol=1e-4)
            places = found[f"{layer}/places"][unit].astype(int)
            assert np.allclose(values[chosen, places, unit], expected, atol=1e-4)


def test_of_images_that_excite_it_the_same_the_first_ones_are_kept() -> None:
    best = excitation._Best()
    for start in (0, 6, 12):
        best.add(start, np.zeros((6, 2), np.float32), np.zeros((6, 2), np.int64))
    assert best.images.T.tolist() == [list(range(9))] * 2


def test_as_many_images_at_once_as_fit_into_memory() -> None:
    for spec in [*PRESETS.values(), *SPECS.values(), LARGE]:
        chunk = excitation.chunk_size(spec)
        values = sum(prod(layer.output_shape) for layer in layer_shapes(spec))
        assert 1 <= chunk <= 1_000
        assert chunk == 1 or 4 * values * chunk <= 2**28
    assert excitation.chunk_size(PRESETS["Simple network"]) == 1_000


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("Simple network", {"dense": "dense", "logits": "logits"}),
        (
            "Fast CNN",
            {
                "conv": "activation",
                "conv_2": "activation_2",
                "conv_3": "activation_3",
                "logits": "logits",
            },
        ),
    ],
)
def test_a_layer_is_observed_after_its_activation(preset: str, expected: dict[str, str]) -> None:
    assert excitation.observed_layers(layer_shapes(PRESETS[preset])) == expected
