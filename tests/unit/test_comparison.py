"""The comparison of runs against SciPy, statsmodels and numbers worked out by hand."""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import t
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from fmnist_core.analysis.comparison import (
    Member,
    all_pairs,
    class_agreement,
    ensemble,
    forward_selection,
    holm,
    mcnemar,
    paired,
    pareto_front,
    seed_groups,
    smoothed,
    welch,
)
from fmnist_core.analysis.metrics import wilson_interval
from fmnist_core.presets import PRESETS
from fmnist_core.runs.identity import Identity
from ui.compare.pair import mcnemar_sentence
from ui.formatting import p_text


def seeded(seed: int, preset: str = "Simple network", fold: int = 0) -> Identity:
    changes = {"seed": seed, "validation_fold": fold}
    spec = PRESETS[preset]
    return Identity(spec.model_copy(update={"training": spec.training.model_copy(update=changes)}))


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_agrees_with_statsmodels(a: int, b: int) -> None:
    expected = reference_mcnemar([[7, a], [b, 9]], exact=True).pvalue
    assert mcnemar(a, b) == pytest.approx(min(1.0, expected), abs=1e-12)


@given(st.integers(1, 10_000), st.data())
def test_wilson_agrees_with_statsmodels(count: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, count))
    low, high = proportion_confint(successes, count, method="wilson")
    interval = wilson_interval(successes, count)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)


def test_paired_puts_each_picture_into_one_part() -> None:
    comparison = paired([0, 1, 2, 3, 4], [0, 1, 9, 9, 4], [0, 9, 2, 9, 9])
    assert comparison.only_a.tolist() == [1, 4]
    assert comparison.only_b.tolist() == [2]
    assert comparison.neither.tolist() == [3]
    assert comparison.both.tolist() == [0]
    assert comparison.p == 1.0


def test_a_run_compared_with_itself_shows_no_difference() -> None:
    found = paired([1, 2], [1, 3], [1, 3])
    assert found.p == 1.0
    assert "exactly the same" in mcnemar_sentence(found, found.p)


def test_the_result_says_what_it_is_about() -> None:
    labels = np.zeros(10_000, np.uint8)
    a, b = labels.copy(), labels.copy()
    b[:148] = 1
    a[148:360] = 1
    comparison = paired(labels, a, b)
    assert comparison.p == pytest.approx(0.00087, abs=5e-5)
    counts = "Only A gets **148** pictures right, only B **212**: "
    assert mcnemar_sentence(comparison, comparison.p) == (
        counts + "**this trained network B is better on these pictures** "
        f"({p_text(comparison.p)}). Another seed may turn it round: see **Seeds**."
    )
    assert "but **by chance**" in mcnemar_sentence(comparison, comparison.p, by_chance=True)
    a[148:300] = 0
    turned = paired(labels, a, b)
    assert "network A is better on these pictures" in mcnemar_sentence(turned, turned.p)


def test_the_result_is_told_by_the_corrected_p() -> None:
    labels = np.zeros(10_000, np.uint8)
    b = labels.copy()
    b[:10] = 1
    found = paired(labels, labels, b)
    assert found.p < 0.05
    assert "no difference that 10,000 pictures can show" in mcnemar_sentence(found, 0.05)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1e-9, "p < 0.0001"),
        (0.00083, "p = 0.0008"),
        (0.034, "p = 0.034"),
        (0.5, "p = 0.50"),
        (0.04996, "p = 0.04996"),
        (0.05, "p = 0.050"),
        (0.0504, "p = 0.050"),
    ],
)
def test_p_has_as_many_digits_as_it_needs(p: float, text: str) -> None:
    assert p_text(p) == text


