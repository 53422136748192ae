"""Batches: which training images an epoch takes, in which shuffled order, with which labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_COUNT, Dataset, stratified_sample, stratified_split
from fmnist_core.specs import TrainingSpec
from fmnist_core.training.augmentation import augment


@dataclass(frozen=True)
class TrainingImages:
    """The training, validation and test images of one run, with their labels.

    Attributes:
        train_index, validation_index: indices into the training split, sorted, disjoint.
        train_images: (n, 28, 28) uint8.
        train_labels: (n,) uint8, the labels trained on, noise included.
        true_labels: (n,) uint8, the same without noise.
        validation_images, validation_labels, test_images, test_labels: untouched.
    """

    train_index: NDArray[np.int64]
    validation_index: NDArray[np.int64]
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    true_labels: NDArray[np.uint8]
    validation_images: NDArray[np.uint8]
    validation_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]

    @property
    def noisy_positions(self) -> NDArray[np.int64]:
        """Positions (k,) in ``train_labels`` of the labels that noise replaced."""
        return np.flatnonzero(self.train_labels != self.true_labels)


def select_images(data: Dataset, training: TrainingSpec) -> TrainingImages:
    """Split validation off, then take at most the chosen number of the rest, both stratified."""
    train_index, validation_index = stratified_split(
        data.train_labels, training.validation_share, training.seed, training.validation_fold
    )
    if training.train_pictures < len(train_index):
        train_index = stratified_sample(
            data.train_labels, train_index, training.train_pictures, training.seed
        )
    true_labels = np.asarray(data.train_labels)[train_index]
    return TrainingImages(
        train_index=train_index,
        validation_index=validation_index,
        train_images=np.asarray(data.train_images)[train_index],
        train_labels=with_noise(true_labels, training.label_noise, training.seed),
        true_labels=true_labels,
        validation_images=np.asarray(data.train_images)[validation_index],
        validation_labels=np.asarray(data.train_labels)[validation_index],
        test_images=np.asarray(data.test_images),
        test_labels=np.asarray(data.test_labels),
    )


def with_noise(labels: NDArray[np.uint8], share: float, seed: int) -> NDArray[np.uint8]:
    """A copy of the labels (n,) in which a seeded share is replaced by another class."""
    noisy = labels.copy()
    random = np.random.default_rng([seed, 1])
    chosen = random.choice(len(labels), size=round(share * len(labels)), replace=False)
    steps = random.integers(1, CLASS_COUNT, size=len(chosen))
    noisy[chosen] = (noisy[chosen] + steps) % CLASS_COUNT
    return noisy


class DeviceImages:
    """Training images, their labels and their order as variables on the device.

    Args:
        images: of a run; others, as many, can follow.

    Attributes:
        count: how many.
        pixels: (n, 28, 28, 1) uint8.
        labels: (n,) int32.
        order: (n,) int32, positions in the order of an epoch.
    """

    def __init__(self, images: TrainingImages) -> None:
        self.count = len(images.train_images)
        self.pixels = tf.Variable(images.train_images[..., None], trainable=False)
        self.labels = tf.Variable(images.train_labels.astype(np.int32), trainable=False)
        self.order = tf.Variable(np.arange(self.count, dtype=np.int32), trainable=False)
        self._content: TrainingImages | None = images

    def assign(self, images: TrainingImages) -> None:
        """Put the images and labels of a run there, as many, unless they are there already."""
        if self._content is not images:
            self.pixels.assign(images.train_images[..., None])
            self.labels.assign(images.train_labels.astype(np.int32))
            self._content = images

    def assign_augmented(self, images: NDArray[np.uint8]) -> None:
        """Put other images (n, 28, 28) with the same labels there, for an epoch."""
        self._content = None
        self.pixels.assign(images[..., None])


class BatchSource:
    """The batches of a run, shuffled and augmented for every epoch, on the device as bytes.

    Order and augmentation of an epoch depend on the seed and the epoch alone, so that a resumed
    training sees the batches that an undisturbed one would have seen.

    Args:
        images: of the run.
        training: how it takes them.
        device: where they lie on the device, if anywhere; as many images.

    Attributes:
        size: images in a batch.
        whole_steps: batches of that size in an epoch.
        last_batch_size: images in the smaller last batch of an epoch; 0 where there is none.
        steps: batches in an epoch, the smaller one included.
        position: the next step of the epoch.
        dataset: the steps of an epoch, counted from 0, for ``fit`` to iterate over.
    """

    def __init__(
        self, images: TrainingImages, training: TrainingSpec, device: DeviceImages | None = None
    ) -> None:
        self._images = images.train_images
        self._training = training
        self._device = device or DeviceImages(images)
        self._device.assign(images)
        self.size = min(training.batch_size, self._device.count)
        self.whole_steps, self.last_batch_size = divmod(self._device.count, self.size)
        self.position = 0
        self.steps = self.whole_steps + (self.last_batch_size > 0)
        self.dataset = tf.data.Dataset.range(self.steps)

    def restart(self, images: TrainingImages, training: TrainingSpec) -> None:
        """Begin another run with as many images in batches of the same size."""
        self._images = images.train_images
        self._training = training
        self._device.assign(images)

    def shuffle_epoch(self, epoch: int) -> None:
        """Shuffle, and augment, for an epoch (from 0)."""
        training = self._training
        random = np.random.default_rng([training.seed, 2, epoch])
        self._device.order.assign(random.permutation(self._device.count).astype(np.int32))
        if training.flip or training.shift:
            self._device.assign_augmented(
                augment(self._images, training.shift, training.flip, random)
            )
        self.position = 0

    def batch(self, start: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Images (size, 28, 28, 1), pixels from 0 to 255, and labels (size,) from ``start`` on."""
        # A slice would do the same, but XLA compiles the whole loop anew for each place of one.
        chosen = tf.gather(self._device.order, start + tf.range(size))
        images = tf.gather(self._device.pixels, chosen)
        return tf.cast(images, tf.float32), tf.gather(self._device.labels, chosen)
