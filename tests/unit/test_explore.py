"""What is measured on the pictures, against SciPy, scikit-learn and counts by hand."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.decomposition import PCA

from fmnist_core.analysis.image_statistics import (
    intensity_shares,
    lookalike_matrix,
    measure_images,
    moments,
    rank_share,
)
from fmnist_core.analysis.projection import (
    inside_polygon,
    principal_components,
    project,
    to_map_coordinates,
    tsne,
)
from fmnist_core.analysis.sorting import ORDERS, Order, sort_images
from fmnist_core.dataset import Dataset
from fmnist_core.export.tables import images_csv
from fmnist_core.figures.classes import difference_map, intensity_histogram, lookalike_bars
from fmnist_core.images import map_indices, sheet, sheet_columns, sheet_indices
from fmnist_core.interpret import features as features_module
from fmnist_core.interpret.features import compute_map
from ui.components.image_map import is_loop, loop_corners

RANDOM = np.random.default_rng(8)
IMAGES = RANDOM.integers(0, 256, (300, 28, 28)).astype(np.uint8) * RANDOM.integers(
    0, 2, (300, 28, 28), dtype=np.uint8
)
LABELS = RANDOM.integers(0, 9, 300).astype(np.uint8)


def test_moments_are_those_of_numpy_and_a_class_without_pictures_is_blank() -> None:
    result = moments(IMAGES, LABELS)
    for class_id in range(9):
        of_class = IMAGES[class_id == LABELS].astype(np.float64)
        assert result.counts[class_id] == len(of_class)
        np.testing.assert_allclose(result.means[class_id], of_class.mean(axis=0))
        np.testing.assert_allclose(result.deviations[class_id], of_class.std(axis=0), atol=1e-6)
    assert result.counts[9] == 0
    assert not result.means[9].any()
    assert not result.deviations[9].any()


def test_traits_are_what_their_names_say() -> None:
    means = moments(IMAGES, LABELS).means
    statistics = measure_images(IMAGES, LABELS, means)
    flat = IMAGES.reshape(300, -1).astype(np.float64)
    np.testing.assert_allclose(statistics.brightness, flat.mean(axis=1))
    assert statistics.foreground_pixels.tolist() == (flat > 0).sum(axis=1).tolist()
    gap = flat - means.reshape(10, -1)[LABELS]
    np.testing.assert_allclose(
        statistics.distance_to_mean, np.sqrt((gap**2).mean(axis=1)), rtol=1e-5
    )


def test_blank_pixels_have_a_place_of_their_own_among_the_intensities() -> None:
    images = np.array([[[0, 0, 0, 1], [16, 255, 255, 255]]], np.uint8)
    shares = intensity_shares(images)
    assert len(shares) == 17
    assert shares[0] == pytest.approx(3 / 8)
    assert shares[1] == pytest.approx(1 / 8)
    assert shares[2] == pytest.approx(1 / 8)
    assert shares[-1] == pytest.approx(3 / 8)
    assert not intensity_shares(images[:0]).any()


def test_a_rank_counts_those_beyond() -> None:
    assert rank_share(np.array([1.0, 2.0, 3.0, 4.0]), 3.0) == 0.25
    assert rank_share(np.zeros(0), 1.0) == 0.0


def test_components_are_those_of_scikit_learns_other_solver_with_a_fixed_sign() -> None:
    points = RANDOM.normal(size=(400, 12)) * np.arange(1, 13)
    basis = principal_components(points, 3)
    expected = PCA(3, svd_solver="full").fit(points)
    np.testing.assert_allclose(
        project(points, basis), expected.transform(points), rtol=0.01, atol=0.02
    )
    largest = np.abs(basis.directions).argmax(axis=0)
    assert (basis.directions[largest, np.arange(3)] > 0).all()


def test_there_are_no_more_components_than_points_or_dimensions() -> None:
    points = RANDOM.normal(size=(5, 3)).astype(np.float32)
    assert project(points, principal_components(points, 50)).shape == (5, 3)
    assert project(points, principal_components(points[:2], 50)).shape == (5, 2)


@pytest.mark.filterwarnings("error")
def test_equal_points_have_one_place() -> None:
    points = np.full((20, 4), 7, np.uint8)
    assert not project(points, principal_components(points, 2)).any()


def test_tsne_parts_what_lies_apart_and_tells_how_far_it_is() -> None:
    points = RANDOM.normal(size=(90, 6)).astype(np.float32)
    points[:45] += 30
    progress: list[float] = []
    embedding = tsne(points, progress.append)
    middle = embedding[:45].mean(axis=0) - embedding[45:].mean(axis=0)
    assert ((embedding[:45] @ middle).min()) > (embedding[45:] @ middle).max()
    assert len(progress) > 10
    assert progress == sorted(progress)
    assert progress[-1] <= 1


def test_tsne_of_equal_points_is_one_place() -> None:
    """A dead network gives such; scikit-learn ended the process by a segmentation fault."""
    assert not tsne(np.ones((90, 6), np.float32), lambda share: None).any()


def test_the_map_by_a_layer_of_one_neuron_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It once had one coordinate, and the page ended in an error."""
    values = RANDOM.normal(size=(10_000, 1)).astype(np.float16)
    monkeypatch.setattr(features_module, "features", lambda *_: {"features": values})
    places = compute_map(lambda share, words: None, "pca", "test", "/runs", "ab" * 16)["places"]
    assert places.shape == (10_000, 2)
    assert not places[:, 1].any()
    assert len(np.unique(to_map_coordinates(places)[:, 0])) > 1_000


