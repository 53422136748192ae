"""Annotations: what visitors say about images (a cause, a note, tags), kept beside the runs."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import Interval, wilson_interval
from fmnist_core.dataset import SPLIT_SIZES, Split
from fmnist_core.errors import FmnistError
from fmnist_core.locks import locked
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import MEBIBYTE, NotPlain, open_plain, read_plain
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.text import cleaned, one_line

Cause = Literal["", "label wrong", "model wrong", "cannot tell"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
# What visitors read; the file keeps the older words.
CAUSE_LABELS: Mapping[Cause, str] = {
    "label wrong": "Label wrong",
    "model wrong": "Network wrong",
    "cannot tell": "Cannot tell",
}
LONGEST_NOTE = 500
MOST_TAGS = 8
LONGEST_TAG = 30
_FILE = "remarks.jsonl"
_LARGEST_FILE = 32 * MEBIBYTE
_BySplit = dict[Split, dict[int, "Annotation"]]


@dataclass(frozen=True)
class Annotation:
    """The annotation of an image: its last one, since each replaces the one before.

    Attributes:
        cause: of the misclassification, the label or the model; empty where none was given.
        note: free text.
        tags: single words to find it by, in lower case.
    """

    cause: Cause = ""
    note: str = ""
    tags: tuple[str, ...] = ()

    def mentions(self, text: str) -> bool:
        """Whether note, tags or verdict contain a text, whatever its case."""
        words = [self.note, *self.tags, CAUSE_LABELS.get(self.cause, "")]
        return text.casefold() in " ".join(words).casefold()


class Annotations:
    """All annotations of a runs folder: one file, a line a change, an image's last line counts.

    Lines are only ever added, under a lock, so that two visitors lose nothing to each other.

    Args:
        root: the runs folder.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / SHARED_FOLDER / _FILE
        self._lock = threading.Lock()
        self._cached: tuple[tuple[int, int], _BySplit] = ((0, -1), {})

    def all(self, split: Split = "test") -> Mapping[int, Annotation]:
        """The annotation of each image that has one; lines that make no sense are skipped."""
        try:
            status = self._path.lstat()
            stamp = (status.st_mtime_ns, status.st_size)
            if self._cached[0] != stamp:
                self._cached = (stamp, _read(read_plain(self._path, _LARGEST_FILE)))
        except OSError:
            return {}
        return self._cached[1].get(split, {})

    def annotate(
        self, image_index: int, annotation: Annotation, split: Split = "test", *, by: Actor
    ) -> None:
        """Replace the annotation of an image.

        Args:
            image_index: in its split.
            annotation: the new one, whole; an empty one takes the old away.
            split: of the image.
            by: who asks.

        Raises:
            NotAllowed, TooMuch: who asks may not, or not so often.
            FmnistError: the note or a tag is too long, or the folder cannot be written.
        """
        note, tags = _normalised(annotation.note, annotation.tags)
        if len(note) > LONGEST_NOTE:
            raise FmnistError(f"A note has at most {LONGEST_NOTE} characters, not {len(note)}.")
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise FmnistError(
                f"A picture has at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters."
            )
        by.require("annotate")
        line = {
            "picture": f"{split}:{image_index}",
            "at": time.time(),
            "verdict": annotation.cause,
            "note": note,
            "tags": tags,
        }
        try:
            self._append(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        except NotPlain as error:
            raise FmnistError(
                f"The remark could not be kept: {_FILE}, where remarks are, is {error}."
            ) from error
        except OSError as error:
            raise FmnistError(
                f"The remark could not be kept: {os.strerror(error.errno or 0)}."
            ) from error

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        opened = os.fdopen(open_plain(self._path, flags), "a+b")
        with self._lock, opened as file, locked(self._path):
            size = file.seek(0, os.SEEK_END)
            if size + len(line) > _LARGEST_FILE:
                raise FmnistError("There are too many remarks for another one.")
            if size:
                file.seek(size - 1)
                # A line that a full disk cut off must not swallow the next one.
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def _normalised(note: str, tags: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A note without blanks around it, and tags in lower case without repeats."""
    texts = (one_line(tag).casefold() for tag in tags)
    return cleaned(note).strip(), tuple(dict.fromkeys(tag for tag in texts if tag))


def _read(content: bytes) -> _BySplit:
    by_split: _BySplit = {split: {} for split in SPLIT_SIZES}
    for line in content.split(b"\n"):
        try:
            entry = json.loads(line)
            split, index_text = entry["picture"].split(":")
            cause, note, tags = entry["verdict"], entry["note"], tuple(entry["tags"])
            image_index = int(index_text)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        valid = isinstance(note, str) and all(isinstance(tag, str) for tag in tags)
        valid = valid and len(note) <= LONGEST_NOTE and len(tags) <= MOST_TAGS
        valid = valid and all(len(tag) <= LONGEST_TAG for tag in tags)
        in_split = split in by_split and 0 <= image_index < SPLIT_SIZES[split]
        if in_split and cause in CAUSES and valid:
            by_split[split][image_index] = Annotation(cause, *_normalised(note, tags))
    return {
        split: {
            image_index: annotation
            for image_index, annotation in annotations.items()
            if annotation != Annotation()
        }
        for split, annotations in by_split.items()
    }


class CorrectedAccuracy(NamedTuple):
    """The test accuracy by the labels of the dataset, and by those that visitors corrected.

    Attributes:
        official: by the labels of the dataset.
        corrected: by the annotations.
        left_out: the number of images annotated as undecidable, which the second leaves out.
    """

    official: Interval
    corrected: Interval
    left_out: int


def corrected_accuracy(
    correct: NDArray[np.bool_], annotations: Mapping[int, Annotation]
) -> CorrectedAccuracy:
    """The accuracy of predictions against the labels as visitors corrected them.

    Where a label is annotated as wrong, a prediction that contradicts it counts as correct and one
    that repeats it does not; images annotated as undecidable are left out. All others count as
    ever.

    Args:
        correct: (n,) whether the prediction is the label.
        annotations: by the index of the image, of some of the images.
    """
    corrected, counted = correct.copy(), np.ones(len(correct), dtype=bool)
    for image_index, annotation in annotations.items():
        if annotation.cause == "label wrong":
            corrected[image_index] = not correct[image_index]
        elif annotation.cause == "cannot tell":
            counted[image_index] = False
    return CorrectedAccuracy(
        wilson_interval(int(correct.sum()), len(correct)),
        wilson_interval(int(corrected[counted].sum()), int(counted.sum())),
        int((~counted).sum()),
    )
