"""Saliency, features and neighbours of trained networks; weights that do not fit stay out."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from fmnist_core.dataset import Dataset
from fmnist_core.files import sha256
from fmnist_core.interpret import features, network, occlusion, saliency
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunUnreadable
from fmnist_core.runs.portable import export_run, import_run
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.training.run import train
from fmnist_core.training.state import weights_of

pytestmark = pytest.mark.slow

TRAINING = TrainingSpec(epochs=1, train_pictures=1_000, batch_size=64, validation_share=0.1)
SPECS = {
    "dense": RunSpec(network=DenseSpec(units=(24,), dropout=0.2), training=TRAINING),
    "cnn": RunSpec(
        network=CnnSpec(
            blocks=(ConvBlock(filters=8, batch_norm=True, pool_size=4),), head_units=()
        ),
        training=TRAINING,
    ),
}


def silent(share: float, words: str) -> None:
    assert 0 <= share <= 1
    assert words


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("explain") / "runs")


@pytest.fixture(scope="module")
def runs(store: RunStore, data: Dataset) -> dict[str, Run]:
    created = {}
    for name, spec in SPECS.items():
        run = store.create(spec, by=Actor.owner())
        train(store, run.id, data=data)
        created[name] = store.get(run.id)
    return created


def describe(run: Run, **changes: Any) -> None:
    """Change a run's description, as whoever copies a folder here can."""
    file = run.path / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def linear_network(weights: NDArray[np.float32]) -> Any:
    """A network of one layer, of whose answers everything is known by hand."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(10, name="logits"),
            keras.layers.Softmax(name="probabilities"),
        ]
    )
    model.get_layer("logits").set_weights([weights, np.zeros(10, np.float32)])
    return model


@pytest.mark.parametrize("name", SPECS)
def test_the_network_built_anew_answers_as_the_run_did(
    store: RunStore, runs: dict[str, Run], data: Dataset, name: str
) -> None:
    model, spec = network.load_network(store.root, runs[name].id)
    assert spec == SPECS[name]
    again = np.asarray(model(np.asarray(data.test_images[:200])[..., None], training=False))
    stored = store.predictions(runs[name].id)["test_probabilities"][:200]
    assert np.allclose(again, stored, atol=1e-5)


def test_saliency_of_a_linear_network_is_the_size_of_its_weights(
    store: RunStore, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There every gradient is the weight, whatever the noise: an answer known by hand."""
    weights = np.random.default_rng(3).normal(size=(784, 10)).astype(np.float32)
    model = linear_network(weights)
    monkeypatch.setattr(saliency, "load_network", lambda root, run_id: (model, SPECS["dense"]))
    arrays = saliency.saliency(silent, "", "", 5)
    predicted = int(np.argmax(np.asarray(data.test_images[5]).ravel() / 255 @ weights))
    expected = np.abs(weights[:, predicted]).reshape(28, 28)
    assert int(arrays["answer"]) == predicted
    assert np.allclose(arrays["saliency"], expected / expected.max(), atol=1e-5)
    model.get_layer("logits").set_weights([0 * weights, np.zeros(10, np.float32)])
    assert not saliency.saliency(silent, "", "", 5)["saliency"].any()


@pytest.mark.parametrize("name", SPECS)
def test_saliency_has_its_range_and_is_the_same_each_time(
    store: RunStore, runs: dict[str, Run], name: str
) -> None:
    first, second = (
        saliency.saliency(silent, str(store.root), runs[name].id, 17) for _ in range(2)
    )
    assert (first["saliency"].shape, str(first["saliency"].dtype)) == ((28, 28), "float32")
    assert first["saliency"].min() >= 0
    assert first["saliency"].max() == 1
    assert (first["saliency"] == second["saliency"]).all()
    stored = store.predictions(runs[name].id)["test_probabilities"][17]
    assert np.allclose(first["probabilities"], stored, atol=1e-5)
    assert int(first["answer"]) == stored.argmax()