def test_the_map_of_all_test_pictures_tells_what_it_does() -> None:
    messages: list[str] = []
    arrays = compute_map(lambda _share, words: messages.append(words), "pca", "test")
    assert arrays["places"].shape == (10_000, 2)
    assert messages


def test_the_map_of_training_pictures_is_a_sample_with_all_classes(data: Dataset) -> None:
    labels = np.asarray(data.train_labels)
    chosen = map_indices(labels)
    assert np.bincount(labels[chosen]).tolist() == [1_000] * 10
    assert chosen.tolist() == map_indices(labels).tolist()
    assert map_indices(np.asarray(data.test_labels)).tolist() == list(range(10_000))


def test_a_map_keeps_its_shape_on_the_screen_with_up_above() -> None:
    places = to_map_coordinates(np.array([[0, 0], [4, 0], [0, 2]], np.float32))
    assert places.tolist() == [[0, 49151], [65535, 49151], [0, 16384]]
    assert to_map_coordinates(np.zeros((1, 2), np.float32)).tolist() == [[32768, 32768]]
    assert to_map_coordinates(np.zeros((0, 2), np.float32)).shape == (0, 2)


def test_a_line_encircles_what_lies_inside_by_even_and_odd() -> None:
    points = np.array([[5, 5], [15, 5], [5, 15], [9, 9]], np.uint16)
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float64)
    assert inside_polygon(points, square).tolist() == [True, False, False, True]
    twice = np.concatenate([square, square])
    assert not inside_polygon(points, twice).any()
    assert not inside_polygon(points, square[:2]).any()
    assert not inside_polygon(points, square[:0]).any()


@pytest.mark.parametrize("text", ["a", "zzzz1", "ZZZZ", "zz-z", "é" * 4, "z" * 404])
def test_nonsense_for_a_line_is_no_line(text: str) -> None:
    assert not is_loop(text)


def test_a_line_in_the_address_has_its_corners_on_the_map() -> None:
    assert is_loop("00zz")
    assert loop_corners("00zz").tolist() == [[0, 65_535]]
    assert loop_corners("").shape == (0, 2)


def test_every_order_sorts_by_what_it_names_and_keeps_ties_by_number() -> None:
    means = moments(IMAGES, LABELS).means
    measured = measure_images(IMAGES, LABELS, means)
    knn_distance = RANDOM.random(300).astype(np.float32)
    gap = np.repeat(np.array([2, 1, 1], np.float32), 100)
    indices = np.arange(0, 300, 2)

    def sorted_by(order: Order) -> NDArray[np.int64]:
        return sort_images(indices, order, 5, measured, knn_distance, gap)

    for order in ORDERS:
        assert sorted(sorted_by(order).tolist()) == indices.tolist()
    assert sorted_by("number").tolist() == indices.tolist()
    assert sorted_by("shuffled").tolist() == sort_images(indices, "shuffled", 5).tolist()
    assert sorted_by("shuffled").tolist() != sort_images(indices, "shuffled", 6).tolist()
    assert (np.diff(measured.brightness[sorted_by("bright")]) <= 0).all()
    assert (np.diff(measured.brightness[sorted_by("dark")]) >= 0).all()
    assert (np.diff(measured.foreground_pixels[sorted_by("full")]) <= 0).all()
    assert (np.diff(measured.foreground_pixels[sorted_by("sparse")]) >= 0).all()
    assert (np.diff(measured.distance_to_mean[sorted_by("typical")]) >= 0).all()
    assert (np.diff(measured.distance_to_mean[sorted_by("odd")]) <= 0).all()
    assert (np.diff(knn_distance[sorted_by("crowded")]) >= 0).all()
    assert (np.diff(knn_distance[sorted_by("lonely")]) <= 0).all()
    assert sorted_by("twins").tolist() == [*range(100, 300, 2), *range(0, 100, 2)]


