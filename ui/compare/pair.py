"""Two runs in depth: is one better, on which pictures, and in which classes."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.comparison import Paired, class_agreement, paired
from fmnist_core.dataset import CLASS_NAMES, DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.evaluation import confusion_matrix
from fmnist_core.figures.difference import difference_heatmap
from fmnist_core.runs import Run
from ui.cached import Answers, answers
from ui.chart import chart
from ui.compare.choice import label, test_accuracy
from ui.compare.view_state import PAGE, PART, PARTS, STATE, A, B
from ui.context import dataset
from ui.gallery import Tile, gallery
from ui.navigation import go_to_picture
from ui.pager import pages_of
from ui.theme import is_dark
from ui.url_state import Parameter

PER_PAGE = 60
SURE = 0.05


def verdict(found: Paired) -> str:
    """McNemar's test in words.

    Examples: ``"**B is better**: 212 pictures only B gets right, 148 only A; p = 0.0009."``
    """
    a, b = len(found.only_a), len(found.only_b)
    counts = {"A": a, "B": b}
    if a + b == 0:
        return "**No difference**: both get exactly the same pictures right."
    if found.p >= SURE:
        return (
            f"**No difference that {sum(map(len, found[:4])):,} pictures can show**: {a:,} "
            f"pictures only A gets right, {b:,} only B; {p_text(found.p)}."
        )
    better, worse = ("B", "A") if b > a else ("A", "B")
    return (
        f"**{better} is better**: {counts[better]:,} pictures only {better} gets right, "
        f"{counts[worse]:,} only {worse}; {p_text(found.p)}."
    )


def p_text(p: float) -> str:
    """``"p = 0.034"``, ``"p = 0.0008"``, ``"p < 0.0001"``."""
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.4f}" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def show_pair(chosen: list[Run]) -> None:
    """Choose A and B, then everything about the two."""
    runs = {run.id: run for run in chosen if test_accuracy(run) is not None}
    if len(runs) < 2:
        st.info("Choose two runs with a result in the table to compare them picture by picture.")
        return
    ids = list(runs)
    left, right = st.columns(2)
    with left:
        a = runs[_pick("A", A, ids, runs)]
    with right:
        b = runs[_pick("B", B, [run_id for run_id in ids if run_id != a.id], runs)]
    try:
        labels = np.asarray(dataset().test_labels)
        said_a, said_b = answers(a), answers(b)
    except (DatasetUnavailable, FmnistError) as error:
        st.warning(str(error))
        return
    if len(said_a.classes) != len(labels) or len(said_b.classes) != len(labels):
        st.warning("These two were not tested on the same pictures.")
        return
    found = paired(labels, said_a.classes, said_b.classes)
    st.markdown(verdict(found))
    st.caption(
        "McNemar's exact test looks only at the pictures on which the two differ: were they "
        "equally good, each would go to A or B like a coin. p is how often chance alone would "
        "split them at least as unevenly."
    )
    _galleries(found, labels, said_a, said_b)
    _classes(labels, a, b, said_a, said_b)


def _pick(name: str, which: Parameter[str | None], ids: list[str], runs: dict[str, Run]) -> str:
    if which.value is not None and which.value not in ids:
        STATE.settle(which.to(None))
    shown = which.value or ids[0]
    which.choose(
        name,
        ids,
        shown,
        words=lambda run_id: label(runs[run_id]),
        look="list",
        show_label=True,
    )
    return shown


def _galleries(found: Paired, labels: np.ndarray, said_a: Answers, said_b: Answers) -> None:
    PART.choose(
        "Pictures",
        tuple(PARTS),
        words=lambda part: f"{PARTS[part]} ({len(getattr(found, part)):,})",
    )
    numbers = getattr(found, PART.value)
    if not len(numbers):
        st.info("There is no such picture.")
        return
    sure = np.maximum(said_a.confidences, said_b.confidences)[numbers]
    numbers = numbers[np.argsort(-sure, kind="stable")]
    shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
    tiles = [_tile(int(n), labels, said_a, said_b) for n in shown]
    gallery(
        tiles,
        dataset().test_images[shown],
        key="compare.gallery",
        on_click=go_to_picture,
    )
    st.caption("The surest answers come first. A click shows the picture among its kind.")


def _tile(number: int, labels: np.ndarray, said_a: Answers, said_b: Answers) -> Tile:
    truth = CLASS_NAMES[labels[number]]
    a, b = CLASS_NAMES[said_a.classes[number]], CLASS_NAMES[said_b.classes[number]]
    wrong = [f"{name}: {said}" for name, said in (("A", a), ("B", b)) if said != truth]
    return Tile(
        "test",
        number,
        f"{truth}. A says {a}, B says {b}",
        caption=" · ".join(wrong) or truth,
        tone="wrong" if len(wrong) == 2 else "right",
    )


def _classes(labels: np.ndarray, a: Run, b: Run, said_a: Answers, said_b: Answers) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("What B confuses more or less than A", anchor=False)
        chart(
            difference_heatmap(
                confusion_matrix(labels, said_a.classes),
                confusion_matrix(labels, said_b.classes),
                is_dark(),
            ),
            key=f"compare.difference.{a.id}.{b.id}",
            height=560,
            label="Difference of the two confusion matrices",
        )
        st.caption("Blue suits B: more right answers or fewer mistakes. Orange suits A.")
    with right:
        st.subheader("Where they agree", anchor=False)
        counts = class_agreement(labels, said_a.classes, said_b.classes)
        st.dataframe(
            {
                "Class": list(CLASS_NAMES),
                "Same answer, %": 100 * counts[:, 1] / np.maximum(1, counts[:, 0]),
                "Only A right": counts[:, 2],
                "Only B right": counts[:, 3],
            },
            hide_index=True,
            height=38 + 35 * len(CLASS_NAMES),
            column_config={
                "Same answer, %": st.column_config.ProgressColumn(
                    format="%.1f", min_value=0, max_value=100
                )
            },
            alt="For each class, how often the two give the same answer",
        )