def test_occlusion_of_a_linear_network_is_known_by_hand(
    store: RunStore, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a covered square takes away its pixels times their weights, and nothing else."""
    weights = np.random.default_rng(4).normal(size=(784, 10)).astype(np.float32)
    model = linear_network(weights)
    monkeypatch.setattr(occlusion, "load_network", lambda root, run_id: (model, SPECS["dense"]))
    image = np.asarray(data.test_images[5])
    falls = occlusion.occlusion(silent, "", "", image.tobytes(), 7)["falls"]
    products = image / 255 * weights[:, 7].reshape(28, 28)
    squares = np.lib.stride_tricks.sliding_window_view(products, (4, 4)).sum((2, 3))
    # Of the corner one square alone, of a pixel in the middle sixteen.
    assert falls[0, 0] == pytest.approx(squares[0, 0], abs=1e-4)
    assert falls[14, 9] == pytest.approx(squares[11:15, 6:10].mean(), abs=1e-4)


def test_features_are_what_the_last_layer_decides_from(
    store: RunStore, runs: dict[str, Run]
) -> None:
    rows = features.features(silent, str(store.root), runs["dense"].id, "test")["features"]
    assert (rows.shape, str(rows.dtype)) == ((10_000, 24), "float16")
    model, _ = network.load_network(store.root, runs["dense"].id)
    weights, bias = model.get_layer("logits").get_weights()
    logits = store.predictions(runs["dense"].id)["test_logits"]
    assert np.allclose(rows.astype(np.float32) @ weights + bias, logits, atol=0.05)


def test_many_features_are_projected_and_keep_their_distances(
    store: RunStore, runs: dict[str, Run], data: Dataset
) -> None:
    rows = features.features(silent, str(store.root), runs["cnn"].id, "test")["features"]
    assert (rows.shape, str(rows.dtype)) == ((10_000, 392), "float16")
    wide = np.random.default_rng(1).normal(size=(40, 3_000)).astype(np.float32)
    narrow = wide @ features._projection(3_000)
    assert narrow.shape == (40, 512)
    ratio = np.linalg.norm(narrow[1:] - narrow[:-1], axis=1) / np.linalg.norm(
        wide[1:] - wide[:-1], axis=1
    )
    assert np.abs(ratio - 1).max() < 0.15


def test_neighbours_of_a_run_are_those_of_its_features(
    store: RunStore, runs: dict[str, Run]
) -> None:
    root, run_id = str(store.root), runs["dense"].id
    arrays = features.neighbours(silent, root, run_id)
    assert (arrays["numbers"].shape, str(arrays["numbers"].dtype)) == ((10_000, 12), "uint16")
    train_rows = features.features(silent, root, run_id, "train")["features"].astype(np.float64)
    test_rows = features.features(silent, root, run_id, "test")["features"].astype(np.float64)
    voter = NearestNeighbors(n_neighbors=12, algorithm="brute").fit(train_rows)
    distances, _ = voter.kneighbors(test_rows[:50])
    assert np.allclose(arrays["distances"][:50], distances, atol=1e-3)
    named = np.linalg.norm(train_rows[arrays["numbers"][7]] - test_rows[7], axis=1)
    assert np.allclose(named, arrays["distances"][7], atol=1e-3)


@pytest.fixture
def copied(store: RunStore, runs: dict[str, Run], tmp_path: Path) -> tuple[RunStore, Run]:
    """A run folder that somebody copied, and may have changed."""
    other = RunStore(tmp_path / "runs")
    shutil.copytree(runs["cnn"].path, other.root / runs["cnn"].id)
    return other, other.get(runs["cnn"].id)


def put(store: RunStore, run: Run, content: bytes) -> None:
    """Put other weights into a run's folder, and say in its description that they are its own."""
    (run.path / "weights.npz").write_bytes(content)
    describe(run, artifacts={"weights.npz": sha256(content)})
    assert store.artifact(run.id, "weights.npz") == content


def test_weights_survive_the_way_through_their_file_bit_for_bit(
    store: RunStore, runs: dict[str, Run]
) -> None:
    weights = store.weights(runs["cnn"].id)
    assert [(name, values.shape) for name, values in weights.items()] == [
        ("conv/kernel", (3, 3, 1, 8)),
        ("batch_norm/gamma", (8,)),
        ("batch_norm/beta", (8,)),
        ("batch_norm/moving_mean", (8,)),
        ("batch_norm/moving_variance", (8,)),
        ("logits/kernel", (392, 10)),
        ("logits/bias", (10,)),
    ]
    model, _ = network.load_network(store.root, runs["cnn"].id)
    again = weights_of(model)
    assert all((again[name] == values).all() for name, values in weights.items())
    plain = keras.models.load_model(runs["cnn"].path / "model.keras")
    pictures = np.random.default_rng(1).integers(0, 256, (64, 28, 28, 1))
    assert (plain.predict(pictures, verbose=0) == model.predict(pictures, verbose=0)).all()


def test_weights_that_were_changed_are_refused_in_a_sentence(
    copied: tuple[RunStore, Run],
) -> None:
    other, run = copied
    content = bytearray((run.path / "weights.npz").read_bytes())
    content[-200] ^= 1
    (run.path / "weights.npz").write_bytes(content)
    with pytest.raises(RunUnreadable, match="network cannot be read"):
        network.load_network(other.root, run.id)
    (run.path / "weights.npz").unlink()
    with pytest.raises(RunUnreadable, match="network cannot be read"):
        network.load_network(other.root, run.id)


@pytest.mark.parametrize(
    "change",
    [
        {"conv/kernel": None},
        {"conv/bias": np.zeros(8, np.float32)},
        {"conv/kernel": np.zeros((3, 3, 8, 1), np.float32)},
        {"conv/kernel": np.zeros((3, 3, 1, 8), np.float64)},
        {"logits/bias": np.full(10, np.nan, np.float32)},
        {"logits/bias": np.full(10, np.inf, np.float32)},
        {"logits/bias": np.array([{}] * 10, object)},
    ],
    ids=["missing", "too many", "shape", "dtype", "no number", "infinite", "objects"],
)
def test_weights_that_are_not_those_of_the_spec_are_never_assigned(
    copied: tuple[RunStore, Run],
    change: dict[str, NDArray[Any] | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever can write a folder can write its hashes, too."""
    other, run = copied
    arrays = {**other.weights(run.id), **change}
    kept: dict[str, Any] = {name: array for name, array in arrays.items() if array is not None}
    buffer = io.BytesIO()
    np.savez(buffer, **kept)
    put(other, run, buffer.getvalue())
    assigned: list[object] = []
    monkeypatch.setattr(keras.Variable, "assign", lambda self, value: assigned.append(value))
    with pytest.raises(RunUnreadable, match="network cannot be read"):
        network.load_network(other.root, run.id)
    assert assigned == []


def test_an_imported_run_can_be_looked_into_like_any_other(
    store: RunStore, runs: dict[str, Run], tmp_path: Path
) -> None:
    other, run_id = RunStore(tmp_path / "runs"), runs["dense"].id
    import_run(other, export_run(store, run_id), by=Actor.owner())
    maps = [saliency.saliency(silent, str(where.root), run_id, 17) for where in (store, other)]
    assert (maps[0]["saliency"] == maps[1]["saliency"]).all()


def test_asking_loads_tensorflow_and_importing_does_not() -> None:
    code = "import sys, fmnist_core.interpret.features, fmnist_core.interpret.saliency"
    code += "; print('tensorflow' in sys.modules); print('keras' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert printed.stdout.split() == ["False", "False"]
