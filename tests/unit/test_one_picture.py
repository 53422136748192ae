"""A picture's biography, against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fmnist_core.analysis.learning_dynamics import ImageHistory, image_history
from fmnist_core.figures.image_history import probability_history

RANDOM = np.random.default_rng(4)


def story_of(*predictions: int) -> ImageHistory:
    shares = np.zeros((len(predictions), 10), np.uint8)
    shares[np.arange(len(predictions)), list(predictions)] = 204
    shares[:, 9] += 51
    return image_history(3, np.array(predictions, np.uint8), shares)


def test_learned_and_forgotten_are_dated_by_the_epoch_they_show_after() -> None:
    story = story_of(0, 3, 3, 1, 3)
    assert story.learned.tolist() == [2, 5]
    assert story.forgotten.tolist() == [4]
    assert story.probabilities[1, 3] == pytest.approx(0.8)


def test_a_picture_right_from_the_start_was_learned_in_the_first_epoch() -> None:
    assert story_of(3, 3).learned.tolist() == [1]
    never = story_of(1, 2)
    assert (never.learned.size, never.forgotten.size) == (0, 0)


def test_curves_leave_out_classes_that_never_counted_but_never_the_label() -> None:
    figure = probability_history(story_of(0, 0, 1), 3, epoch=2)
    assert [line.name for line in figure.data] == [
        "T-shirt/top",
        "Trouser",
        "Dress (label)",
        "Ankle boot",
    ]
    assert list(figure.data[0].y) == pytest.approx([80, 80, 0])
    assert figure.layout.shapes[0].x0 == 2


def test_marks_stand_on_the_labels_curve() -> None:
    figure = probability_history(story_of(0, 3, 1), 3)
    marks = {line.name: line for line in figure.data if line.name in ("Learned", "Forgotten")}
    assert list(marks["Learned"].x) == [2]
    assert list(marks["Learned"].y) == pytest.approx([80])
    assert list(marks["Forgotten"].x) == [3]
    assert list(marks["Forgotten"].y) == pytest.approx([0])


def test_a_run_of_one_epoch_and_of_none_have_a_chart() -> None:
    assert probability_history(story_of(3), 3, epoch=1).data
    nothing = image_history(3, np.zeros(0, np.uint8), np.zeros((0, 10), np.uint8))
    assert not probability_history(nothing, 3).data
