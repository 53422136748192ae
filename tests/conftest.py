"""What all tests share: the real pictures, a store of its own, small runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import found
import pytest
from hypothesis import HealthCheck, settings

from fmnist_core.dataset import Dataset, load
from fmnist_core.engine.certificate import CERTIFICATE_VARIABLE
from fmnist_core.runs import RunStore
from fmnist_core.runs.seal import KEY_FILE_VARIABLE
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# `make faults` asks for the thorough profile: the counts of a full sweep.
_COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("sample", max_examples=60, derandomize=True, **_COMMON)
settings.register_profile("thorough", max_examples=5_000, **_COMMON)
settings.load_profile("thorough" if os.environ.get("FMNIST_THOROUGH") else "sample")


def pytest_configure(config: pytest.Config) -> None:
    """Let those who wait for a browser to be fetched know it, and Ctrl+C be what it is."""
    # A shell lets what it starts in the background ignore it, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    found.capturing = config.pluginmanager.get_plugin("capturemanager")


@pytest.fixture(scope="session")
def data() -> Dataset:
    """The real Fashion-MNIST."""
    return load()


@pytest.fixture(scope="session", autouse=True)
def _key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tests seal and connect with keys of their own, not with those of whoever runs them."""
    folder = tmp_path_factory.mktemp("key")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_FILE_VARIABLE, str(folder / "model.key"))
        patch.setenv(CERTIFICATE_VARIABLE, str(folder / "engine.pem"))
        yield


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def small_spec() -> RunSpec:
    """Trains in about a second: few pictures, few neurons, all that chance touches."""
    return RunSpec(
        network=DenseSpec(units=(16,), dropout=0.2),
        training=TrainingSpec(epochs=3, train_pictures=1_000, batch_size=64, flip=True, shift=1),
    )
