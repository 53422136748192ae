"""The network in the browser answers as Keras does.

``make test`` tries three presets with random weights and 30 other networks; ``make faults`` all
presets, trained, on all test pictures, what was trained in bfloat16 on some, and 200 other
networks.
"""

from __future__ import annotations

from itertools import product

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_site import (
    Images,
    NetworkSite,
    keras_logits,
    network_with,
    random_network,
    trained_network,
)
from spec_strategies import networks, spec_of
from sweep import TABLE, THOROUGH

from fmnist_core.dataset import TEST_SIZE, Dataset
from fmnist_core.export.network_bytes import network_bytes
from fmnist_core.presets import PRESETS
from fmnist_core.specs import RunSpec
from fmnist_core.training.models import build_network
from fmnist_core.training.state import weights_of

SAME = 1e-3
# Of a random network; larger ones only take longer.
MOST_PARAMETERS = 2_000_000
TRAIN_IMAGES = 6_000
# At a time, so that what travels stays small.
CHUNK = 500
# On how many test images a network is compared, by the precision of its training; "": none.
IMAGES = {"": 20, "float32": TEST_SIZE, "mixed_bfloat16": 1_000}
CASES = [(preset, "") for preset in ("Simple network", "Fast CNN", "Best CNN")]
if THOROUGH:
    CASES += [*product(PRESETS, ("float32", "mixed_bfloat16"))]


def difference(
    site: NetworkSite, spec: RunSpec, model: keras.Sequential, images: Images
) -> tuple[float, float]:
    """How far the logits of the browser and of Keras are apart, and how far they may be.

    The class is the same wherever the two best are not nearer to each other than that.
    """
    content, worst, largest = network_bytes(spec, weights_of(model)), 0.0, 1.0
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        found, wanted = site.logits(content, chunk), keras_logits(model, chunk)
        worst = max(worst, float(np.abs(found - wanted).max()))
        largest = max(largest, float(np.abs(wanted).max()))
        best = np.sort(wanted)
        clear = best[:, -1] - best[:, -2] > SAME * largest
        assert (found.argmax(axis=1) == wanted.argmax(axis=1))[clear].all()
    return worst, SAME * largest


@pytest.mark.parametrize(("preset", "precision"), CASES)
def test_preset_answers_as_keras_does(
    network_site: NetworkSite, data: Dataset, preset: str, precision: str
) -> None:
    """With random weights, or with trained ones that are compared in full precision."""
    spec = PRESETS[preset]
    images = np.asarray(data.test_images[: IMAGES[precision]])
    if not precision:
        worst, allowed = difference(network_site, spec, random_network(spec, 1), images)
        assert worst <= allowed
        return
    trained = trained_network(spec, data, TRAIN_IMAGES, precision)
    model = network_with(spec, weights_of(trained))
    worst, _ = difference(network_site, spec, model, images)
    held = f"logits {worst:.1e} from Keras's at most"
    TABLE[f"{preset} in the browser, trained in {precision}", held] += len(images)
    assert worst <= SAME


@settings(
    max_examples=200 if THOROUGH else 30,
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(network=networks, seed=st.integers(0, 2**31 - 1))
def test_any_network_answers_as_keras_does(
    network_site: NetworkSite, data: Dataset, network: dict[str, object], seed: int
) -> None:
    spec = spec_of(network, MOST_PARAMETERS)
    images = np.asarray(data.test_images[:3])
    worst, allowed = difference(network_site, spec, random_network(spec, seed), images)
    TABLE["networks of every kind in the browser", "logits as Keras's, but for a thousandth"] += 1
    assert worst <= allowed


@pytest.mark.parametrize("preset", ["Wide network with dropout", "LeNet", "Fast CNN"])
def test_every_layer_is_what_keras_makes_of_it(
    network_site: NetworkSite, data: Dataset, preset: str
) -> None:
    spec = PRESETS[preset]
    model = random_network(spec, 1)
    image = np.asarray(data.test_images[:1])
    network_site.content = network_bytes(spec, weights_of(model))
    outputs = network_site.run("layersOf", image.ravel().tolist())
    each = keras.Model(model.inputs, [layer.output for layer in model.layers])
    wanted = each([image[..., None].astype(np.float32)])
    assert len(outputs) == len(wanted)
    for found, values in zip(outputs, wanted, strict=True):
        expected = np.asarray(values).ravel()
        assert np.abs(np.array(found) - expected).max() <= SAME * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize(
    "damage", ["empty", "cut", "longer", "not a number", "another layer", "no layers", "nothing"]
)
def test_damaged_network_is_refused(network_site: NetworkSite, damage: str) -> None:
    spec = PRESETS["Simple network"]
    content = network_bytes(spec, weights_of(build_network(spec)))
    network_site.content = {
        "empty": b"",
        "cut": content[:-40],
        "longer": content + b"\0" * 4,
        "not a number": content[:-4] + np.float32(np.nan).tobytes(),
        "another layer": content.replace(b'"Flatten"', b'"toString"'),
        "no layers": b"\4\0\0\0{}  ",
        "nothing": b"\4\0\0\0null",
    }[damage]
    assert network_site.run("reading") == "Unreadable"
