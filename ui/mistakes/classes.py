"""Metrics of each class: recall, precision, F1, and the most frequent confusions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core.analysis.filters import Selection
from fmnist_core.analysis.metrics import (
    NO_SHARE,
    class_scores,
    most_confused,
    percent_text,
    share_text,
)
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS
from fmnist_core.runs import Run
from ui.components.acts import in_order, in_order_with_value
from ui.mistakes.predictions import RunPredictions, load_predictions
from ui.mistakes.view_state import SELECTION, STATE, VIEW, view_state

MOST_CONFUSIONS = 10
TABLE_KEY = "mistakes.classes"


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
    scores.insert(0, "class", CLASS_NAMES)
    weakest = scores.sort_values("f1", kind="stable")
    st.subheader("How well it knows each class", anchor=False)
    st.markdown(weakest_class_sentence(weakest.iloc[0]))
    st.dataframe(
        scores_table(weakest),
        hide_index=True,
        key=TABLE_KEY,
        height=388,
        alt="Precision, recall and F1 of each class, the weakest first",
        on_select=in_order_with_value(
            TABLE_KEY, lambda table: open_class(weakest.index[table.selection.rows])
        ),
        selection_mode="single-row",
        column_config={
            "F1": st.column_config.TextColumn(
                help="2PR / (P + R). Its interval is that of F* = TP / (TP + FP + FN), carried "
                "over (Hand, Christen and Kirielle, 2021)."
            )
        },
    )
    st.caption(
        "In percent, with 95 % Wilson intervals. Recall: of the pictures of a class, how many it "
        "gets right. Precision: of the answers with that class, how many are right. F1 weighs "
        "both. Tick a row to see its pictures."
    )


def weakest_class_sentence(row: pd.Series) -> str:
    """Recall and precision of the class with the lowest F1, in a sentence."""
    noun = CLASS_NOUNS[CLASS_NAMES.index(row["class"])]
    sentence = f"It is worst at {noun.many}: it finds **{percent_text(row['recall'])} %** of them"
    if np.isnan(row["precision"]):
        return f"{sentence}, and never says {row['class']}."
    precision = f"**{percent_text(row['precision'])} %**"
    return f"{sentence}, and where it says {row['class']}, it is right in {precision} of cases."


def scores_table(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores as a table of texts in percent, with intervals: ``"87.1 (84.9–89.0)"``."""
    table = pd.DataFrame({"Class": scores["class"]})
    for title, column in (("Precision", "precision"), ("Recall", "recall"), ("F1", "f1")):
        table[title] = [
            NO_SHARE
            if np.isnan(value)
            else f"{percent_text(value)} ({percent_text(low)}–{percent_text(high)})"
            for value, low, high in zip(
                scores[column], scores[f"{column}_low"], scores[f"{column}_high"], strict=True
            )
        ]
    return table


def open_class(class_ids: pd.Index[int]) -> None:
    """Show the images of the class whose row was ticked."""
    for class_id in class_ids:
        open_gallery(Selection(truth=int(class_id)))


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
