"""Calibration of a run: reliability, confidence, and answering only when confident."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.calibration import (
    count_answered,
    coverage_curve,
    expected_calibration_error,
    reliability,
)
from fmnist_core.analysis.metrics import percent_text
from fmnist_core.figures.calibration import (
    confidence_histograms,
    coverage_chart,
    reliability_diagram,
)
from fmnist_core.runs import Run
from ui.components.chart import chart
from ui.mistakes.predictions import load_predictions
from ui.mistakes.view_state import THRESHOLD, view_state
from ui.theme import is_dark

HEIGHT = 400
DEFAULT_THRESHOLD = 80


def show_calibration(run: Run) -> None:
    """Calibration of a run: reliability diagram, confidence histograms, coverage curve."""
    predictions = load_predictions(run, view_state().epoch)
    confidences = predictions.probabilities[
        np.arange(len(predictions.labels)), predictions.predicted
    ]
    correct = predictions.predicted == predictions.labels
    table = reliability(confidences, correct)
    error = expected_calibration_error(table)
    st.markdown(
        calibration_sentence(
            float(confidences.mean(dtype=np.float64)), float(correct.mean()), error
        )
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Is it as confident as it is accurate?", anchor=False)
        chart(
            reliability_diagram(table, is_dark()),
            key="mistakes.reliability",
            height=HEIGHT,
            label="Accuracy over confidence in ten bins, with the number of pictures in each",
        )
        st.caption(
            "Below the dotted line it is overconfident, above it underconfident. The numbers "
            "count pictures."
        )
    with right:
        st.subheader("How confident is it when it is wrong?", anchor=False)
        chart(
            confidence_histograms(confidences, correct, is_dark()),
            key="mistakes.histograms",
            height=HEIGHT,
            label="Histograms of the confidence of right and of wrong answers",
        )
        st.caption("Each colour adds up to 100 %, so that the few mistakes can be seen.")
    show_coverage(confidences, correct)


def calibration_sentence(confidence: float, accuracy: float, error: float) -> str:
    """Mean confidence, accuracy and calibration error, each from 0 to 1, in a sentence."""
    gap = 100 * (confidence - accuracy)
    summary = (
        "about as confident as it should be"
        if abs(gap) < 0.5
        else f"{'over' if gap > 0 else 'under'}confident by {abs(gap):.1f} percentage points"
    )
    return (
        f"Its average confidence is **{percent_text(confidence)} %**, its accuracy "
        f"**{percent_text(accuracy)} %**: {summary}. The expected calibration error is "
        f"**{100 * error:.2f} %**."
    )


def show_coverage(confidences: np.ndarray, correct: np.ndarray) -> None:
    """The coverage curve, and a confidence threshold to try; arrays are (10000,)."""
    st.subheader("What if it could say “I don’t know”?", anchor=False)
    percent = DEFAULT_THRESHOLD if THRESHOLD.value is None else THRESHOLD.value
    left, right = st.columns([2, 1], gap="large", vertical_alignment="center")
    with right:
        st.slider(
            "Answer only when at least … % confident",
            0,
            100,
            **THRESHOLD.widget(DEFAULT_THRESHOLD),
        )
        counts = count_answered(confidences, correct, percent / 100)
        st.markdown(coverage_sentence(*counts, len(correct)))
    with left:
        chart(
            coverage_chart(coverage_curve(confidences, correct), percent / 100, is_dark()),
            key="mistakes.coverage",
            height=320,
            label="Accuracy of its answers over the share of pictures that it answers",
        )


def coverage_sentence(answered_count: int, correct_count: int, count: int) -> str:
    """Coverage and accuracy at a threshold, in a sentence."""
    if not answered_count:
        return "It is never that confident: no picture gets an answer."
    return (
        f"It answers for **{answered_count:,}** of {count:,} pictures and gets "
        f"**{100 * correct_count / answered_count:.2f} %** of them right; "
        f"{_mistakes(answered_count - correct_count)} left."
    )


def _mistakes(count: int) -> str:
    return f"{count:,} mistake{'s are' if count != 1 else ' is'}"
