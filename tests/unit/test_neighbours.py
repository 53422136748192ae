"""Nearest neighbours are those of all distances computed one by one, and of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from fmnist_core.analysis import neighbours
from fmnist_core.analysis.near_duplicates import mean_knn_distance
from fmnist_core.analysis.neighbours import (
    Neighbours,
    nearest_both_ways,
    nearest_images,
    nearest_neighbours,
    pixel_distances,
)

RANDOM = np.random.default_rng(4)
# Few values, so that many distances are equal.
COARSE = RANDOM.integers(0, 3, (333, 6)).astype(np.uint8)
FINE = RANDOM.normal(size=(300, 9)).astype(np.float16)
# The lengths are a million times the differences: all of them drown in a product in float32.
FAR = (RANDOM.normal(size=(300, 3)) / 100 + 100).astype(np.float32)


def one_by_one(
    queries: NDArray[Any], references: NDArray[Any], count: int, without_self: bool = False
) -> Neighbours:
    a, b = queries.astype(np.float64), references.astype(np.float64)
    squares = ((a[:, None] - b) ** 2).sum(axis=2)
    if without_self:
        np.fill_diagonal(squares, np.inf)
    indices = np.argsort(squares, axis=1, kind="stable")[:, :count]
    return Neighbours(indices, np.sqrt(np.take_along_axis(squares, indices, axis=1)))


def check(found: Neighbours, expected: Neighbours) -> None:
    assert found.indices.tolist() == expected.indices.tolist()
    np.testing.assert_allclose(found.distances, expected.distances, rtol=1e-12)


@pytest.mark.parametrize("rows", [COARSE, FINE, FAR], ids=["coarse", "fine", "far"])
@pytest.mark.parametrize("table", [1, 7, 50, 2_000])
def test_neighbours_are_those_of_all_distances_in_tables_of_any_size(
    table: int, rows: NDArray[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "_TABLE", table)
    check(nearest_neighbours(rows[:40], rows[20:], 12), one_by_one(rows[:40], rows[20:], 12))
    others = nearest_neighbours(rows[:40], rows, 5, excluded=np.arange(40))
    check(others, one_by_one(rows[:40], rows, 5, without_self=True))
    for found, (a, b) in zip(
        nearest_both_ways(rows[:40], rows[20:], 3),
        ((rows[:40], rows[20:]), (rows[20:], rows[:40])),
        strict=True,
    ):
        check(found, one_by_one(a, b, 3))


@pytest.mark.parametrize("rows", [COARSE, FINE, FAR], ids=["coarse", "fine", "far"])
def test_one_query_has_the_neighbours_that_it_has_among_several(rows: NDArray[Any]) -> None:
    several = nearest_neighbours(rows[:5], rows, 12)
    others = nearest_neighbours(rows[:5], rows, 12, excluded=np.arange(5))
    for query in range(5):
        one = nearest_neighbours(rows[[query]], rows, 12)
        check(one, Neighbours(several.indices[[query]], several.distances[[query]]))
        one = nearest_neighbours(rows[[query]], rows, 12, excluded=np.array([query]))
        check(one, Neighbours(others.indices[[query]], others.distances[[query]]))


def test_neighbours_among_many_rows_are_those_of_scikit_learn() -> None:
    rows = RANDOM.normal(size=(5_050, 8)).astype(np.float16)
    progress: list[float] = []
    nearest = nearest_neighbours(rows[:2_300], rows, 12, report=progress.append)
    exact = rows.astype(np.float64)
    distances, indices = NearestNeighbors(n_neighbors=12).fit(exact).kneighbors(exact[:2_300])
    assert np.allclose(nearest.distances, distances)
    assert (nearest.indices == indices).mean() > 0.999
    assert progress == sorted(progress)
    assert len(progress) == 6


def test_an_equal_row_has_distance_0_and_stands_by_its_index() -> None:
    rows = (RANDOM.normal(size=(300, 5)) + 100).astype(np.float16)
    rows[250] = rows[3]
    nearest = nearest_neighbours(rows[[3, 9]], rows, 4)
    assert nearest.indices[0, :2].tolist() == [3, 250]
    assert nearest.distances[0, :2].tolist() == [0, 0]


def test_thousands_of_equal_rows_are_not_compared_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network of dead units gives all pictures the same features."""
    compared = 0
    squared_distances = neighbours._squared_distances

    def counted(a: NDArray[Any], b: NDArray[Any], *pairs: NDArray[Any]) -> NDArray[np.float64]:
        nonlocal compared
        compared += len(pairs[0])
        return squared_distances(a, b, *pairs)

    monkeypatch.setattr(neighbours, "_squared_distances", counted)
    rows = np.zeros((5_000, 4), np.float16)
    nearest = nearest_neighbours(rows[:100], rows, 12)
    assert (nearest.indices == np.arange(12)).all()
    assert not nearest.distances.any()
    others = nearest_neighbours(rows[:100], rows, 12, excluded=np.arange(100))
    check(others, one_by_one(rows[:100], rows, 12, without_self=True))
    assert compared <= 2 * 100 * 3 * 13


