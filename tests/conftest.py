"""What all tests share: the real pictures, a store of its own, small runs."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import found
import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from fmnist_core.config import DASK_CERTIFICATE, THOROUGH
from fmnist_core.dataset import Dataset, load
from fmnist_core.runs import RunStore
from fmnist_core.specs import DenseSpec, RunSpec, TrainingSpec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# `make faults` asks for the thorough profile: the counts of a full sweep.
_COMMON = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("sample", _COMMON, max_examples=40, derandomize=True)
settings.register_profile("thorough", _COMMON, max_examples=5_000)
settings.load_profile("thorough" if THOROUGH.get() else "sample")


# Their tests share a browser, an engine, dashboards: one process has each for itself.
SHARING_FOLDERS = ("browser", "faults")
# Files that share an environment.
TOGETHER = {"test_setup": "test_installing"}


def pytest_configure(config: pytest.Config) -> None:
    """Let those who wait for a browser to be fetched know it, and Ctrl+C be what it is."""
    # A shell lets what it starts in the background ignore it, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    found.capturing = config.pluginmanager.get_plugin("capturemanager")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is slow."""
    if item.path.parent.name in SHARING_FOLDERS or item.get_closest_marker("very_slow"):
        item.add_marker(pytest.mark.slow)


def room_of(nodeid: str) -> str:
    """What one process of pytest does alone, where there are several.

    Args:
        nodeid: of a test, such as ``"tests/unit/test_runs.py::test_a"``.
    """
    file = Path(nodeid.partition("::")[0])
    if file.parent.name in SHARING_FOLDERS:
        return file.parent.name
    return TOGETHER.get(file.stem, file.stem)


class Rooms(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each process of pytest one room after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return room_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    """Share out the tests by rooms."""
    return Rooms(config, log)


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """Exempt what is loaded from the garbage collections that Streamlit makes after every run.

    As the dashboard does at its start; with TensorFlow in the same process each takes a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data() -> Dataset:
    """The real Fashion-MNIST."""
    return load()


@pytest.fixture(scope="session", autouse=True)
def _key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tests connect with a key of their own, not with that of whoever runs them."""
    folder = tmp_path_factory.mktemp("key")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DASK_CERTIFICATE.name, str(folder / "engine.pem"))
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
