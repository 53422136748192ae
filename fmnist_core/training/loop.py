"""The compiled training loop: many steps per execution, images gathered inside the graph."""

from __future__ import annotations

from typing import Any, Literal

import keras
import tensorflow as tf
from pydantic import BaseModel, ConfigDict, Field

from fmnist_core.training.batches import BatchSource

MOST_STEPS = 2_000


class ExecutionMode(BaseModel):
    """How the training of a model is executed on a device: precision, XLA, steps per call.

    Attributes:
        precision: Keras's dtype policy of the layers; weights are float32 in both.
        xla: compile the whole call with XLA.
        steps: weight updates in one call.
        reason: a sentence with the measured times.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    xla: bool = False
    steps: int = Field(1, ge=1, le=MOST_STEPS)
    reason: str = ""


class Loop:
    """Takes the place of ``keras.Model.train_function``, so that ``fit`` and callbacks stay.

    Keras would fetch every batch from a pipeline and enter the compiled step anew. Here one
    compiled loop makes all steps of a call and takes its batches from images that lie on the
    device as bytes.

    Args:
        model: compiled by Keras; its ``train_step`` is what runs.
        batches: where the batches come from.
        xla: compile the loop with XLA.
    """

    def __init__(self, model: keras.Model, batches: BatchSource, xla: bool) -> None:
        # Variables cannot be made inside a compiled loop.
        model.optimizer.build(model.trainable_variables)
        self._model = model
        self._batches = batches
        self._xla = xla
        self._compiled: dict[int, Any] = {}

    def __call__(self, _iterator: Any) -> dict[str, Any]:
        """The next steps of the epoch, as many as one call of ``fit`` makes.

        Returns:
            Keras's metrics, means since the epoch began.
        """
        batches, first = self._batches, self._batches.position
        batches.position = min(first + self._model.steps_per_execution, batches.steps)
        whole = min(batches.position, batches.whole_steps) - first
        logs = self.steps(first, whole) if whole else {}
        if batches.position > batches.whole_steps:
            logs = self.steps(batches.whole_steps, 1, batches.last_batch_size)
        return logs

    def steps(self, first: int, count: int, size: int | None = None) -> dict[str, Any]:
        """Train ``count`` steps from the step ``first`` of the epoch on, with batches of ``size``.

        Returns:
            Keras's metrics, means since the epoch began.
        """
        size = size or self._batches.size
        if size not in self._compiled:
            self._compiled[size] = self._compile(size)
        return dict(self._compiled[size](first, count))

    def _compile(self, size: int) -> Any:
        def steps(first: tf.Tensor, count: tf.Tensor) -> dict[str, Any]:
            def step(offset: tf.Tensor) -> tf.Tensor:
                self._model.train_step(
                    self._batches.batch((first + offset) * self._batches.size, size)
                )
                return offset + 1

            tf.while_loop(lambda offset: offset < count, step, [0], parallel_iterations=1)
            return dict(self._model.get_metrics_result())

        # The last batch of an epoch is smaller: not worth a second compilation with XLA.
        return tf.function(
            steps,
            input_signature=[tf.TensorSpec((), tf.int32)] * 2,
            jit_compile=self._xla and size == self._batches.size,
            autograph=False,
        )
