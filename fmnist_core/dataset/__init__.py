"""The dataset, Fashion-MNIST: find or download it, verify it, cache it, split it."""

from fmnist_core.dataset.content import (
    CLASS_COUNT,
    CLASS_NAMES,
    CLASS_NOUNS,
    PIXEL_COUNT,
    SIDE,
    SPLIT_SIZES,
    TEST_SIZE,
    TRAIN_SIZE,
    Attempt,
    ClassNoun,
    Dataset,
    DatasetUnavailable,
    Split,
)
from fmnist_core.dataset.find import has_own_copy, load
from fmnist_core.dataset.split import (
    EXAMPLES_SEED,
    class_examples,
    fold_count,
    stratified_sample,
    stratified_split,
)

__all__ = [
    "CLASS_COUNT",
    "CLASS_NAMES",
    "CLASS_NOUNS",
    "EXAMPLES_SEED",
    "PIXEL_COUNT",
    "SIDE",
    "SPLIT_SIZES",
    "TEST_SIZE",
    "TRAIN_SIZE",
    "Attempt",
    "ClassNoun",
    "Dataset",
    "DatasetUnavailable",
    "Split",
    "class_examples",
    "fold_count",
    "has_own_copy",
    "load",
    "stratified_sample",
    "stratified_split",
]
