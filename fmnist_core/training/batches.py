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


class BatchSource:
    """The batches of a run, shuffled and augmented for every epoch, on the device as bytes.

    Order and augmentation of an epoch depend on the seed and the epoch alone, so that a resumed
    training sees the batches that an undisturbed one would have seen.

    Attributes:
        size: images in a batch.
        whole_steps: batches of that size in an epoch.
        last_batch_size: images in the smaller last batch of an epoch; 0 where there is none.
        steps: batches in an epoch, the smaller one included.
        position: the next step of the epoch.
        dataset: the steps of an epoch, counted from 0, for ``fit`` to iterate over.
    """

    def __init__(self, images: TrainingImages, training: TrainingSpec) -> None:
        self._training_images = images
        self._training = training
        self._augmented = training.flip or training.shift > 0
        count = len(images.train_images)
        self._images = tf.Variable(images.train_images[..., None], trainable=False)
        self._labels = tf.constant(images.train_labels.astype(np.int32))
        self._order = tf.Variable(np.arange(count, dtype=np.int32), trainable=False)
        self.size = min(training.batch_size, count)
        self.whole_steps, self.last_batch_size = divmod(count, self.size)
        self.position = 0
        self.steps = self.whole_steps + (self.last_batch_size > 0)
        self.dataset = tf.data.Dataset.range(self.steps)

    def shuffle_epoch(self, epoch: int) -> None:
        """Shuffle, and augment, for an epoch (from 0)."""
        random = np.random.default_rng([self._training.seed, 2, epoch])
        self._order.assign(
            random.permutation(len(self._training_images.train_images)).astype(np.int32)
        )
        if self._augmented:
            images = augment(
                self._training_images.train_images,
                self._training.shift,
                self._training.flip,
                random,
            )
            self._images.assign(images[..., None])
        self.position = 0

    def batch(self, start: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
        """Images (size, 28, 28, 1), pixels from 0 to 255, and labels (size,) from ``start`` on."""
        # A slice would do the same, but XLA compiles the whole loop anew for each place of one.
        chosen = tf.gather(self._order, start + tf.range(size))
        return tf.cast(tf.gather(self._images, chosen), tf.float32), tf.gather(self._labels, chosen)
