"""Metrics of each class: recall, precision, F1, and the most frequent confusions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core.analysis.filters import Selection
from fmnist_core.analysis.metrics import (
    class_scores,
    most_confused,
    percent_text,
    share_text,
)
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS
from fmnist_core.runs import Run
from ui.components.acts import in_order
from ui.components.class_scores import class_scores_table
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import SELECTION, STATE, VIEW, view_state

MOST_CONFUSIONS = 10


def show_classes(run: Run) -> None:
    """Scores of the classes on the left, the most frequent confusions on the right."""
    predictions = load_predictions(run, view_state().epoch)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_scores(predictions)
    with right:
        show_confusions(predictions)


def show_scores(predictions: RunPredictions) -> None:
    """Precision, recall and F1, the weakest class first."""
    scores = class_scores(predictions.matrix)
    weakest = scores.sort_values("f1", kind="stable")
    st.subheader("How well it knows each class", anchor=False)
    st.markdown(weakest_class_sentence(weakest.iloc[0]))
    class_scores_table(
        weakest,
        key="mistakes.classes",
        on_open=lambda class_id: open_gallery(Selection(truth=class_id)),
    )
    st.caption(
        "In percent, with 95 % Wilson intervals. Recall: of the pictures of a class, how many it "
        "gets right. Precision: of the answers with that class, how many are right. F1 weighs "
        "both. A click on a class leads to its pictures.",
        help="F1 = 2PR / (P + R). Its interval is that of F* = TP / (TP + FP + FN), carried over "
        "(Hand, Christen and Kirielle, 2021).",
    )


def weakest_class_sentence(row: pd.Series) -> str:
    """Recall and precision of the class with the lowest F1, in a sentence.

    Args:
        row: of the scores; its name is the class.
    """
    class_id = int(row.name)
    name, noun = CLASS_NAMES[class_id], CLASS_NOUNS[class_id]
    sentence = f"It is worst at {noun.many}: it finds **{percent_text(row['recall'])} %** of them"
    if np.isnan(row["precision"]):
        return f"{sentence}, and never says {name}."
    precision = f"**{percent_text(row['precision'])} %**"
    return f"{sentence}, and where it says {name}, it is right in {precision} of cases."


def open_gallery(selection: Selection) -> None:
    """Go to the gallery of a selection in the confusion matrix."""
    STATE.change(VIEW.to("pictures"), SELECTION.to(selection))


def show_confusions(predictions: RunPredictions) -> None:
    """The most frequent confusions, as sentences that lead to their images."""
    st.subheader("Most frequent confusions", anchor=False)
    pairs = most_confused(predictions.matrix, MOST_CONFUSIONS)
    if pairs.empty:
        st.info("It gets every picture right: there is no mistake to show.")
        return
    with st.container(gap="small", key="mistakes_pairs"):
        for pair in pairs.itertuples():
            st.button(
                f"{confusion_sentence(pair.truth, pair.predicted, pair.images, pair.total)} "
                f"({pair.images:,})",
                key=f"mistakes.pair.{pair.truth}.{pair.predicted}",
                icon=":material/arrow_forward:",
                on_click=in_order(open_gallery),
                args=(Selection(int(pair.truth), int(pair.predicted)),),
            )


def confusion_sentence(truth: int, predicted: int, count: int, class_size: int) -> str:
    """A confusion in a sentence: ``"1 in 9 shirts is mistaken for a T-shirt"``."""
    share = share_text(int(count), int(class_size))
    verb = "is" if share.startswith("1 ") else "are"
    clothes, mistaken_for = CLASS_NOUNS[truth].many, CLASS_NOUNS[predicted].indefinite
    return f"{share[0].upper()}{share[1:]} {clothes} {verb} mistaken for {mistaken_for}"
