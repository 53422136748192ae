"""Suspicious labels: confident learning by hand, and on labels that were made wrong on purpose."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from fmnist_core.analysis.label_errors import eligible_voters, find_label_errors, pool_votes
from fmnist_core.annotations import Annotation
from fmnist_core.export.tables import label_errors_csv


def shares(*rows: dict[int, float]) -> np.ndarray:
    """Probabilities (n, 10) from the few that are not 0."""
    probabilities = np.zeros((len(rows), 10), np.float32)
    for index, row in enumerate(rows):
        for class_id, share in row.items():
            probabilities[index, class_id] = share
    return probabilities


def test_the_best_and_those_close_behind_it_may_vote() -> None:
    assert eligible_voters({"a": 0.86, "b": 0.9, "c": 0.84, "d": 0.1}) == ["b", "a"]
    assert eligible_voters({"a": 0.86, "b": 0.9, "c": 0.8501}) == ["b", "a", "c"]
    assert eligible_voters({"a": 0.86, "b": 0.93, "c": 0.8}, reference=0.86) == ["b", "a"]
    assert eligible_voters({}) == []


def test_answers_are_put_together_for_each_picture_by_whoever_voted_on_it() -> None:
    first = np.array([0, 2]), shares({0: 0.8, 1: 0.2}, {3: 1.0})
    second = np.array([2]), shares({3: 0.4, 4: 0.6})
    votes = pool_votes(4, [first, second])
    assert votes.models.tolist() == [1, 0, 2, 0]
    assert votes.voted == 2
    assert votes.probabilities[2, [3, 4]] == pytest.approx([0.7, 0.3])
    assert (votes.votes[2, 3], votes.votes[2, 4], votes.votes.sum()) == (1, 1, 3)
    assert pool_votes(3, []).voted == 0


def test_a_class_counts_from_the_mean_that_its_own_pictures_have() -> None:
    """Class 0: mean 0.7 over its pictures; class 1: mean (0.9 + 0.5 + 0.1) / 3 = 0.5."""
    labels = np.array([0, 0, 1, 1, 1], np.uint8)
    probabilities = shares(
        {0: 0.9, 1: 0.1},
        {0: 0.5, 1: 0.5},
        {0: 0.1, 1: 0.9},
        {0: 0.5, 1: 0.5},
        {0: 0.9, 1: 0.1},
    )
    errors = find_label_errors(labels, pool_votes(5, [(np.arange(5), probabilities)]), agreement=0)
    # Picture 1 reaches 0.5 of class 1 but not 0.7 of its own class 0; picture 4 reaches 0.9.
    assert errors.indices.tolist() == [4, 1]
    assert errors.suggested.tolist() == [0, 1]
    # argmax names class 0 where two tie, so nobody votes for class 1 there.
    assert errors.agreeing.tolist() == [1, 0]
    agreed = find_label_errors(labels, pool_votes(5, [(np.arange(5), probabilities)]))
    assert agreed.indices.tolist() == [4]


def test_networks_that_disagree_suspect_nothing() -> None:
    labels = np.array([0, 0, 1, 2], np.uint8)
    first = shares({0: 1.0}, {1: 1.0}, {1: 0.6, 3: 0.4}, {2: 1.0})
    second = shares({0: 1.0}, {2: 1.0}, {1: 0.6, 3: 0.4}, {2: 1.0})
    both = [(np.arange(4), first), (np.arange(4), second)]
    assert find_label_errors(labels, pool_votes(4, both)).indices.tolist() == []
    assert find_label_errors(labels, pool_votes(4, [both[0]] * 3 + [both[1]])).indices.tolist() == [
        1
    ]


def test_no_votes_and_a_class_without_pictures_have_defined_results() -> None:
    assert find_label_errors(np.zeros(3, np.uint8), pool_votes(3, [])).indices.shape == (0,)
    # All say class 7, which no label names: without a threshold it is never counted.
    probabilities = shares(*[{7: 0.6, 0: 0.4}] * 3)
    errors = find_label_errors(
        np.zeros(3, np.uint8), pool_votes(3, [(np.arange(3), probabilities)])
    )
    assert errors.indices.tolist() == []


def test_labels_made_wrong_on_purpose_are_found_clearest_first() -> None:
    random = np.random.default_rng(8)
    truth = random.integers(0, 10, 4_000)
    labels = truth.astype(np.uint8)
    relabelled = random.choice(4_000, 200, replace=False)
    labels[relabelled] = (labels[relabelled] + random.integers(1, 10, 200)) % 10
    predictions = []
    for _ in range(3):
        logits = random.normal(0, 1, (4_000, 10))
        logits[np.arange(4_000), truth] += 5
        powers = np.exp(logits)
        predictions.append(
            (np.arange(4_000), (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32))
        )
    votes = pool_votes(4_000, predictions)
    errors = find_label_errors(labels, votes)
    hits = np.isin(errors.indices, relabelled)
    assert hits.mean() > 0.95
    assert hits.sum() > 150
    assert (errors.suggested[hits] == truth[errors.indices[hits]]).mean() > 0.98
    margin = (
        votes.probabilities[errors.indices, labels[errors.indices]]
        - votes.probabilities[errors.indices, errors.suggested]
    )
    assert (np.diff(margin) >= 0).all()


def test_the_table_says_what_the_networks_and_the_visitors_say() -> None:
    labels = np.array([6, 0, 0], np.uint8)
    probabilities = shares({0: 0.9, 6: 0.1}, {0: 0.8}, {0: 0.7, 6: 0.3})
    votes = pool_votes(3, [(np.arange(3), probabilities)])
    errors = find_label_errors(labels, votes)
    text = label_errors_csv("train", labels, votes, errors, {0: Annotation("label wrong", "a, b")})
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row == {
        "split": "train",
        "number": "0",
        "label": "Shirt",
        "suggested": "T-shirt/top",
        "p(label)": "0.1",
        "p(suggested)": "0.9",
        "networks": "1",
        "agreeing": "1",
        "verdict": "label wrong",
        "note": "a, b",
    }
