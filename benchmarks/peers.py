"""The same model trained by three methods, each in a process that waits before an epoch.

``python -m benchmarks.peers METHOD PRESET EPOCHS`` prints a line of JSON at the beginning and after
each epoch, with its seconds and the test accuracy, and goes on when it reads a line. An epoch is
the training on 60,000 pictures and one evaluation of the 10,000 test pictures, with every method.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.dataset import load
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.specs import LayerShape, RunSpec, layer_shapes, steps_per_epoch
from fmnist_core.training.augmentation import augment

METHODS = ("atelier", "tutorial", "pytorch")


def with_full_training_set(spec: RunSpec) -> RunSpec:
    """The spec without a validation split, as the other methods train on all 60,000 images."""
    return spec.model_copy(
        update={"training": spec.training.model_copy(update={"validation_share": 0.0})}
    )


class Gate:
    """Measures from one passage to the next, and waits at each for the word to go on."""

    def __init__(self) -> None:
        self._started_at: float | None = None

    def pass_through(self, accuracy: float | None) -> None:
        """Report the epoch that ends here, if one does; come back when the next may begin."""
        seconds = None if self._started_at is None else time.perf_counter() - self._started_at
        print(json.dumps({"seconds": seconds, "accuracy": accuracy}), flush=True)
        if not sys.stdin.readline():
            sys.exit()
        self._started_at = time.perf_counter()


def atelier(spec: RunSpec, epochs: int, gate: Gate) -> None:
    """A real run into a run folder, with the live callback, checkpoints and predictions."""
    from fmnist_core.runs import RunStore
    from fmnist_core.runs.model import SHARED_FOLDER
    from fmnist_core.training.autotune import ModeCache, mode_for
    from fmnist_core.training.batches import BatchSource, select_images
    from fmnist_core.training.run import train

    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        # As an idle process does it before the first run of a preset.
        images = select_images(load(), spec.training)
        mode_for(ModeCache(store.root / SHARED_FOLDER), spec, BatchSource(images, spec.training))
        # Once more than requested, so that what follows the last epoch is not counted to it.
        run = store.create(_with_epochs(spec, epochs + 1), by=Actor.owner())
        shuffle_epoch = BatchSource.shuffle_epoch

        def wait_and_shuffle(source: BatchSource, epoch: int) -> None:
            events = store.events(run.id).epochs
            gate.pass_through(events[-1].test_accuracy if events else None)
            shuffle_epoch(source, epoch)

        BatchSource.shuffle_epoch = wait_and_shuffle  # type: ignore[method-assign, assignment]
        train(store, run.id)


def tutorial(spec: RunSpec, epochs: int, gate: Gate) -> None:
    """``model.fit`` on float64 arrays with default arguments."""
    import keras

    from fmnist_core.training.models import build_model

    data = load()
    keras.utils.set_random_seed(spec.training.seed)
    keras_model = build_model(spec)
    # The tutorial divides the arrays by 255 itself.
    model = keras.Sequential([keras.Input((28, 28, 1)), *keras_model.layers[1:]])
    model.compile(
        optimizer=keras_model.optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    test_data = (np.asarray(data.test_images)[..., None] / 255.0, np.asarray(data.test_labels))
    options = {"batch_size": spec.training.batch_size, "validation_data": test_data, "verbose": 0}
    epoch_images, augmented = _epoch_images(spec)
    labels = np.asarray(data.train_labels)
    accuracy = None
    if not augmented:

        class Wait(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                history = self.model.history.history
                gate.pass_through(history["val_accuracy"][-1] if epoch else None)

        model.fit(
            epoch_images(0)[..., None] / 255.0,
            labels,
            epochs=epochs + 1,
            callbacks=[Wait()],
            **options,
        )
        return
    for epoch in range(epochs + 1):
        gate.pass_through(accuracy)
        history = model.fit(epoch_images(epoch)[..., None] / 255.0, labels, **options).history
        accuracy = history["val_accuracy"][-1]


def pytorch(spec: RunSpec, epochs: int, gate: Gate) -> None:
    """A plain loop over a model of the same layers."""
    import torch

    data, training = load(), spec.training
    torch.manual_seed(training.seed)
    network = torch.nn.Sequential(*_torch_layers(layer_shapes(spec)))
    network(torch.zeros(2, 1, 28, 28))
    optimizer = _torch_optimizer(spec, network)
    schedule = _torch_schedule(spec, optimizer, epochs)
    cross_entropy = torch.nn.CrossEntropyLoss()
    labels = torch.from_numpy(np.asarray(data.train_labels).astype(np.int64))
    test_labels = np.asarray(data.test_labels)
    epoch_images, augmented = _epoch_images(spec)
    test_inputs = _torch_inputs(np.asarray(data.test_images))
    train_inputs = _torch_inputs(epoch_images(0))
    accuracy = None
    for epoch in range(epochs + 1):
        gate.pass_through(accuracy)
        if augmented:
            train_inputs = _torch_inputs(epoch_images(epoch))
        network.train()
        for batch in torch.randperm(len(train_inputs)).split(training.batch_size):
            optimizer.zero_grad()
            loss = cross_entropy(network(train_inputs[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            predictions = torch.cat(
                [network(chunk).argmax(dim=1) for chunk in test_inputs.split(1_000)]
            )
        accuracy = float((predictions.numpy() == test_labels).mean())


def _with_epochs(spec: RunSpec, epochs: int) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update={"epochs": epochs})})


def _epoch_images(spec: RunSpec) -> tuple[Callable[[int], np.ndarray], bool]:
    """A function for the training images of an epoch, and whether they are augmented."""
    images, training = np.asarray(load().train_images), spec.training
    augmented = training.flip or training.shift > 0

    def epoch_images(epoch: int) -> np.ndarray:
        if not augmented:
            return images
        random = np.random.default_rng([training.seed, 2, epoch])
        return augment(images, training.shift, training.flip, random)

    return epoch_images, augmented


def _torch_inputs(images: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(images[:, None].astype(np.float32) / 255)


def _torch_optimizer(spec: RunSpec, network: Any) -> Any:
    import torch

    training, parameters = spec.training, network.parameters()
    if training.optimizer == "adam":
        return torch.optim.Adam(parameters, training.learning_rate)
    return torch.optim.AdamW(parameters, training.learning_rate, weight_decay=training.weight_decay)


def _torch_schedule(spec: RunSpec, optimizer: Any, epochs: int) -> Any:
    import torch

    training = spec.training
    if training.schedule != "one_cycle":
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    steps = steps_per_epoch(training) * max(epochs + 1, training.epochs)
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer, training.learning_rate, total_steps=steps + 1, cycle_momentum=False
    )


def _torch_layers(shapes: list[LayerShape]) -> list[Any]:
    """The layers in PyTorch; what PyTorch does by itself, such as the softmax, is left out."""
    from torch import nn

    activations = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU, "sigmoid": nn.Sigmoid}
    layers: list[Any] = []
    for shape in shapes:
        options = shape.options
        if shape.kind == "Flatten":
            layers.append(nn.Flatten())
        elif shape.kind == "Dense":
            layers.append(nn.LazyLinear(options["units"], bias=options["use_bias"]))
        elif shape.kind == "Conv2D":
            kernel = options["kernel_size"]
            layers.append(
                nn.LazyConv2d(
                    options["filters"],
                    kernel,
                    options["strides"],
                    kernel // 2 if options["padding"] == "same" else 0,
                    bias=options["use_bias"],
                )
            )
        elif shape.kind == "BatchNormalization":
            layers.append(
                nn.LazyBatchNorm2d() if len(shape.output_shape) == 3 else nn.LazyBatchNorm1d()
            )
        elif shape.kind == "MaxPooling2D":
            layers.append(nn.MaxPool2d(options["pool_size"]))
        elif shape.kind == "AveragePooling2D":
            layers.append(nn.AvgPool2d(options["pool_size"]))
        elif shape.kind == "GlobalAveragePooling2D":
            layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        elif shape.kind == "Dropout":
            layers.append(nn.Dropout(options["rate"]))
        if options.get("activation") in activations:
            layers.append(activations[options["activation"]]())
    return layers


def main() -> None:
    """Serve one method of training one preset."""
    method, preset, epochs = sys.argv[1:]
    serve = {"atelier": atelier, "tutorial": tutorial, "pytorch": pytorch}[method]
    serve(with_full_training_set(PRESETS[preset]), int(epochs), Gate())


if __name__ == "__main__":
    main()