def test_an_order_that_lacks_its_measure_says_so() -> None:
    with pytest.raises(ValueError, match="twins"):
        sort_images(np.arange(3), "twins")


def test_a_sheet_holds_its_class_row_by_row(data: Dataset) -> None:

    numbers = sheet_indices(data, "test-1")
    assert numbers is not None
    assert (np.asarray(data.test_labels)[numbers] == 1).all()
    across_it = sheet_columns(len(numbers))
    drawn = sheet(data, "test-1")
    assert drawn is not None
    pixels = np.asarray(Image.open(io.BytesIO(drawn)))
    row, column = divmod(777, across_it)
    tile = pixels[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
    assert (tile == data.test_images[numbers[777]]).all()


@pytest.mark.parametrize("name", ["", "test", "test-10", "../etc/passwd", "train-map.png", "x-1"])
def test_a_sheet_of_another_name_does_not_exist(data: Dataset, name: str) -> None:
    assert sheet(data, name) is None


def test_lookalikes_are_counted_by_label() -> None:
    labels = np.array([0, 0, 3], np.uint8)
    matrix = lookalike_matrix(labels, np.array([1, 0, 1], np.int32), np.array([0, 3], np.uint8))
    assert (matrix[0, 3], matrix[0, 0], matrix[3, 3], matrix.sum()) == (1, 1, 1, 3)


def test_the_charts_show_the_numbers_they_are_given() -> None:
    first, second = np.zeros((28, 28)), np.full((28, 28), 40.0)
    figure = difference_map(first, second, ("Shirt", "Coat"))
    assert (np.asarray(figure.data[0].z) == -40).all()
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-40, 40)
    shares = np.array([0.5, 0.2, 0.3])
    assert list(intensity_histogram(shares, 3).data[0].y) == pytest.approx([20, 30])
    assert not intensity_histogram(np.zeros(17), 3).data
    matrix = 90 * np.eye(10, dtype=np.int64) + 1
    matrix[6] = [30, 0, 20, 0, 10, 0, 40, 0, 0, 0]
    bars = lookalike_bars(matrix)
    assert bars.data[0].y[-1] == "Shirt"
    assert [part.x[-1] for part in bars.data] == pytest.approx([40, 30, 30])
    assert bars.data[1].customdata[-1] == "T-shirt/top"
    assert not lookalike_bars(np.zeros((10, 10), np.int64)).data


def test_the_table_has_a_line_for_each_picture_in_its_order() -> None:
    measured = measure_images(IMAGES, LABELS, moments(IMAGES, LABELS).means)
    lines = images_csv("train", np.array([7, 2]), LABELS, measured).decode("utf-8-sig").splitlines()
    assert lines[0] == "split,number,class,label,brightness,pixels_not_blank,distance_to_class_mean"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["train", "7", str(LABELS[7])],
        ["train", "2", str(LABELS[2])],
    ]


def test_the_map_of_a_run_is_made_of_what_its_network_sees(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    network_features = RANDOM.normal(size=(10_000, 5)).astype(np.float16)
    requested: list[tuple[str, ...]] = []

    def features(report: Callable[[float, str], None], *arguments: str) -> dict[str, np.ndarray]:
        requested.append(arguments)
        report(0.5, "Looking")
        return {"features": network_features}

    monkeypatch.setattr(features_module, "features", features)
    progress: list[float] = []
    arrays = compute_map(
        lambda share, _words: progress.append(share), "pca", "test", "/runs", "ab" * 16
    )
    assert requested == [("/runs", "ab" * 16, "test")]
    assert progress == sorted(progress)
    np.testing.assert_allclose(
        arrays["places"], project(network_features, principal_components(network_features, 2))
    )
