"""Fashion-MNIST: find it, verify it, keep it, divide it."""

from fmnist_core.dataset.content import CLASS_NAMES, Attempt, Dataset, DatasetUnavailable, Split
from fmnist_core.dataset.find import is_kept, load
from fmnist_core.dataset.split import fold_count, stratified_sample, stratified_split

__all__ = [
    "CLASS_NAMES",
    "Attempt",
    "Dataset",
    "DatasetUnavailable",
    "Split",
    "fold_count",
    "is_kept",
    "load",
    "stratified_sample",
    "stratified_split",
]