def test_what_is_not_a_number_comes_last_and_has_an_index() -> None:
    rows = FINE[:30].astype(np.float32)
    rows[4] = np.nan
    nearest = nearest_neighbours(rows, rows, 30)
    assert (np.sort(nearest.indices, axis=1) == np.arange(30)).all()
    assert (nearest.indices[np.arange(30) != 4, -1] == 4).all()
    assert nearest.indices[4].tolist() == list(range(30))


def test_few_references_give_few_neighbours_and_none_give_none() -> None:
    assert nearest_neighbours(FINE[:1], FINE[:2], 12).indices.shape == (1, 2)
    assert nearest_neighbours(FINE[:3], FINE[:2], 12).indices.shape == (3, 2)
    assert nearest_neighbours(FINE[:3], FINE[:0], 12).indices.shape == (3, 0)
    assert nearest_neighbours(FINE[:0], FINE, 12).indices.shape == (0, 12)
    assert nearest_neighbours(FINE[:1], FINE[:1], 12, np.array([0])).indices.shape == (1, 0)
    assert nearest_images(np.zeros((1, 28, 28), np.uint8), np.zeros((0, 28, 28), np.uint8), 2)[
        0
    ].shape == (1, 0)


def test_nearest_images_are_scikit_learns_by_the_mean_difference_of_a_pixel() -> None:
    images = RANDOM.integers(0, 256, (7_000, 28, 28)).astype(np.uint8)
    queries = images[6_500:6_501] // 2
    nearest = nearest_images(queries, images, 8)
    search = NearestNeighbors(n_neighbors=8, algorithm="brute")
    search.fit(images.reshape(len(images), -1).astype(np.float64))
    distances, indices = search.kneighbors(queries.reshape(1, -1).astype(np.float64))
    assert nearest.indices.tolist() == indices.tolist()
    np.testing.assert_allclose(nearest.distances, distances / 28)
    whole = pixel_distances(queries[0], images)
    assert whole[nearest.indices[0]].tolist() == pytest.approx(nearest.distances[0].tolist())
    assert (np.argsort(whole, kind="stable")[:8] == nearest.indices[0]).all()


def test_the_nearest_across_the_split_is_scikit_learns_in_both_directions() -> None:
    few = RANDOM.integers(0, 256, (600, 784)).astype(np.uint8)
    many = RANDOM.integers(0, 256, (900, 784)).astype(np.uint8)
    many[17] = few[555]
    of_few, of_many = nearest_both_ways(few, many, 1)
    for queries, references, nearest in ((few, many, of_few), (many, few, of_many)):
        search = NearestNeighbors(n_neighbors=1).fit(references.astype(np.float64))
        distances, indices = search.kneighbors(queries)
        assert nearest.indices.tolist() == indices.tolist()
        np.testing.assert_allclose(nearest.distances, distances, atol=1e-6)
    assert (of_few.indices[555, 0], of_few.distances[555, 0]) == (17, 0)


def test_mean_knn_distance_is_to_the_nearest_others() -> None:
    points = RANDOM.normal(size=(700, 5)).astype(np.float32)
    distances, _ = NearestNeighbors(n_neighbors=5).fit(points).kneighbors(points)
    np.testing.assert_allclose(
        mean_knn_distance(points, 4), distances[:, 1:].mean(axis=1), rtol=1e-6
    )
    assert mean_knn_distance(points[:1], 4).tolist() == [0]
    assert mean_knn_distance(points[:0], 4).shape == (0,)
    assert mean_knn_distance(points[:3], 4).shape == (3,)
