"""The network in the browser answers as Keras does."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Route
from project_site import SITE, serve
from spec_strategies import networks

from fmnist_core.dataset import Dataset
from fmnist_core.export.network_bytes import network_bytes
from fmnist_core.presets import PRESETS
from fmnist_core.specs import RunSpec, SpecError, parameter_count, parse_spec
from fmnist_core.training.models import build_network, logits_model
from fmnist_core.training.state import assign_weights, weights_of

SAME = 1e-3
# Of a random network; larger ones only take longer.
MOST_PARAMETERS = 2_000_000
LOGITS = """async (images) => {
  const { activationsOf, readNetwork } = await import("/ui/components/network/network.js");
  const network = readNetwork(await (await fetch("/network.bin")).arrayBuffer());
  return images.map((pixels) => [...activationsOf(network, pixels).at(-2)]);
}"""
READ = """async () => {
  const { readNetwork } = await import("/ui/components/network/network.js");
  try {
    readNetwork(await (await fetch("/network.bin")).arrayBuffer());
    return "read";
  } catch (error) {
    return error.constructor.name;
  }
}"""


class Site:
    """The project's files, and a network among them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.content = b""
        page.route("**/*", serve)
        page.route("**/network.bin", self._network)
        page.goto(f"{SITE}/")

    def _network(self, route: Route) -> None:
        route.fulfill(body=self.content, content_type="application/octet-stream")

    def logits(self, content: bytes, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The logits (n, 10) of a network as bytes for images (n, 28, 28)."""
        self.content = content
        pixels = images.reshape(len(images), -1).tolist()
        return np.array(self.page.evaluate(LOGITS, pixels))


@pytest.fixture(scope="module")
def site(browser: Browser) -> Iterator[Site]:
    context = browser.new_context()
    yield Site(context.new_page())
    context.close()


def agree(site: Site, spec: RunSpec, images: NDArray[np.uint8], seed: int) -> None:
    """Compare the logits of the browser and of Keras, for a network with random weights."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model, draw = build_network(spec), np.random.default_rng(seed)
    weights = weights_of(model)
    for name, values in weights.items():
        if name.endswith(("bias", "beta", "moving_mean")):
            values[...] = draw.normal(0, 0.3, values.shape)
        elif name.endswith(("gamma", "moving_variance")):
            values[...] = draw.uniform(0.3, 2, values.shape)
    assign_weights(model, weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = np.asarray(logits_model(model)(images[..., None].astype(np.float32)))
    found = site.logits(network_bytes(spec, weights), images)
    assert np.abs(found - wanted).max() <= SAME * max(1.0, np.abs(wanted).max())


@pytest.mark.parametrize("preset", ["Simple network", "Fast CNN", "Best CNN"])
def test_preset_answers_as_keras_does(site: Site, data: Dataset, preset: str) -> None:
    agree(site, PRESETS[preset], np.asarray(data.test_images[:20]), 1)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(network=networks, seed=st.integers(0, 2**31 - 1))
def test_any_network_answers_as_keras_does(
    site: Site, data: Dataset, network: dict[str, object], seed: int
) -> None:
    try:
        spec = parse_spec({"network": network})
    except SpecError:
        assume(False)
    assume(parameter_count(spec) <= MOST_PARAMETERS)
    agree(site, spec, np.asarray(data.test_images[:3]), seed)


@pytest.mark.parametrize("damage", ["empty", "cut", "longer", "not a number", "another layer"])
def test_damaged_network_is_refused(site: Site, damage: str) -> None:
    spec = PRESETS["Simple network"]
    content = network_bytes(spec, weights_of(build_network(spec)))
    site.content = {
        "empty": b"",
        "cut": content[:-40],
        "longer": content + b"\0" * 4,
        "not a number": content[:-4] + np.float32(np.nan).tobytes(),
        "another layer": content.replace(b'"Flatten"', b'"toString"'),
    }[damage]
    assert site.page.evaluate(READ) == "Unreadable"
