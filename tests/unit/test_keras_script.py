"""The script that is shown trains the same network on its own, with nothing of this project."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from fmnist_core.dataset import Dataset
from fmnist_core.export.keras_script import notebook, script
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.runs.identity import Identity, change_phrases, identity_of
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec, parameter_count
from fmnist_core.training.batches import select_images
from fmnist_core.training.models import build_model
from fmnist_core.training.run import train

pytestmark = pytest.mark.slow

SPECS = {
    "dense": RunSpec(
        network=DenseSpec(units=(32, 16), dropout=0.1, batch_norm=True, l2=0.0001),
        training=TrainingSpec(
            epochs=3, train_pictures=8_000, batch_size=64, schedule="cosine", label_noise=0.1
        ),
    ),
    "cnn": RunSpec(
        network=CnnSpec(
            blocks=(ConvBlock(filters=8, pooling="strided", batch_norm=True),), head="average"
        ),
        # Long enough to learn something: chance amplifies what two computers round differently.
        training=TrainingSpec(
            epochs=5,
            train_pictures=6_000,
            batch_size=64,
            optimizer="adamw",
            schedule="one_cycle",
            learning_rate=0.002,
            flip=True,
            shift=2,
            early_stopping_patience=5,
        ),
    ),
}


@pytest.fixture(scope="module")
def keras_home(tmp_path_factory: pytest.TempPathFactory, data: Dataset) -> Path:
    """A home for Keras that holds the pictures already, so that nothing is downloaded."""
    home = tmp_path_factory.mktemp("keras")
    folder = home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name, images, labels in (
        ("train", data.train_images, data.train_labels),
        ("t10k", data.test_images, data.test_labels),
    ):
        count = len(labels).to_bytes(4, "big")
        head = b"\0\0\x08\x03" + count + (28).to_bytes(4, "big") * 2
        for kind, content in (
            ("images-idx3", head + np.asarray(images).tobytes()),
            ("labels-idx1", b"\0\0\x08\x01" + count + np.asarray(labels).tobytes()),
        ):
            with gzip.open(folder / f"{name}-{kind}-ubyte.gz", "wb", compresslevel=1) as file:
                file.write(content)
    return home


def run(source: str, keras_home: Path, folder: Path) -> str:
    """Run a script in an empty folder; return what it printed."""
    (folder / "script.py").write_text(source)
    environment = {"KERAS_HOME": str(keras_home), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.very_slow
@pytest.mark.parametrize("name", ["dense", "cnn"])
def test_script_reaches_what_the_run_reached(
    name: str, store: RunStore, data: Dataset, keras_home: Path, tmp_path: Path
) -> None:
    spec = SPECS[name]
    trained = store.create(spec, by=Actor.owner())
    train(store, trained.id, data=data)
    summary = store.get(trained.id).summary
    assert summary is not None
    printed = run(script(Identity(spec)), keras_home, tmp_path)
    assert int(re.findall(r"parameters: (\d+)", printed)[0]) == parameter_count(spec)
    accuracy = float(re.findall(r"test accuracy: ([\d.]+)", printed)[0])
    assert accuracy == pytest.approx(summary.test_accuracy, abs=0.005)


def changed_twice(store: RunStore, data: Dataset) -> Run:
    """A run whose learning rate a visitor changed before the first epoch and after the second."""
    spec = RunSpec(
        network=DenseSpec(units=(32,)),
        training=TrainingSpec(epochs=4, train_pictures=6_000, batch_size=64, schedule="one_cycle"),
    )
    trained = store.create(spec, by=Actor.owner())
    store.set_multiplier(trained.id, 20.0, by=Actor.owner())
    phase = RunWriter.report_phase

    def change_after_two(writer: RunWriter, text: str) -> None:
        phase(writer, text)
        if text == "Testing epoch 2":
            store.set_multiplier(trained.id, 0.05, by=Actor.owner())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunWriter, "report_phase", change_after_two)
        train(store, trained.id, data=data)
    return store.get(trained.id)


def longer_on_a_schedule(store: RunStore, data: Dataset) -> Run:
    """A run that was trained twice as long as its schedule was laid for."""
    spec = RunSpec(
        network=DenseSpec(units=(32,)),
        training=TrainingSpec(
            epochs=2,
            train_pictures=6_000,
            batch_size=64,
            schedule="cosine",
            learning_rate=0.01,
            early_stopping_patience=1,
        ),
    )
    trained = store.create(spec, by=Actor.owner())
    train(store, trained.id, data=data)
    store.train_longer(trained.id, 3, by=Actor.owner())
    train(store, trained.id, data=data)
    return store.get(trained.id)


@pytest.mark.very_slow
@pytest.mark.parametrize("make", [changed_twice, longer_on_a_schedule])
def test_script_of_a_changed_run_reaches_what_the_run_reached(
    make: Callable[[RunStore, Dataset], Run],
    store: RunStore,
    data: Dataset,
    keras_home: Path,
    tmp_path: Path,
) -> None:
    trained = make(store, data)
    assert trained.summary is not None
    configuration = identity_of(trained)
    assert change_phrases(configuration)
    printed = run(script(configuration), keras_home, tmp_path)
    accuracy = float(re.findall(r"test accuracy: ([\d.]+)", printed)[0])
    assert accuracy == pytest.approx(trained.summary.test_accuracy, abs=0.005)
    # The plan alone leads elsewhere, so that the comparison says something.
    assert script(Identity(trained.spec)) != script(configuration)


def test_script_of_a_run_that_was_stopped_trains_as_far() -> None:
    training = TrainingSpec(epochs=10, schedule="cosine")
    source = script(Identity(RunSpec(training=training), stopped_after=3))
    assert "\nEPOCHS = 3\n" in source
    assert "\nPLANNED_EPOCHS = 10\n" in source
    assert "stopped after epoch 3 of 10" in source


def test_script_of_a_run_in_fewer_digits_computes_in_as_few() -> None:
    source = script(Identity(PRESETS["Simple network"], precision="mixed_bfloat16"))
    names: dict[str, Any] = {"keras": keras}
    exec(source[source.index("model = keras.Sequential") : source.index("model.summary")], names)
    policies = [layer.dtype_policy.name for layer in names["model"].layers]
    expected = build_model(PRESETS["Simple network"], precision="mixed_bfloat16").layers
    assert policies == [layer.dtype_policy.name for layer in expected]


def test_script_sets_the_same_part_aside_as_the_run(data: Dataset) -> None:
    training = TrainingSpec(validation_fold=9, validation_share=0.15, train_pictures=5_000, seed=3)
    source = script(Identity(RunSpec(training=training)))
    assert compile(source, "script", "exec")
    labels = np.asarray(data.train_labels)
    names: dict[str, Any] = {"np": np, "images": labels, "labels": labels}
    constants = [line for line in source.splitlines() if re.match("[A-Z_]+ = ", line)]
    split = source[source.index("def stratified") : source.index("train_images, train_labels")]
    exec("\n".join((*constants, split)), names)
    pictures = select_images(data, training)
    assert (names["validation"] == pictures.validation_index).all()
    assert (names["train"] == pictures.train_index).all()
    assert "PART" not in script(Identity(RunSpec()))


@pytest.mark.parametrize("name", PRESETS)
def test_notebook_holds_the_script_part_by_part(name: str) -> None:
    cells = json.loads(notebook(Identity(PRESETS[name])))["cells"]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    assert "\n\n".join(sources) + "\n" == script(Identity(PRESETS[name]))
    compile(script(Identity(PRESETS[name])), "script", "exec")


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle"])
def test_script_has_the_learning_rate_of_the_run_at_every_step(schedule: str) -> None:
    training = TrainingSpec(
        schedule=schedule, learning_rate=0.01, train_pictures=1_000, batch_size=50, epochs=3
    )
    spec = RunSpec(network=DenseSpec(units=(2,)), training=training)
    parts = [
        cell["source"]
        for cell in json.loads(notebook(Identity(spec)))["cells"]
        if cell["cell_type"] == "code" and "fashion_mnist" not in cell["source"]
    ]
    head, network, fit = parts[0], parts[2], parts[3].split("for epoch in range")[0]
    names: dict[str, Any] = {"train": range(1_000)}
    exec("\n".join((head, network, fit)), names)

    def rates(model: keras.Model) -> list[float]:
        rate = model.optimizer._learning_rate
        return [float(rate(step) if callable(rate) else rate) for step in range(61)]

    assert rates(names["model"]) == pytest.approx(rates(build_model(spec)), rel=1e-6)