@given(st.floats(0, 1))
def test_a_p_is_never_rounded_across_the_limit(p: float) -> None:
    text = p_text(p)
    assert (text == "p < 0.0001" or float(text.removeprefix("p = ")) < 0.05) == (p < 0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_agrees_with_statsmodels(values: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Each call collects garbage first, which takes a second beside TensorFlow.
        patch.setattr(gc, "collect", lambda: 0)
        expected = multipletests(values, method="holm")[1].tolist()
    assert holm(values) == expected


def test_no_test_needs_no_correction() -> None:
    assert holm([]) == []


def test_several_pairs_are_corrected_as_holm_did() -> None:
    labels = np.zeros(1_000, np.uint8)
    predictions = [labels.copy() for _ in range(3)]
    predictions[1][:12] = 1
    predictions[2][10:20] = 1
    pairs = all_pairs(labels, predictions)
    assert [(pair.a, pair.b, pair.only_a, pair.only_b) for pair in pairs] == [
        (0, 1, 12, 0),
        (0, 2, 10, 0),
        (1, 2, 8, 10),
    ]
    alone = [mcnemar(12, 0), mcnemar(10, 0), mcnemar(8, 10)]
    assert [pair.p for pair in pairs] == pytest.approx([3 * alone[0], 2 * alone[1], alone[2]])
    assert [pair.p for pair in all_pairs(labels, predictions[:2])] == pytest.approx(alone[:1])
    assert all_pairs(labels, predictions[:1]) == []


def test_welch_agrees_with_the_formula_and_knows_no_spread() -> None:
    a, b = [0.87, 0.88, 0.90], [0.91, 0.92]
    means, variances = [np.mean(a), np.mean(b)], [np.var(a, ddof=1) / 3, np.var(b, ddof=1) / 2]
    freedom = sum(variances) ** 2 / (variances[0] ** 2 / 2 + variances[1] ** 2 / 1)
    expected = 2 * t.sf(abs(means[0] - means[1]) / np.sqrt(sum(variances)), freedom)
    assert welch(a, b) == pytest.approx(expected)
    assert (welch([0.5, 0.5], [0.6, 0.6]), welch([0.5, 0.5], [0.5, 0.5])) == (0.0, 1.0)


def test_agreement_of_each_class() -> None:
    labels = np.array([0, 0, 0, 1], np.uint8)
    a, b = np.array([0, 2, 0, 1], np.uint8), np.array([0, 2, 1, 5], np.uint8)
    counts = class_agreement(labels, a, b)
    assert counts[0].tolist() == [3, 2, 1, 0]
    assert counts[1].tolist() == [1, 0, 1, 0]
    assert counts[2:].sum() == 0


def test_seeds_of_one_configuration_are_a_group_with_students_interval() -> None:
    runs = [seeded(1), seeded(1, "LeNet"), seeded(2), seeded(3)]
    groups = seed_groups(runs, [0.87, 0.95, 0.88, 0.90])
    assert [group.members for group in groups] == [(1,), (0, 2, 3)]
    assert groups[0].margin == float("inf")
    values = np.array([0.87, 0.88, 0.90])
    low, high = t.interval(0.95, 2, values.mean(), values.std(ddof=1) / np.sqrt(3))
    assert groups[1].margin == pytest.approx((high - low) / 2)
    assert groups[1].deviation == pytest.approx(values.std(ddof=1))
    assert seed_groups([], []) == []


def test_parts_of_a_cross_validation_are_no_seeds() -> None:
    runs = [seeded(1), seeded(1, fold=1), seeded(1, fold=2), seeded(2)]
    groups = seed_groups(runs, [0.90, 0.89, 0.88, 0.91])
    assert [(group.kind, group.members) for group in groups] == [
        ("seeds", (0, 3)),
        ("folds", (0, 1, 2)),
    ]


def test_two_runs_of_one_seed_count_as_one() -> None:
    (group,) = seed_groups([seeded(1), seeded(1)], [0.9, 0.9])
    assert (group.members, group.margin) == ((0, 1), float("inf"))
    (group,) = seed_groups([seeded(1), seeded(1), seeded(2)], [0.90, 0.90, 0.88])
    assert group.mean == pytest.approx(0.89)
    (alone,) = seed_groups([seeded(1), seeded(2)], [0.90, 0.88])
    assert group.margin == pytest.approx(alone.margin)


def test_a_run_that_was_changed_is_no_seed_of_its_configuration() -> None:
    changed = replace(seeded(2), rates=((100, 10.0),))
    groups = seed_groups([seeded(1), changed], [0.87, 0.85])
    assert [group.members for group in groups] == [(0,), (1,)]


def test_the_front_holds_what_nothing_beats() -> None:
    front = pareto_front([1, 2, 3, 2, 1], [0.5, 0.7, 0.7, 0.6, 0.5])
    assert front.tolist() == [True, True, False, False, True]
    assert pareto_front([], []).tolist() == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
def test_the_front_agrees_with_the_definition(points: list[tuple[int, int]]) -> None:
    def beaten(point: tuple[int, int]) -> bool:
        return any(o[0] <= point[0] and o[1] >= point[1] and o != point for o in points)

    front = pareto_front([p[0] for p in points], [p[1] for p in points])
    assert front.tolist() == [not beaten(point) for point in points]


def test_an_ensemble_of_one_is_that_one_and_of_two_their_mean() -> None:
    first, second = np.array([[0.9, 0.1]], np.float32), np.array([[0.2, 0.8]], np.float32)
    assert np.array_equal(ensemble([first]), first)
    assert ensemble([first, second]) == pytest.approx(np.array([[0.55, 0.45]]))


def test_smoothing_starts_at_the_first_value_and_keeps_a_constant() -> None:
    assert smoothed([3.0, 3.0, 3.0], 0.9) == pytest.approx([3, 3, 3])
    values = smoothed([1.0, 2.0], 0.5)
    assert values == pytest.approx([1.0, (0.25 * 1 + 0.5 * 2) / 0.75])
    assert smoothed([1.0, 5.0], 0).tolist() == [1, 5]
    assert smoothed([], 0.5).tolist() == []


def test_an_ensemble_grows_by_whoever_helps_most() -> None:
    labels = np.array([0, 1, 2, 3])

    def predicting(*classes: int) -> NDArray[np.float32]:
        found = np.full((4, 10), 0.01, np.float32)
        found[np.arange(4), classes] = 0.91
        return found

    weak, best, helper = predicting(9, 9, 9, 9), predicting(0, 1, 2, 9), predicting(0, 9, 2, 3)
    helper[3, 3] = 1.0
    members = forward_selection(labels, [weak, best, helper])
    assert members[:2] == [Member(1, 3), Member(2, 4)]
    assert sorted(member.run for member in members) == [0, 1, 2]
    total = ensemble([weak, best, helper]).argmax(axis=1)
    assert members[-1].correct == (total == labels).sum()
    assert forward_selection(labels, [best]) == [Member(0, 3)]
