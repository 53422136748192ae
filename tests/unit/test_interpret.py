"""Saliency, features and neighbours of really trained networks; foreign models stay closed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from fmnist_core.dataset import Dataset
from fmnist_core.interpret import features, network, saliency
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunUnreadable
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.training.run import train

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


def test_a_changed_model_is_refused_in_a_sentence(store: RunStore, data: Dataset) -> None:
    run = store.create(SPECS["dense"], by=Actor.owner())
    train(store, run.id, data=data)
    file = store.get(run.id).path / "model.keras"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(network.ForeignModel, match="not written by this installation"):
        network.load_network(store.root, run.id)


def test_a_model_is_refused_where_only_its_sha256_is_right(store: RunStore, data: Dataset) -> None:
    """Whoever can write a folder can write its hashes, too, but not the seal."""
    from fmnist_core.files import sha256

    run = store.create(SPECS["dense"], by=Actor.owner())
    train(store, run.id, data=data)
    run = store.get(run.id)
    model, _ = network.load_network(store.root, run.id)
    model.save(run.path / "model.keras")
    describe(run, artifacts={"model.keras": sha256((run.path / "model.keras").read_bytes())})
    with pytest.raises(network.ForeignModel):
        network.load_network(store.root, run.id)
    describe(run, model_seal=None)
    with pytest.raises(network.ForeignModel):
        network.load_network(store.root, run.id)


def test_a_model_of_another_spec_or_none_says_that_it_cannot_be_read(
    store: RunStore, runs: dict[str, Run], data: Dataset
) -> None:
    run = store.create(SPECS["dense"], by=Actor.owner())
    with pytest.raises(RunUnreadable):
        network.load_network(store.root, run.id)
    train(store, run.id, data=data)
    run = store.get(run.id)
    other = runs["cnn"]
    assert other.record is not None
    (run.path / "model.keras").write_bytes((other.path / "model.keras").read_bytes())
    describe(run, model_seal=other.record.model_seal)
    with pytest.raises(RunUnreadable):
        network.load_network(store.root, run.id)


def test_asking_loads_tensorflow_and_importing_does_not() -> None:
    code = "import sys, fmnist_core.interpret.features, fmnist_core.interpret.saliency"
    code += "; print('tensorflow' in sys.modules); print('keras' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert printed.stdout.split() == ["False", "False"]
