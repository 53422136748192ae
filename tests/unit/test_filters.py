"""Which pictures are chosen and in which order they stand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix as sklearn_matrix

from fmnist_core.analysis.filters import (
    Correctness,
    ImageFilter,
    Selection,
    filter_images,
    margins,
    sort_images,
)
from fmnist_core.analysis.learning_dynamics import forgetting_events, matrices_by_epoch
from fmnist_core.analysis.metrics import confusion_matrix, similar_order
from fmnist_core.export.tables import predictions_csv

RANDOM = np.random.default_rng(3)
LABELS = RANDOM.integers(0, 10, 500).astype(np.uint8)
PROBABILITIES = RANDOM.dirichlet(np.ones(10), 500).astype(np.float32)
PREDICTIONS = PROBABILITIES.argmax(axis=1).astype(np.uint8)
MATRIX = confusion_matrix(LABELS, PREDICTIONS)


def indices_of(
    truth: int | None = None,
    predicted: int | None = None,
    cells: tuple[tuple[int, int], ...] = (),
    correctness: Correctness = "both",
    low: int = 0,
    high: int = 100,
) -> NDArray[np.int64]:
    criteria = ImageFilter(Selection(truth, predicted, cells), correctness, low, high)
    return filter_images(LABELS, PREDICTIONS, PROBABILITIES, criteria)


def test_every_cell_holds_as_many_pictures_as_the_matrix_says() -> None:
    for truth in range(10):
        for predicted in range(10):
            indices = indices_of(truth, predicted)
            assert len(indices) == MATRIX[truth, predicted]
            assert (LABELS[indices] == truth).all()
            assert (PREDICTIONS[indices] == predicted).all()
    assert len(indices_of(correctness="wrong")) == MATRIX.sum() - np.trace(MATRIX)
    assert len(indices_of(correctness="right")) == np.trace(MATRIX)
    assert len(indices_of(3)) == MATRIX[3].sum()
    assert len(indices_of(None, 3)) == MATRIX[:, 3].sum()
    assert len(indices_of(3, correctness="wrong")) == MATRIX[3].sum() - MATRIX[3, 3]


def test_several_cells_hold_the_sum_of_theirs() -> None:
    cells = ((6, 0), (0, 6), (2, 2))
    indices = indices_of(None, None, cells)
    assert len(indices) == sum(MATRIX[cell] for cell in cells)
    assert set(zip(LABELS[indices], PREDICTIONS[indices], strict=True)) <= set(cells)


def test_only_a_selection_of_something_is_one() -> None:
    assert not Selection()
    assert Selection(0)
    assert Selection(cells=((6, 0), (0, 6)))


def test_confidences_at_both_ends_of_the_range_pass() -> None:
    probabilities = np.zeros((3, 10), np.float32)
    probabilities[:, 0] = [0.25, 0.5, 0.75]
    labels = np.zeros(3, np.uint8)
    criteria = ImageFilter(correctness="both", low=25, high=50)
    assert filter_images(labels, labels, probabilities, criteria).tolist() == [0, 1]


def test_most_confident_picture_comes_first_and_ties_keep_their_order() -> None:
    indices = sort_images(indices_of(correctness="wrong"), LABELS, PROBABILITIES, "confidence")
    assert (np.diff(PROBABILITIES[indices].max(axis=1)) <= 0).all()
    same = np.tile(np.eye(10, dtype=np.float32)[1], (5, 1))
    labels = np.zeros(5, np.uint8)
    assert sort_images(np.arange(5), labels, same, "confidence").tolist() == [0, 1, 2, 3, 4]


def test_each_order_puts_its_own_first() -> None:
    labels = np.array([0, 0, 1], np.uint8)
    probabilities = np.array([[0.3, 0.7], [0.05, 0.6], [0.1, 0.9]], np.float32)
    probabilities = np.pad(probabilities, ((0, 0), (0, 8)))
    indices = np.arange(3)
    assert sort_images(indices, labels, probabilities, "confidence").tolist() == [2, 0, 1]
    assert sort_images(indices, labels, probabilities, "loss").tolist() == [1, 0, 2]
    assert sort_images(indices, labels, probabilities, "margin").tolist() == [2, 1, 0]
    assert margins(labels, probabilities.astype(float)) == pytest.approx([0.4, 0.55, 0.8])
    forgotten = np.array([1, 0, 2])
    assert sort_images(indices, labels, probabilities, "forgotten", forgotten).tolist() == [2, 0, 1]
    assert sort_images(indices, labels, probabilities, "number").tolist() == [0, 1, 2]
    assert sort_images(indices[:0], labels, probabilities, "loss").size == 0


def test_forgotten_is_right_once_and_wrong_next() -> None:
    labels = np.array([1, 1, 1, 1], np.uint8)
    by_epoch = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0], [0, 1, 1, 0]], np.uint8)
    assert forgetting_events(labels, by_epoch).tolist() == [2, 1, 0, 0]
    assert forgetting_events(labels, by_epoch[:1]).tolist() == [0, 0, 0, 0]


def test_the_matrix_of_each_epoch_is_scikit_learns() -> None:
    by_epoch = RANDOM.integers(0, 10, (3, 500)).astype(np.uint8)
    matrices = matrices_by_epoch(LABELS, by_epoch)
    for epoch in range(3):
        assert (matrices[epoch] == sklearn_matrix(LABELS, by_epoch[epoch])).all()
    lonely = matrices_by_epoch(np.array([3], np.uint8), np.array([[4]], np.uint8))
    assert (lonely.shape, lonely.sum(), lonely[0, 3, 4]) == ((1, 10, 10), 1, 1)
    assert matrices_by_epoch(LABELS, by_epoch[:0]).shape == (0, 10, 10)


def test_classes_taken_for_each_other_stand_together() -> None:
    matrix = np.diag(np.full(10, 90)).astype(np.int64)
    for a, b in ((0, 6), (6, 3), (5, 9), (9, 7)):
        matrix[a, b] = matrix[b, a] = 8
    order = similar_order(matrix).tolist()
    assert sorted(order) == list(range(10))
    for group in ({0, 6, 3}, {5, 9, 7}):
        places = sorted(order.index(member) for member in group)
        assert places[-1] - places[0] == 2
    assert abs(order.index(0) - order.index(3)) == 2, "the one in the middle is like both"
    assert similar_order(np.diag(np.arange(10))).tolist() == list(range(10))
    assert sorted(similar_order(np.zeros((10, 10), np.int64))) == list(range(10))


def test_the_table_holds_the_pictures_in_the_order_of_the_wall() -> None:
    import io

    import pandas as pd

    indices = np.array([7, 2])
    table = pd.read_csv(io.BytesIO(predictions_csv(indices, LABELS, PREDICTIONS, PROBABILITIES)))
    assert table["number"].tolist() == [7, 2]
    assert table["confidence"].to_numpy() == pytest.approx(
        PROBABILITIES[indices].max(axis=1), abs=1e-6
    )
    shares = table.filter(like="p(").to_numpy()
    assert shares == pytest.approx(PROBABILITIES[indices], abs=1e-6)
    assert (
        len(
            pd.read_csv(
                io.BytesIO(predictions_csv(indices[:0], LABELS, PREDICTIONS, PROBABILITIES))
            )
        )
        == 0
    )


def test_the_wall_is_ordered_by_distance_from_a_picture_and_by_number_where_that_is_equal() -> None:
    indices, labels = np.array([1, 2, 4]), np.zeros(5, np.uint8)
    distances = np.array([0.0, 7.0, 3.0, 1.0, 7.0])
    ordered = sort_images(
        indices, labels, np.ones((5, 10), np.float32), "similar", distances=distances
    )
    assert ordered.tolist() == [2, 1, 4]
