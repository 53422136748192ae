"""How sure, how well, and by how many: against scikit-learn and counts by hand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_fscore_support

from fmnist_core.analysis.calibration import (
    count_answered,
    coverage_curve,
    expected_calibration_error,
    reliability,
)
from fmnist_core.analysis.metrics import class_scores, confusion_matrix, share_text, wilson_interval
from fmnist_core.analysis.seeds import seed_agreement, shared_mistakes
from fmnist_core.figures.calibration import (
    confidence_histograms,
    coverage_chart,
    reliability_diagram,
)
from fmnist_core.figures.class_scores import class_scores_html
from fmnist_core.figures.seeds import shared_bars
from ui.mistakes.classes import confusion_sentence, weakest_class_sentence

RANDOM = np.random.default_rng(8)
CONFIDENCES = RANDOM.uniform(0.1, 1, 2_000).astype(np.float32)
CORRECT = RANDOM.random(2_000) < CONFIDENCES**2
NOTHING = np.zeros(0, np.float32), np.zeros(0, bool)


def test_bins_are_scikit_learns() -> None:
    table = reliability(CONFIDENCES, CORRECT)
    filled = table[table["images"] > 0]
    accuracy, confidence = calibration_curve(CORRECT, CONFIDENCES.astype(float), n_bins=10)
    assert filled["accuracy"].to_numpy() == pytest.approx(accuracy)
    assert filled["confidence"].to_numpy() == pytest.approx(confidence)
    assert table["images"].sum() == 2_000


def test_error_is_the_mean_gap_weighted_by_pictures() -> None:
    confidences = np.array([0.95, 0.95, 0.95, 0.55], np.float32)
    correct = np.array([True, True, False, False])
    error = expected_calibration_error(reliability(confidences, correct))
    assert error == pytest.approx((3 * abs(0.95 - 2 / 3) + 0.55) / 4)
    assert expected_calibration_error(reliability(*NOTHING)) == 0


def test_ends_of_the_scale_belong_to_the_outer_bins() -> None:
    table = reliability(np.array([0, 0.1, 1], np.float32), np.array([False, True, True]))
    assert table["images"].tolist()[0] + table["images"].tolist()[1] == 2
    assert table["images"].tolist()[-1] == 1
    low, high = wilson_interval(1, 1)[1:]
    assert table.iloc[-1][["accuracy_low", "accuracy_high"]].tolist() == [low, high]


def test_coverage_counts_answers_from_the_surest_on() -> None:
    confidences = np.array([0.9, 0.5, 0.7, 0.7], np.float32)
    correct = np.array([True, False, True, False])
    curve = coverage_curve(confidences, correct)
    assert curve.thresholds == pytest.approx([0.9, 0.7, 0.5])
    assert curve.coverages.tolist() == [0.25, 0.75, 1]
    assert curve.accuracies == pytest.approx([1, 2 / 3, 0.5])
    assert coverage_curve(*NOTHING).thresholds.size == 0


def test_the_threshold_agrees_with_the_curve() -> None:
    curve = coverage_curve(CONFIDENCES, CORRECT)
    for index in (0, 700, len(curve.thresholds) - 1):
        answered, correct = count_answered(CONFIDENCES, CORRECT, curve.thresholds[index])
        assert answered / 2_000 == curve.coverages[index]
        assert correct / answered == curve.accuracies[index]
    assert count_answered(CONFIDENCES, CORRECT, 1.1) == (0, 0)


def test_scores_of_classes_are_scikit_learns() -> None:
    labels = RANDOM.integers(0, 10, 800)
    predictions = np.where(RANDOM.random(800) < 0.7, labels, RANDOM.integers(0, 10, 800))
    table = class_scores(confusion_matrix(labels, predictions))
    precision, recall, f1, support = precision_recall_fscore_support(labels, predictions)
    assert table["precision"].to_numpy() == pytest.approx(precision)
    assert table["recall"].to_numpy() == pytest.approx(recall)
    assert table["f1"].to_numpy() == pytest.approx(f1)
    assert table["images"].tolist() == support.tolist()
    for name in ("precision", "recall", "f1"):
        assert (table[f"{name}_low"] < table[name]).all()
        assert (table[name] < table[f"{name}_high"]).all()
    true_positives = int(((labels == 3) & (predictions == 3)).sum())
    interval = wilson_interval(true_positives, int((labels == 3).sum()))
    assert table.loc[3, ["recall", "recall_low", "recall_high"]].tolist() == list(interval)


def test_class_without_pictures_and_perfect_class_have_scores() -> None:
    matrix = np.zeros((10, 10), np.int64)
    matrix[1, 1] = 50
    table = class_scores(matrix)
    assert table.loc[1, ["precision", "recall", "f1"]].tolist() == [1, 1, 1]
    shares = [f"{name}{end}" for name in ("precision", "recall", "f1") for end in ("", "_low")]
    assert table.loc[0, shares].isna().all()
    rows = ElementTree.fromstring(class_scores_html(table)).findall("tbody/tr")
    texts = [["".join(cell.itertext()) for cell in row] for row in rows]
    assert texts[0] == ["T-shirt/top", *["–"] * 3]
    # F1's interval is that of another share of the same 50 of 50.
    assert texts[1][:3] == ["Trouser", *["100.0 92.9–100.0"] * 2]


def test_the_table_of_scores_draws_values_and_intervals_where_they_are() -> None:
    matrix = np.zeros((10, 10), np.int64)
    matrix[6, 6], matrix[6, 0], matrix[0, 0] = 750, 250, 1000
    table = ElementTree.fromstring(class_scores_html(class_scores(matrix).iloc[[6, 0]]))
    shirts, _ = table.findall("tbody/tr")
    assert [row.get("data-class") for row in table.findall("tbody/tr")] == ["6", "0"]
    assert [button.text for button in table.iter("button")] == ["Shirt", "T-shirt/top"]
    _, precision, recall, _ = shirts
    low, high = 100 * np.array(wilson_interval(750, 1000)[1:])
    assert "".join(recall.itertext()) == f"75.0 {low:.1f}–{high:.1f}"
    assert [part.get("style") for part in recall.iter("i")] == [
        None,
        "width:75.00%",
        f"left:{low:.2f}%;width:{high - low:.2f}%",
    ]
    assert "".join(precision.itertext()).startswith("100.0 ")


def test_a_class_that_is_never_named_has_no_precision() -> None:
    matrix = np.zeros((10, 10), np.int64)
    matrix[6, 0], matrix[0, 0] = 40, 60
    row = class_scores(matrix).iloc[6]
    assert np.isnan(row["precision"])
    assert (row["recall"], row["f1"]) == (0, 0)
    said = "It is worst at shirts: it finds **0.0 %** of them, and never says Shirt."
    assert weakest_class_sentence(row) == said


@pytest.mark.parametrize(
    ("pictures", "of", "words"),
    [
        (167, 1000, "1 in 6"),
        (1, 1000, "1 in 1,000"),
        (500, 1000, "1 in 2"),
        (400, 1000, "2 in 5"),
        (333, 1000, "1 in 3"),
        (300, 1000, "3 in 10"),
        (230, 1000, "1 in 4"),
        (667, 1000, "most"),
        (501, 1000, "most"),
        (10, 10, "all"),
        (999, 1000, "almost all"),
        (2, 9, "1 in 5"),
        (0, 0, "–"),
    ],
)
def test_shares_in_words(pictures: int, of: int, words: str) -> None:
    assert share_text(pictures, of) == words


@given(st.integers(1, 1000))
def test_a_share_in_words_is_near_the_share(pictures: int) -> None:
    match = re.fullmatch(r"(\d+) in ([\d,]+)", share_text(pictures, 1000))
    if match:
        share = int(match[1]) / int(match[2].replace(",", ""))
        assert share == pytest.approx(pictures / 1000, rel=0.13)
    else:
        assert pictures > 500


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        (200, "1 in 5 shirts is mistaken for a coat"),
        (400, "2 in 5 shirts are mistaken for a coat"),
        (600, "Most shirts are mistaken for a coat"),
        (1000, "All shirts are mistaken for a coat"),
    ],
)
def test_pairs_in_words(pictures: int, words: str) -> None:
    assert confusion_sentence(6, 4, pictures, 1000) == words


def test_mistakes_are_counted_over_all_runs() -> None:
    labels = np.array([0, 1, 2, 3], np.uint8)
    predictions = np.array([0, 9, 9, 9], np.uint8)
    replicates = [np.array([0, 1, 9, 9], np.uint8), np.array([5, 1, 2, 8], np.uint8)]
    agreement = seed_agreement(labels, predictions, replicates)
    assert agreement.misclassified.tolist() == [1, 1, 2, 3]
    assert agreement.agreeing.tolist() == [2, 1, 2, 2]
    assert shared_mistakes(labels, predictions, agreement).tolist() == [1, 1, 1]
    alone = seed_agreement(labels, predictions, [])
    assert shared_mistakes(labels, predictions, alone).tolist() == [3]


def test_charts_show_the_numbers_they_are_given() -> None:
    table = reliability(CONFIDENCES, CORRECT)
    figure = reliability_diagram(table)
    assert sum(figure.data[1].customdata) == 2_000
    histograms = confidence_histograms(CONFIDENCES, CORRECT)
    for bars, count in zip(histograms.data, (CORRECT.sum(), (~CORRECT).sum()), strict=True):
        assert np.asarray(bars.customdata)[:, 0].sum() == count
        assert sum(bars.y) == pytest.approx(100)
    curve = coverage_curve(CONFIDENCES, CORRECT)
    line, point = coverage_chart(curve, 0.5).data
    answered, correct = count_answered(CONFIDENCES, CORRECT, 0.5)
    assert (line.x[-1], line.y[-1]) == pytest.approx((100, 100 * CORRECT.mean()))
    assert (point.x[0], point.y[0]) == pytest.approx((answered / 20, 100 * correct / answered))
    assert len(coverage_chart(curve, 1.1).data) == 1
    bars = shared_bars(np.array([3, 0, 2]), 3).data[0]
    assert (list(bars.x), list(bars.y)) == ([1, 2, 3], [3, 0, 2])


def test_charts_without_answers_say_so() -> None:
    for figure in (
        reliability_diagram(reliability(*NOTHING)),
        confidence_histograms(*NOTHING),
        coverage_chart(coverage_curve(*NOTHING), 0.5),
        shared_bars(np.zeros(3, np.int64), 1),
    ):
        assert not figure.data
        assert figure.layout.annotations
