"""The same model trained in three ways, each in a process of its own that waits before an epoch.

``python -m benchmarks.peers WAY PRESET EPOCHS`` prints a line of JSON at the beginning and after
each epoch, with its seconds and the test accuracy, and goes on when it reads a line. An epoch is
the training on 60,000 pictures and one evaluation of the 10,000 test pictures, in every way.
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

WAYS = ("atelier", "tutorial", "pytorch")


def same_work(spec: RunSpec) -> RunSpec:
    """All 60,000 pictures are trained on, because the other ways know no validation share."""
    return spec.model_copy(
        update={"training": spec.training.model_copy(update={"validation_share": 0.0})}
    )


class Gate:
    """Measures from one passage to the next, and waits at each for the word to go on."""

    def __init__(self) -> None:
        self._since: float | None = None

    def pass_through(self, accuracy: float | None) -> None:
        """Report the epoch that ends here, if one does; come back when the next may begin."""
        seconds = None if self._since is None else time.perf_counter() - self._since
        print(json.dumps({"seconds": seconds, "accuracy": accuracy}), flush=True)
        if not sys.stdin.readline():
            sys.exit()
        self._since = time.perf_counter()


def atelier(spec: RunSpec, epochs: int, gate: Gate) -> None:
    """A real run into a run folder, with the live callback, checkpoints and predictions."""
    from fmnist_core.runs import RunStore
    from fmnist_core.training.batches import BatchSource
    from fmnist_core.training.run import train
    from fmnist_core.training.warm_start import warm_up

    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        # Once more than asked, so that what follows the last epoch is not counted to it.
        run = store.create(_with_epochs(spec, epochs + 1), by=Actor.owner())
        shuffle_epoch = BatchSource.shuffle_epoch

        def wait_and_shuffle(feed: BatchSource, epoch: int) -> None:
            done = store.events(run.id).epochs
            gate.pass_through(done[-1].test_accuracy if done else None)
            shuffle_epoch(feed, epoch)

        BatchSource.shuffle_epoch = wait_and_shuffle  # type: ignore[method-assign, assignment]
        train(store, run.id)


def tutorial(spec: RunSpec, epochs: int, gate: Gate) -> None:
    """``model.fit`` on float64 arrays with default arguments."""
    import keras

    from fmnist_core.training.models import build_model

    data = load()
    keras.utils.set_random_seed(spec.training.seed)
    ours = build_model(spec)
    # The tutorial divides the arrays by 255 itself.
    model = keras.Sequential([keras.Input((28, 28, 1)), *ours.layers[1:]])
    model.compile(
        optimizer=ours.optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    test = (np.asarray(data.test_images)[..., None] / 255.0, np.asarray(data.test_labels))
    options = {"batch_size": spec.training.batch_size, "validation_data": test, "verbose": 0}
    pictures, augmented = _epochs_of_pictures(spec)
    labels = np.asarray(data.train_labels)
    accuracy = None
    if not augmented:

        class Wait(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                history = self.model.history.history
                gate.pass_through(history["val_accuracy"][-1] if epoch else None)

        model.fit(
            pictures(0)[..., None] / 255.0, labels, epochs=epochs + 1, callbacks=[Wait()], **options
        )
        return
    for epoch in range(epochs + 1):
        gate.pass_through(accuracy)
        history = model.fit(pictures(epoch)[..., None] / 255.0, labels, **options).history
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
    pictures, augmented = _epochs_of_pictures(spec)
    tested, trained = _torch_pictures(np.asarray(data.test_images)), _torch_pictures(pictures(0))
    accuracy = None
    for epoch in range(epochs + 1):
        gate.pass_through(accuracy)
        if augmented:
            trained = _torch_pictures(pictures(epoch))
        network.train()
        for chosen in torch.randperm(len(trained)).split(training.batch_size):
            optimizer.zero_grad()
            loss = cross_entropy(network(trained[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            answers = torch.cat([network(part).argmax(dim=1) for part in tested.split(1_000)])
        accuracy = float((answers.numpy() == test_labels).mean())


def _with_epochs(spec: RunSpec, epochs: int) -> RunSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update={"epochs": epochs})})


def _epochs_of_pictures(spec: RunSpec) -> tuple[Callable[[int], np.ndarray], bool]:
    """The training pictures of an epoch, augmented as the spec says, and whether it says so."""
    images, training = np.asarray(load().train_images), spec.training
    augmented = training.flip or training.shift > 0

    def pictures(epoch: int) -> np.ndarray:
        if not augmented:
            return images
        random = np.random.default_rng([training.seed, 2, epoch])
        return augment(images, training.shift, training.flip, random)

    return pictures, augmented


def _torch_pictures(images: np.ndarray) -> Any:
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
    """Serve one way of training one preset."""
    way, preset, epochs = sys.argv[1:]
    serve = {"atelier": atelier, "tutorial": tutorial, "pytorch": pytorch}[way]
    serve(same_work(PRESETS[preset]), int(epochs), Gate())


if __name__ == "__main__":
    main()
