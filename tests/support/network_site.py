"""A page with the network of the browser alone, and the same network in Keras beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import ConsoleMessage, Error, Page, Route
from project_site import SITE, serve

from fmnist_core.dataset import Dataset
from fmnist_core.runs.weights import Weights
from fmnist_core.specs import RunSpec
from fmnist_core.training.models import build_model, build_network, logits_model
from fmnist_core.training.state import assign_weights, weights_of

# Where the bytes of a network and of images come from, and who computes.
NETWORK, IMAGES = "/network.bin", "/images.bin"
WORKER = "/ui/components/network/worker.js"
# A question that nobody answers fails its test, instead of holding up all.
_RUN = """async ([limit, name, ...values]) => {
  const scenarios = await import("/tests/javascript/network_scenarios.js");
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), limit));
  return Promise.race([scenarios[name](...values), late]);
}"""
_LIMIT_MS = 600_000
Logits = NDArray[np.float64]
Images = NDArray[np.uint8]


class NetworkSite:
    """The project's files in a page, and a network among them.

    Attributes:
        content: the bytes of the network.
        answers: in place of files, by their path, what Playwright's ``fulfill`` takes.
        aborted: the paths at which nobody answers.
        problems: errors of the page and what it wrote about errors, one a line.
    """

    def __init__(self, page: Page) -> None:
        self.content = self._images = b""
        self.answers: dict[str, dict[str, Any]] = {}
        self.aborted: set[str] = set()
        self.problems: list[str] = []
        self._page = page
        page.context.route("**/*", self._serve)
        page.on("pageerror", self._note_error)
        page.on("console", self._note_message)
        page.goto(f"{SITE}/")

    def run(self, scenario: str, *values: Any) -> Any:
        """What one of ``tests/javascript/network_scenarios.js`` returns."""
        return self._page.evaluate(_RUN, [_LIMIT_MS, scenario, *values])

    def logits(self, content: bytes, images: Images) -> Logits:
        """The logits (n, 10) of a network as bytes for images (n, 28, 28) uint8."""
        self.content = content
        # Many are faster as bytes than as Playwright's arguments.
        self._images = images.tobytes()
        return np.array(self.run("logitsOfAll"))

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path in self.aborted:
            route.abort()
        elif answer := self.answers.get(path):
            route.fulfill(**answer)
        elif path in (NETWORK, IMAGES):
            body = self.content if path == NETWORK else self._images
            route.fulfill(body=body, content_type="application/octet-stream")
        else:
            serve(route)

    def _note_error(self, error: Error) -> None:
        self.problems.append(error.message)

    def _note_message(self, message: ConsoleMessage) -> None:
        # That a file did not come, a browser writes by itself.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.problems.append(message.text)


def pixels_of(images: Images) -> list[list[int]]:
    """Images (n, 28, 28) as lists of 784 pixels."""
    pixels: list[list[int]] = images.reshape(len(images), -1).tolist()
    return pixels


def random_network(spec: RunSpec, seed: int) -> keras.Sequential:
    """A network that was not trained; no weight of it is that of a new one by chance alone."""
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
    return model


def trained_network(
    spec: RunSpec, data: Dataset, images: int, precision: str = "float32"
) -> keras.Sequential:
    """A network that was trained for one epoch on the first so many training images."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = build_model(spec, precision=precision, steps_per_execution=20)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # With Keras's own, the means of so few steps are still those of an untrained network.
            layer.momentum = 0.9
    inputs = np.asarray(data.train_images[:images], np.float32)[..., None]
    labels = np.asarray(data.train_labels[:images])
    model.fit(inputs, labels, batch_size=spec.training.batch_size, epochs=1, verbose=0)
    return model


def network_with(spec: RunSpec, weights: Weights) -> keras.Sequential:
    """A network in full precision with the weights of another."""
    model = build_network(spec)
    assign_weights(model, weights)
    return model


def keras_logits(model: keras.Sequential, images: NDArray[Any] | Sequence[Any]) -> Logits:
    """What Keras answers: the logits (n, 10) for images (n, 28, 28)."""
    inputs = np.asarray(images, np.float32)[..., None]
    return np.asarray(logits_model(model)([inputs]), np.float64)
