"""Models that are compiled before their run is known, and then begin exactly as new ones do."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from fmnist_core.dataset import Dataset
from fmnist_core.presets import network_name
from fmnist_core.specs import RunSpec, TrainingSpec
from fmnist_core.training.batches import (
    BatchSource,
    DeviceImages,
    TrainingImages,
    select_images,
)
from fmnist_core.training.loop import ExecutionMode, Loop
from fmnist_core.training.models import build_model, build_network
from fmnist_core.training.predict import Predictor

# What these change is the images, their labels, their order, the first weights, or when a training
# ends; nothing of it is compiled into a training step.
_NOT_COMPILED: dict[str, Any] = {
    "seed": 0,
    "validation_fold": 0,
    "label_noise": 0.0,
    "shift": 0,
    "flip": False,
    "early_stopping_patience": 0,
}
_log = logging.getLogger("fmnist.training")
_SELECTING = {"seed", "validation_share", "validation_fold", "train_pictures", "label_noise"}


class CompiledModel:
    """A Keras model with all that is compiled for it: the training loop and the predictor.

    Args:
        spec: network and training.
        mode: how it is executed.
        images: of the training.
        device: where they lie on the device; models may share them, while one at a time trains.
        planned_epochs: what the learning-rate schedule is laid for, where the run was made longer.

    Attributes:
        model: compiled by Keras; its training function is the loop.
        batches: of the run.
        loop: takes steps without ``fit``.
        predictor: of the model.
        multiplier: of the learning rate, to change while the model trains.
    """

    def __init__(
        self,
        spec: RunSpec,
        mode: ExecutionMode,
        images: TrainingImages,
        device: DeviceImages,
        planned_epochs: int | None = None,
    ) -> None:
        self._spec = spec
        self._precision = mode.precision
        self.batches = BatchSource(images, spec.training, device)
        self.multiplier = keras.Variable(1.0, trainable=False, name="multiplier")
        self.model = build_model(
            spec,
            precision=mode.precision,
            multiplier=self.multiplier,
            planned_epochs=planned_epochs,
        )
        self.loop = Loop(self.model, self.batches, mode.xla)
        # Keras keeps a training function that is there already.
        self.model.train_function = self.loop
        self.predictor = Predictor(self.model, spec)
        self._optimizer_start = [np.array(variable) for variable in self.model.optimizer.variables]

    def compile(self, on_progress: Callable[[], object] = lambda: None) -> None:
        """Compile all that a run will call, by calling it; the state is a trained one afterwards.

        Args:
            on_progress: called after each part; may raise.
        """
        self.batches.position = self.batches.whole_steps - 1
        self.model.steps_per_execution = 1
        self.model.fit(
            # A whole batch, and the smaller last one.
            self.batches.dataset.take(self.batches.steps - self.batches.position),
            shuffle=False,
            verbose=0,
            callbacks=[
                keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: on_progress())
            ],
        )
        self.predictor.compile()
        on_progress()

    def restart(self, training: TrainingSpec, images: TrainingImages, steps: int) -> None:
        """Put everything into the state of a model that was just built for this training.

        Args:
            training: of the run; differs from the one compiled in nothing that is compiled.
            images: of the run.
            steps: weight updates in one call.
        """
        self.batches.restart(images, training)
        self.model.steps_per_execution = steps
        # All that Keras draws first weights from. Its own function also seeds TensorFlow, of which
        # nothing here draws, and which would then throw away what it has compiled.
        random.seed(training.seed)
        fresh = build_network(self._spec, self._precision)
        for layer, fresh_layer in zip(self.model.layers, fresh.layers, strict=True):
            for variable, value in zip(layer.variables, fresh_layer.variables, strict=True):
                variable.assign(value)
        for variable, value in zip(
            self.model.optimizer.variables, self._optimizer_start, strict=True
        ):
            variable.assign(value)


class PreparedModels:
    """The images and the compiled models that a process has ready for the run that it waits for."""

    def __init__(self) -> None:
        self._models: dict[str, CompiledModel] = {}
        self._device_images: DeviceImages | None = None
        self._selection: tuple[Dataset, dict[str, Any], TrainingImages] | None = None

    def select_images(self, data: Dataset, training: TrainingSpec) -> TrainingImages:
        """As ``batches.select_images``; the last selection is kept."""
        selecting = training.model_dump(include=_SELECTING)
        if self._selection is not None:
            last_data, last_selecting, images = self._selection
            if last_data is data and last_selecting == selecting:
                return images
        images = select_images(data, training)
        self._selection = data, selecting, images
        return images

    def prepare(
        self,
        spec: RunSpec,
        mode: ExecutionMode,
        images: TrainingImages,
        on_progress: Callable[[], object] = lambda: None,
    ) -> None:
        """Compile a model, if it is not there, and keep it until a run takes it.

        Args:
            spec: network and training.
            mode: how it is executed.
            images: of the training.
            on_progress: called after each part; what it raises ends the preparation.
        """
        key = _compiled_part(spec, mode, len(images.train_images))
        if key not in self._models:
            compiled = CompiledModel(spec, mode, images, self._on_device(images))
            compiled.compile(on_progress)
            self._models[key] = compiled
            _log.info("prepared %s", network_name(spec))

    def take(
        self,
        spec: RunSpec,
        mode: ExecutionMode,
        images: TrainingImages,
        planned_epochs: int | None = None,
    ) -> CompiledModel:
        """The compiled model for a run, which is a prepared one where there is one.

        Args:
            spec: network and training.
            mode: how it is executed.
            images: of the training.
            planned_epochs: what the learning-rate schedule is laid for, where the run was made
                longer.
        """
        key = _compiled_part(spec, mode, len(images.train_images), planned_epochs)
        compiled = self._models.pop(key, None)
        if compiled is None:
            device = self._on_device(images)
            compiled = CompiledModel(spec, mode, images, device, planned_epochs)
        return compiled

    def _on_device(self, images: TrainingImages) -> DeviceImages:
        if self._device_images is None or self._device_images.count != len(images.train_images):
            self._device_images = DeviceImages(images)
        return self._device_images


def _compiled_part(
    spec: RunSpec, mode: ExecutionMode, image_count: int, planned_epochs: int | None = None
) -> str:
    """What two runs have in common that one compiled model can train."""
    training = spec.training
    epochs = 1 if training.schedule == "constant" else planned_epochs or training.epochs
    compiled = training.model_copy(update={**_NOT_COMPILED, "epochs": epochs})
    return "\n".join(
        (
            spec.network.model_dump_json(),
            compiled.model_dump_json(),
            f"{mode.precision} {mode.xla} {image_count}",
        )
    )
