"""Fashion-MNIST's class names, sizes, shapes and the hashes of the published bytes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from fmnist_core.errors import FmnistError

CLASS_NAMES: tuple[str, ...] = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class ClassNoun(NamedTuple):
    """How a sentence speaks of the clothes of a class: one of them, several, any of them."""

    one: str
    many: str
    indefinite: str


CLASS_NOUNS: tuple[ClassNoun, ...] = (
    ClassNoun("T-shirt", "T-shirts", "a T-shirt"),
    ClassNoun("pair of trousers", "trousers", "trousers"),
    ClassNoun("pullover", "pullovers", "a pullover"),
    ClassNoun("dress", "dresses", "a dress"),
    ClassNoun("coat", "coats", "a coat"),
    ClassNoun("sandal", "sandals", "a sandal"),
    ClassNoun("shirt", "shirts", "a shirt"),
    ClassNoun("sneaker", "sneakers", "a sneaker"),
    ClassNoun("bag", "bags", "a bag"),
    ClassNoun("ankle boot", "ankle boots", "an ankle boot"),
)

CLASS_COUNT = len(CLASS_NAMES)
# That networks take for others most often.
HARDEST_CLASSES = ("Coat", "Shirt")
# Pixels along each side of an image, and in all of it.
SIDE = 28
PIXEL_COUNT = SIDE * SIDE
TRAIN_SIZE, TEST_SIZE = 60_000, 10_000
Split = Literal["train", "test"]
SPLIT_SIZES: Mapping[Split, int] = {"train": TRAIN_SIZE, "test": TEST_SIZE}
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class IdxFile:
    """One of the four published files.

    Attributes:
        name: file name as published, without ".gz".
        shape: shape of the uint8 array in it.
        sha256: of the decompressed bytes. Compressed files differ between publishers (Debian
            compressed the same images anew), so only decompressed bytes can be compared.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """The IDX header: magic number (type uint8, number of axes), then each axis' length."""
        axes = len(self.shape)
        return struct.pack(f">{axes + 1}I", 0x0800 | axes, *self.shape)

    @property
    def size(self) -> int:
        """Number of decompressed bytes, header included."""
        return len(self.header) + int(np.prod(self.shape))

    def matches(self, array: Bytes) -> bool:
        """Whether `array` (uint8, any shape) holds exactly the published values."""
        digest = hashlib.sha256(self.header)
        digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest() == self.sha256


TRAIN_IMAGES = IdxFile(
    "train-images-idx3-ubyte",
    (TRAIN_SIZE, SIDE, SIDE),
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
)
TRAIN_LABELS = IdxFile(
    "train-labels-idx1-ubyte",
    (TRAIN_SIZE,),
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
)
TEST_IMAGES = IdxFile(
    "t10k-images-idx3-ubyte",
    (TEST_SIZE, SIDE, SIDE),
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
)
TEST_LABELS = IdxFile(
    "t10k-labels-idx1-ubyte",
    (TEST_SIZE,),
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
)

# Smallest first: a source that fails, fails before the 26 MB file is read or downloaded.
FILES: tuple[IdxFile, ...] = (TEST_LABELS, TRAIN_LABELS, TEST_IMAGES, TRAIN_IMAGES)

Arrays = Mapping[IdxFile, Bytes]


@dataclass(frozen=True)
class Attempt:
    """A source that was tried and did not give the data.

    Attributes:
        source: in plain words, without a path.
        problem: of the source, in plain words, without a path.
        damaged: True where it had data that was refused; False where it had none.
    """

    source: str
    problem: str
    damaged: bool = False


@dataclass(frozen=True, eq=False)
class Dataset:
    """Fashion-MNIST, verified; all arrays are uint8 and read-only.

    Attributes:
        train_images: (60000, 28, 28), 0 is the background and 255 the brightest.
        train_labels: (60000,), indexes into `CLASS_NAMES`.
        test_images: (10000, 28, 28).
        test_labels: (10000,).
        source: of the data, in plain words.
        sha256: one hash over the content of all four arrays.
        attempts: the sources tried before, so that a page can name a damaged copy.
    """

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    source: str
    sha256: str
    attempts: tuple[Attempt, ...] = ()

    def images(self, split: Split) -> Bytes:
        """The images of a split, (n, 28, 28) uint8."""
        return self.train_images if split == "train" else self.test_images

    def labels(self, split: Split) -> Bytes:
        """The labels of a split, (n,) uint8."""
        return self.train_labels if split == "train" else self.test_labels


class DatasetUnavailable(FmnistError):
    """No source gave Fashion-MNIST as it was published.

    Attributes:
        attempts: every source tried, with its problem.
    """

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        self.attempts = attempts
        tried = "; ".join(f"{attempt.source}: {attempt.problem}" for attempt in attempts)
        super().__init__(
            f"The Fashion-MNIST pictures could not be found. Tried: {tried}. "
            "Connect this computer to the internet and try again, or put the four published "
            "files into a folder and name that folder in FMNIST_DATA_DIR."
        )


class SourceFailed(Exception):
    """A source cannot give the data; the message is the `problem` of an `Attempt`."""

    def __init__(self, problem: str, *, damaged: bool = False) -> None:
        super().__init__(problem)
        self.damaged = damaged


def reason(error: OSError) -> str:
    """The operating system's reason of an error, without the path that `str(error)` would show."""
    return (error.strerror or "for an unknown reason").lower()


CONTENT_SHA256 = hashlib.sha256("".join(file.sha256 for file in FILES).encode()).hexdigest()
