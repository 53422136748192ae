"""Gradients in the browser are TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_site import Images, NetworkSite, pixels_of, random_network
from numpy.typing import NDArray
from spec_strategies import networks, spec_of

from fmnist_core.dataset import CLASS_COUNT, Dataset
from fmnist_core.export.network_bytes import network_bytes
from fmnist_core.presets import PRESETS
from fmnist_core.specs import RunSpec
from fmnist_core.training.models import logits_model
from fmnist_core.training.state import weights_of

SAME = 1e-3
MOST_PARAMETERS = 500_000


def noisy(images: Images, seed: int) -> Images:
    """Images without areas of one value: of equal values in a window, any may be the largest."""
    draw = np.random.default_rng(seed)
    return (images // 2 + draw.integers(0, 128, images.shape)).astype(np.uint8)


def gradients_agree(site: NetworkSite, spec: RunSpec, images: Images, seed: int) -> None:
    """Compare the gradient of a class's lead in the browser with that of TensorFlow."""
    model = random_network(spec, seed)
    class_ids = np.random.default_rng(seed).integers(0, CLASS_COUNT, len(images))
    inputs = tf.constant(images[..., None], tf.float32)
    wanted = tf.one_hot(class_ids, CLASS_COUNT, dtype=tf.bool, on_value=True, off_value=False)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        logits = logits_model(model)(inputs)
        others = tf.where(wanted, -np.inf, logits)
        leads = tf.gather(logits, class_ids, batch_dims=1) - tf.reduce_max(others, axis=1)
    gradients: NDArray[np.float32] = tape.gradient(leads, inputs).numpy().reshape(len(images), -1)
    site.content = network_bytes(spec, weights_of(model))
    found = site.run("leads", pixels_of(images), class_ids.tolist())
    for index, lead in enumerate(found):
        scale = max(1.0, float(np.abs(logits).max()))
        assert abs(lead["lead"] - float(leads[index])) <= SAME * scale
        assert lead["rival"] == int(np.argmax(others[index]))
        largest = np.abs(gradients[index]).max()
        assert np.abs(np.array(lead["gradient"]) - gradients[index]).max() <= SAME * largest


@pytest.mark.parametrize("preset", PRESETS)
def test_gradient_of_a_preset_is_that_of_tensorflow(
    network_site: NetworkSite, data: Dataset, preset: str
) -> None:
    images = noisy(np.asarray(data.test_images[:2]), 1)
    gradients_agree(network_site, PRESETS[preset], images, 1)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(network=networks, seed=st.integers(0, 2**31 - 1))
def test_gradient_of_any_network_is_that_of_tensorflow(
    network_site: NetworkSite, data: Dataset, network: dict[str, object], seed: int
) -> None:
    spec = spec_of(network, MOST_PARAMETERS)
    gradients_agree(network_site, spec, noisy(np.asarray(data.test_images[:2]), seed), seed)
