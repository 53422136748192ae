"""The mistake that Overview begins with."""

from __future__ import annotations

import numpy as np

from fmnist_core.analysis.telling_mistake import (
    TellingMistake,
    most_confident_mistake,
    telling_mistake,
)

# Three shirts are taken for T-shirts, one coat for a pullover, one bag is a bag.
LABELS = [6, 6, 4, 8, 6]
PREDICTIONS = [0, 0, 2, 8, 0]


def pick(
    confidences: list[float], suspicious: list[int], predictions: list[int] = PREDICTIONS
) -> TellingMistake | None:
    return telling_mistake(LABELS, predictions, confidences, suspicious)


def test_it_is_the_most_confident_one_of_the_most_frequent_confusion() -> None:
    mistake = pick([0.85, 0.97, 0.999, 1.0, 0.9], [])
    assert mistake == TellingMistake(1, 6, 0, 0.97, 3, suspicious=False)


def test_a_suspicious_label_is_passed_over_for_a_mistake_that_is_confident_too() -> None:
    assert pick([0.85, 0.97, 0.999, 1.0, 0.7], [1]) == TellingMistake(0, 6, 0, 0.85, 3, False)


def test_a_mistake_of_low_confidence_does_not_replace_a_suspicious_one() -> None:
    """A single network contradicts every label that it is confidently wrong about."""
    assert pick([0.55, 0.97, 0.999, 1.0, 0.7], [1]) == TellingMistake(1, 6, 0, 0.97, 3, True)


def test_where_all_are_suspicious_it_says_so() -> None:
    mistake = pick([0.85, 0.97, 0.99, 1.0, 0.9], [0, 1, 2, 4])
    assert mistake == TellingMistake(1, 6, 0, 0.97, 3, suspicious=True)


def test_without_a_confident_mistake_it_is_still_the_most_confident_one() -> None:
    assert pick([0.4, 0.5, 0.9, 1.0, 0.6], []) == TellingMistake(4, 6, 0, 0.6, 3, False)


def test_of_equals_the_first_is_picked() -> None:
    """The same run shows the same picture at every visit."""
    assert pick([0.9] * 5, []) == TellingMistake(0, 6, 0, 0.9, 3, suspicious=False)
    # As many coats for pullovers as shirts for T-shirts.
    one_of_each = pick([0.9] * 5, [], [6, 6, 2, 8, 0])
    assert one_of_each is not None
    assert (one_of_each.truth, one_of_each.predicted) == (4, 2)


def test_a_network_without_a_mistake_has_none() -> None:
    assert pick([0.9] * 5, [], LABELS) is None
    assert telling_mistake([], [], [], []) is None


def test_it_takes_arrays_as_a_run_has_them() -> None:
    mistake = telling_mistake(
        np.array(LABELS, np.uint8),
        np.array(PREDICTIONS, np.uint8),
        np.array([0.85, 0.97, 0.999, 1.0, 0.9], np.float32),
        np.array([], np.int64),
    )
    assert mistake is not None
    assert (mistake.image_index, round(mistake.confidence, 4)) == (1, 0.97)


def test_the_most_confident_one_of_any_confusion() -> None:
    confidences = [200, 251, 180, 255, 190]
    assert most_confident_mistake(LABELS, PREDICTIONS, confidences, 6, 0) == 1
    assert most_confident_mistake(LABELS, PREDICTIONS, confidences, 4, 2) == 2
