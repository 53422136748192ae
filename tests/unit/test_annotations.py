"""Remarks are kept whatever happens to the file, and change no official figure."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from typed import TEXTS

from fmnist_core.annotations import LONGEST_TAG, Annotation, Annotations, corrected_accuracy
from fmnist_core.dataset import Split
from fmnist_core.errors import FmnistError
from fmnist_core.export.tables import annotations_csv
from fmnist_core.permissions import Actor


def file_of(root: Path) -> Path:
    return root / ".shared" / "remarks.jsonl"


def test_the_last_word_counts_and_every_word_is_kept(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path)
    assert annotations.all() == {}
    annotations.annotate(
        17, Annotation("label wrong", " A shirt, really. ", ("Odd", "odd", "")), by=Actor.owner()
    )
    annotations.annotate(
        17, Annotation("model wrong", "No, it is a coat.", ("odd",)), by=Actor.owner()
    )
    annotations.annotate(3, Annotation(tags=("dark",)), by=Actor.owner())
    expected = {
        17: Annotation("model wrong", "No, it is a coat.", ("odd",)),
        3: Annotation(tags=("dark",)),
    }
    assert annotations.all() == expected
    assert Annotations(tmp_path).all() == expected
    lines = [json.loads(line) for line in file_of(tmp_path).read_text().splitlines()]
    assert [line["note"] for line in lines] == ["A shirt, really.", "No, it is a coat.", ""]


def test_what_is_taken_back_is_gone(tmp_path: Path) -> None:
    kept = Annotations(tmp_path)
    kept.annotate(17, Annotation("cannot tell"), by=Actor.owner())
    kept.annotate(17, Annotation(), by=Actor.owner())
    assert kept.all() == {}


def test_the_same_number_in_two_splits_is_two_pictures(tmp_path: Path) -> None:
    annotations = Annotations(tmp_path)
    annotations.annotate(17, Annotation("label wrong"), "train", by=Actor.owner())
    annotations.annotate(17, Annotation("model wrong"), by=Actor.owner())
    annotations.annotate(59_999, Annotation(note="the last"), "train", by=Actor.owner())
    assert annotations.all() == {17: Annotation("model wrong")}
    assert annotations.all("train") == {
        17: Annotation("label wrong"),
        59_999: Annotation(note="the last"),
    }


def test_what_is_said_is_kept_as_typed_without_what_is_hidden(tmp_path: Path) -> None:
    """Also where a file holds it that was written elsewhere."""
    annotations = Annotations(tmp_path)
    for image_index, text in enumerate(TEXTS):
        annotations.annotate(
            image_index, Annotation(note=text, tags=(text[:LONGEST_TAG],)), by=Actor.owner()
        )
    read = Annotations(tmp_path).all()
    assert [read[image_index].note for image_index in range(len(TEXTS))] == list(TEXTS)
    assert read[0].tags == (TEXTS[0][:LONGEST_TAG].strip().casefold(),)
    line = {"picture": "test:77", "verdict": "", "note": "\u202ea\x00\nb ", "tags": ["\u2066C\td "]}
    with file_of(tmp_path).open("a") as file:
        file.write(json.dumps(line) + "\n")
    assert Annotations(tmp_path).all()[77] == Annotation(note="a\nb", tags=("c d",))
    annotations.annotate(78, Annotation(note="\u202ea\ud800", tags=("\u202e",)), by=Actor.owner())
    assert Annotations(tmp_path).all()[78] == Annotation(note="a")


def test_another_process_is_heard(tmp_path: Path) -> None:
    mine, other = Annotations(tmp_path), Annotations(tmp_path)
    mine.annotate(1, Annotation(note="one"), by=Actor.owner())
    assert mine.all().keys() == {1}
    other.annotate(2, Annotation(note="two"), by=Actor.owner())
    assert mine.all().keys() == {1, 2}


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b'{"picture": "test:1"}',
        b"\xff\xfe",
        b"[" * 5_000,
        b'{"picture": "test:99999", "verdict": "", "note": "x", "tags": []}',
        b'{"picture": "test:1", "verdict": "guilty", "note": "x", "tags": []}',
        b'{"picture": "test:1", "verdict": "", "note": 5, "tags": []}',
        b'{"picture": "test:1", "verdict": [], "note": "", "tags": 3}',
        b'{"picture": 7, "verdict": "", "note": "", "tags": []}',
    ],
)
def test_lines_that_make_no_sense_are_skipped_and_swallow_nothing(
    tmp_path: Path, line: bytes
) -> None:
    kept = Annotations(tmp_path)
    kept.annotate(5, Annotation(note="before"), by=Actor.owner())
    with file_of(tmp_path).open("ab") as file:
        file.write(line)
    kept.annotate(6, Annotation(note="after"), by=Actor.owner())
    assert {number: one.note for number, one in kept.all().items()} == {
        5: "before",
        6: "after",
    }


def say_many(root: str, first: int) -> None:
    for number in range(first, first + 40):
        Annotations(Path(root)).annotate(number, Annotation(note="x" * 300), by=Actor.owner())


def test_two_processes_lose_nothing_to_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [
        context.Process(target=say_many, args=(str(tmp_path), first)) for first in (0, 100, 200)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert len(Annotations(tmp_path).all()) == 120


def test_what_is_too_long_is_refused_with_the_rule(tmp_path: Path) -> None:
    kept = Annotations(tmp_path)
    with pytest.raises(FmnistError, match="at most 500 characters, not 501"):
        kept.annotate(1, Annotation(note="x" * 501), by=Actor.owner())
    with pytest.raises(FmnistError, match="at most 8 tags"):
        kept.annotate(1, Annotation(tags=tuple(str(tag) for tag in range(9))), by=Actor.owner())
    assert kept.all() == {}


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / ".shared").write_text("no folder")
    with pytest.raises(FmnistError, match="could not be kept"):
        Annotations(tmp_path).annotate(1, Annotation(note="x"), by=Actor.owner())


def test_annotations_turn_single_answers_and_leave_the_official_figure() -> None:
    right = np.array([True, False, False, True, False])
    said = {
        1: Annotation("label wrong"),
        2: Annotation("cannot tell"),
        3: Annotation("label wrong"),
        4: Annotation("model wrong"),
    }
    result = corrected_accuracy(right, said)
    assert result.official.value == 2 / 5
    assert result.corrected.value == 2 / 4
    assert result.left_out == 1
    assert corrected_accuracy(right, {}).corrected == result.official


def test_annotations_are_found_by_any_word_and_taken_away_as_a_table() -> None:
    annotation = Annotation("label wrong", 'A "shirt",\nreally', ("odd", "dark"))
    assert all(annotation.mentions(text) for text in ("SHIRT", "odd", "label", ""))
    assert not annotation.mentions("coat")
    said: dict[Split, dict[int, Annotation]] = {
        "test": {17: annotation, 3: Annotation()},
        "train": {4711: Annotation("model wrong")},
    }
    rows = list(csv.DictReader(io.StringIO(annotations_csv(said).decode("utf-8-sig"))))
    assert [f"{row['split']}:{row['number']}" for row in rows] == [
        "test:3",
        "test:17",
        "train:4711",
    ]
    assert rows[1]["note"] == 'A "shirt",\nreally'
    assert rows[1]["tags"] == "odd dark"
