"""Evaluation, mistakes, augmentation: numbers against scikit-learn, SciPy and hand counts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix as sklearn_matrix

from fmnist_core.analysis.learning_dynamics import epoch_changes
from fmnist_core.analysis.metrics import (
    accuracy_interval,
    accuracy_text,
    confusion_matrix,
    most_confused,
    percent_text,
    row_shares,
    wilson_interval,
    worst_classes,
)
from fmnist_core.images import sprite
from fmnist_core.training.augmentation import augment, shift_images

RANDOM = np.random.default_rng(3)
LABELS = RANDOM.integers(0, 10, 500).astype(np.uint8)
PROBABILITIES = RANDOM.dirichlet(np.ones(10), 500).astype(np.float32)


def test_matrix_equals_scikit_learns_and_keeps_absent_classes() -> None:
    predictions = PROBABILITIES.argmax(axis=1)
    assert (confusion_matrix(LABELS, predictions) == sklearn_matrix(LABELS, predictions)).all()
    lonely = confusion_matrix([3], [4])
    assert lonely.shape == (10, 10)
    assert (lonely.sum(), lonely[3, 4]) == (1, 1)
    assert not np.isnan(row_shares(lonely)).any()


def test_interval_is_wilsons() -> None:
    # Brown, Cai and DasGupta (2001) define it; worked by hand for 8 of 10, z = 1.959964.
    z, right, count = 1.959963985, 8, 10
    middle = (right + z * z / 2) / (count + z * z)
    half = z / (count + z * z) * np.sqrt(right * (count - right) / count + z * z / 4)
    interval = wilson_interval(right, count)
    assert interval == pytest.approx((0.8, middle - half, middle + half), abs=1e-6)
    assert wilson_interval(0, 0) == (0, 0, 1)
    assert wilson_interval(5, 5).high == pytest.approx(1)
    interval = accuracy_interval(0.9, 10_000)
    assert interval.margin == pytest.approx(0.9 - interval.low)
    assert interval.margin == pytest.approx(0.00603, abs=1e-5)
    assert not interval.lopsided


@pytest.mark.parametrize(
    ("share", "count", "text"),
    [
        (0.871, 10_000, "87.1 % ± 0.7"),
        (0.9995, 10_000, "100.0 % (99.9 to 100.0)"),
        (1.0, 20, "100.0 % (83.9 to 100.0)"),
        (0.5, 4, "50.0 % ± 35.0"),
        (0.0, 10_000, "0.0 % (0.0 to 0.0)"),
    ],
)
def test_an_interval_that_is_lopsided_shows_both_its_ends(
    share: float, count: int, text: str
) -> None:
    assert accuracy_text(share, count) == text


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.9225, 1, "92.3"),
        (0.9135, 1, "91.4"),
        (0.92245, 2, "92.25"),
        (0.92244, 1, "92.2"),
        (0.005, 0, "1"),
        (1.0, 1, "100.0"),
        (0.0, 1, "0.0"),
        (float("nan"), 1, "–"),
    ],
)
def test_halves_go_up_and_a_share_of_nothing_is_a_dash(
    share: float, digits: int, text: str
) -> None:
    assert percent_text(share, digits) == text


def test_every_share_of_the_test_images_is_rounded_as_at_school() -> None:
    for correct in range(10_001):
        whole, tenths = divmod((correct + 5) // 10, 10)
        assert percent_text(correct / 10_000) == f"{whole}.{tenths}"


def test_a_share_may_be_of_numpy() -> None:
    assert percent_text(np.float64(0.9225)) == "92.3"


def test_an_accuracy_that_was_not_measured_says_so_and_one_of_no_images_is_a_dash() -> None:
    assert accuracy_text(None) == "not measured"
    assert accuracy_text(0.0, 0) == "–"


def test_most_confused_cells_come_first_and_leave_the_diagonal_out() -> None:
    matrix = np.diag(np.full(10, 90))
    matrix[6, 0], matrix[2, 4] = 7, 9
    table = most_confused(matrix, 5)
    assert table.to_dict("list") == {
        "truth": [2, 6],
        "predicted": [4, 0],
        "images": [9, 7],
        "total": [99, 97],
    }
    assert most_confused(np.diag(np.arange(10)), 3).empty


def test_of_equally_frequent_confusions_the_one_of_the_lower_classes_comes_first() -> None:
    """Overview named the first of them once, and Mistakes the last."""
    matrix = np.zeros((10, 10), np.int64)
    matrix[2, 4] = matrix[6, 0] = 7
    assert [*most_confused(matrix, 2)["truth"]] == [2, 6]


def test_move_shifts_whole_pixels_and_blanks_what_comes_in() -> None:
    images = np.arange(1, 10, dtype=np.uint8).reshape(1, 3, 3)
    assert shift_images(images, 1, 0)[0].tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]
    assert shift_images(images, 0, -1)[0].tolist() == [[2, 3, 0], [5, 6, 0], [8, 9, 0]]
    assert (shift_images(images, 0, 0) == images).all()


def test_augmentation_moves_and_mirrors_within_its_limits_and_leaves_the_original() -> None:
    images = RANDOM.integers(0, 256, (200, 28, 28)).astype(np.uint8)
    before = images.copy()
    changed = augment(images, 2, True, np.random.default_rng(1))
    assert (images == before).all()
    allowed = {
        shift_images(picture[None, :, ::step], down, right).tobytes()
        for picture in images
        for step in (1, -1)
        for down in range(-2, 3)
        for right in range(-2, 3)
    }
    assert {picture[None].tobytes() for picture in changed} <= allowed
    mirrored = augment(images, 0, True, np.random.default_rng(1))
    share = np.mean(
        [(new == old[:, ::-1]).all() for new, old in zip(mirrored, images, strict=True)]
    )
    assert 0.4 < share < 0.6
    again = augment(images, 2, True, np.random.default_rng(1))
    assert (changed == again).all()
    assert (augment(images, 0, False, np.random.default_rng(1)) == images).all()


def test_sprite_holds_each_picture_at_its_place() -> None:
    from io import BytesIO

    from PIL import Image

    images = RANDOM.integers(0, 256, (7, 28, 28)).astype(np.uint8)
    sheet = np.asarray(Image.open(BytesIO(sprite(images, 3))))
    assert sheet.shape == (84, 84)
    assert (sheet[28:56, 56:84] == images[5]).all()
    assert (sheet[56:84, 28:] == 0).all()
    inverted = np.asarray(Image.open(BytesIO(sprite(images, 3, invert=True))))
    assert (inverted == 255 - sheet).all()
    assert Image.open(BytesIO(sprite(images[:0], 4))).size == (112, 28)


class TestWhatAnEpochTaught:
    labels = np.array([0, 1, 2, 3], np.uint8)

    def answers(
        self, *classes: int, confidence: tuple[int, ...] = (200,) * 4
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        probabilities = np.zeros((4, 10), np.uint8)
        probabilities[np.arange(4), classes] = confidence
        return probabilities, np.array(classes, np.uint8)

    def test_learned_and_forgotten_are_told_apart(self) -> None:
        before, was = self.answers(0, 0, 2, 0)
        after, now = self.answers(0, 1, 0, 0)
        learned, forgotten = epoch_changes(self.labels, before, after, was, now)
        assert (learned.tolist(), forgotten.tolist()) == ([1], [2])

    def test_clearest_change_comes_first(self) -> None:
        before, was = self.answers(9, 9, 2, 3, confidence=(200, 200, 100, 250))
        after, now = self.answers(0, 1, 9, 9, confidence=(120, 240, 200, 200))
        learned, forgotten = epoch_changes(self.labels, before, after, was, now)
        assert (learned.tolist(), forgotten.tolist()) == ([1, 0], [3, 2])

    def test_in_the_first_epoch_all_that_is_right_was_learned(self) -> None:
        after, now = self.answers(0, 9, 2, 3, confidence=(100, 250, 200, 150))
        learned, forgotten = epoch_changes(self.labels, None, after, None, now)
        assert (learned.tolist(), forgotten.tolist()) == ([2, 3, 0], [])


class TestWorstClasses:
    def test_worst_comes_first_with_what_it_is_mistaken_for(self) -> None:
        matrix = np.diag(np.full(10, 9)).astype(np.int64)
        matrix[6] = [3, 0, 1, 0, 0, 0, 5, 0, 0, 0]
        matrix[4, 2] = 1
        table = worst_classes(matrix, 3)
        assert table["truth"].tolist() == [6, 4, 0]
        assert table["mistaken_for"].tolist() == [0, 2, -1]
        assert (table["correct"] / table["total"]).tolist() == pytest.approx([5 / 9, 0.9, 1])

    def test_class_without_pictures_is_left_out(self) -> None:
        matrix = np.zeros((10, 10), np.int64)
        matrix[3, 3] = 1
        assert worst_classes(matrix, 3)["truth"].tolist() == [3]
