"""The network in the browser answers as Keras does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from network_site import Images, NetworkSite, keras_logits, random_network
from spec_strategies import networks

from fmnist_core.dataset import Dataset
from fmnist_core.export.network_bytes import network_bytes
from fmnist_core.presets import PRESETS
from fmnist_core.specs import RunSpec, SpecError, parameter_count, parse_spec
from fmnist_core.training.models import build_network
from fmnist_core.training.state import weights_of

SAME = 1e-3
# Of a random network; larger ones only take longer.
MOST_PARAMETERS = 2_000_000


def agree(site: NetworkSite, spec: RunSpec, images: Images, seed: int) -> None:
    """Compare the logits of the browser and of Keras, for a network with random weights."""
    model = random_network(spec, seed)
    wanted = keras_logits(model, images)
    found = site.logits(network_bytes(spec, weights_of(model)), images)
    assert np.abs(found - wanted).max() <= SAME * max(1.0, np.abs(wanted).max())


@pytest.mark.parametrize("preset", ["Simple network", "Fast CNN", "Best CNN"])
def test_preset_answers_as_keras_does(
    network_site: NetworkSite, data: Dataset, preset: str
) -> None:
    agree(network_site, PRESETS[preset], np.asarray(data.test_images[:20]), 1)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(network=networks, seed=st.integers(0, 2**31 - 1))
def test_any_network_answers_as_keras_does(
    network_site: NetworkSite, data: Dataset, network: dict[str, object], seed: int
) -> None:
    try:
        spec = parse_spec({"network": network})
    except SpecError:
        assume(False)
    assume(parameter_count(spec) <= MOST_PARAMETERS)
    agree(network_site, spec, np.asarray(data.test_images[:3]), seed)


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
