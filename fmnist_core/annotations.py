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
from fmnist_core.dataset import Split
from fmnist_core.errors import FmnistError
from fmnist_core.locks import locked
from fmnist_core.permissions import Actor
from fmnist_core.plain_files import MEBIBYTE, NotPlain, open_plain, read_plain
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.text import cleaned, one_line

Cause = Literal["", "label wrong", "model wrong", "cannot tell"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
LONGEST_NOTE = 500
MOST_TAGS = 8
LONGEST_TAG = 30
_FILE = "remarks.jsonl"
_LARGEST_FILE = 32 * MEBIBYTE
_PICTURES: dict[Split, int] = {"train": 60_000, "test": 10_000}
_Known = dict[Split, dict[int, "Annotation"]]


@dataclass(frozen=True)
class Annotation:
    """What is said about an image now.

    Attributes:
        cause: whose fault its mistake is; empty where nobody has said.
        note: free text.
        tags: single words to find it by, in lower case.
    """

    cause: Cause = ""
    note: str = ""
    tags: tuple[str, ...] = ()

    def mentions(self, text: str) -> bool:
        """Whether note, tags or cause contain a text, whatever its case."""
        return text.casefold() in " ".join([self.note, *self.tags, self.cause]).casefold()


class Annotations:
    """All annotations of a runs folder: one file, a line a change, an image's last line counts.

    Lines are only ever added, under a lock, so that two visitors lose nothing to each other.

    Args:
        root: the runs folder.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / SHARED_FOLDER / _FILE
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, int], _Known] = ((0, -1), {})

    def all(self, split: Split = "test") -> Mapping[int, Annotation]:
        """The annotation of each image that has one; lines that make no sense are skipped."""
        try:
            status = self._path.lstat()
            stamp = (status.st_mtime_ns, status.st_size)
            if self._known[0] != stamp:
                self._known = (stamp, _read(read_plain(self._path, _LARGEST_FILE)))
        except OSError:
            return {}
        return self._known[1].get(split, {})

    def say(
        self, picture: int, annotation: Annotation, split: Split = "test", *, by: Actor
    ) -> None:
        """Replace the annotation of an image.

        Raises:
            NotAllowed, TooMuch: who asks may not, or not so often.
            FmnistError: the note or a tag is too long, or the folder cannot be written.
        """
        note, tags = _as_kept(annotation.note, annotation.tags)
        if len(note) > LONGEST_NOTE:
            raise FmnistError(f"A note has at most {LONGEST_NOTE} characters, not {len(note)}.")
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise FmnistError(
                f"A picture has at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters."
            )
        by.may("annotate")
        line = {
            "picture": f"{split}:{picture}",
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


def _as_kept(note: str, tags: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A note without blanks around it; each tag once, in lower case."""
    words = (one_line(tag).casefold() for tag in tags)
    return cleaned(note).strip(), tuple(dict.fromkeys(word for word in words if word))


def _read(content: bytes) -> _Known:
    found: _Known = {split: {} for split in _PICTURES}
    for line in content.split(b"\n"):
        try:
            said = json.loads(line)
            split, number = said["picture"].split(":")
            cause, note, tags = said["verdict"], said["note"], tuple(said["tags"])
            picture = int(number)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        texts = isinstance(note, str) and all(isinstance(tag, str) for tag in tags)
        texts = texts and len(note) <= LONGEST_NOTE and len(tags) <= MOST_TAGS
        texts = texts and all(len(tag) <= LONGEST_TAG for tag in tags)
        known = split in found and 0 <= picture < _PICTURES[split]
        if known and cause in CAUSES and texts:
            found[split][picture] = Annotation(cause, *_as_kept(note, tags))
    return {
        split: {
            picture: annotation
            for picture, annotation in said.items()
            if annotation != Annotation()
        }
        for split, said in found.items()
    }


class Rejudged(NamedTuple):
    """An accuracy beside the official one.

    Attributes:
        official: by the labels of the dataset.
        rejudged: by the annotations.
        left_out: pictures of which nobody can tell.
    """

    official: Interval
    rejudged: Interval
    left_out: int


def rejudge(right: NDArray[np.bool_], annotations: Mapping[int, Annotation]) -> Rejudged:
    """Accuracy on the labels as visitors corrected them.

    Where the label is wrong, who contradicts it counts as right and who repeats it as wrong;
    pictures of which nobody can tell are left out. All other pictures count as ever.

    Args:
        right: (n,) whether the prediction is the label.
        annotations: of some of the images.
    """
    corrected, counted = right.copy(), np.ones(len(right), dtype=bool)
    for picture, annotation in annotations.items():
        if annotation.cause == "label wrong":
            corrected[picture] = not right[picture]
        elif annotation.cause == "cannot tell":
            counted[picture] = False
    return Rejudged(
        wilson_interval(int(right.sum()), len(right)),
        wilson_interval(int(corrected[counted].sum()), int(counted.sum())),
        int((~counted).sum()),
    )
