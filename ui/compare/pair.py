"""Two runs compared in depth: McNemar's test, which pictures, which classes."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.comparison import Pair, Paired, all_pairs, class_agreement, paired
from fmnist_core.analysis.metrics import confusion_matrix
from fmnist_core.dataset import CLASS_NAMES, DatasetUnavailable
from fmnist_core.errors import FmnistError
from fmnist_core.figures.difference import difference_heatmap
from fmnist_core.runs import Run
from fmnist_core.runs.identity import differ_by_seed_alone, identity_of, run_label
from fmnist_core.runs.model import PREDICTIONS_FILE
from ui.cache import FinalPredictions, final_predictions
from ui.compare.choice import test_accuracy
from ui.compare.view_state import PAGE, PART, PARTS, STATE, A, B
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.escape import plain
from ui.formatting import SIGNIFICANT, p_text
from ui.navigation import go_to_image
from ui.pager import pages_of
from ui.services import dataset
from ui.theme import is_dark
from ui.url_state import Parameter

PER_PAGE = 60


def result(found: Paired, p: float, by_chance: bool = False) -> str:
    """McNemar's test in words.

    Args:
        found: the test pictures on which A and B agree and differ.
        p: of the test, as it is to be judged by.
        by_chance: A and B are one configuration, and differ in the seed at most.

    Examples: ``"Only A gets **148** pictures right, only B **212**: **this trained network B is
    better on these pictures** (p = 0.0009). Another seed may turn it round."``
    """
    a, b = len(found.only_a), len(found.only_b)
    if a + b == 0:
        return "**No difference**: both get exactly the same pictures right."
    counts = f"Only A gets **{a:,}** pictures right, only B **{b:,}**"
    if p >= SIGNIFICANT:
        shown = f"{sum(map(len, found[:4])):,}"
        return f"{counts}: **no difference that {shown} pictures can show** ({p_text(p)})."
    better = f"**this trained network {'B' if b > a else 'A'} is better on these pictures**"
    if by_chance:
        return (
            f"{counts}: {better} ({p_text(p)}), but **by chance**. Both are one configuration, "
            "which cannot be better than itself."
        )
    return f"{counts}: {better} ({p_text(p)}). Another seed may turn it round: see **Luck**."


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
        said_a, said_b = final_predictions(a), final_predictions(b)
    except (DatasetUnavailable, FmnistError) as error:
        st.warning(plain(error))
        return
    if len(said_a.classes) != len(labels) or len(said_b.classes) != len(labels):
        st.warning("These two were not tested on the same pictures.")
        return
    found = paired(labels, said_a.classes, said_b.classes)
    able, pairs = pairs_of(list(runs.values()), labels)
    places = {run.id: place for place, run in enumerate(able)}
    both = {places[a.id], places[b.id]}
    p = next(pair.p for pair in pairs if {pair.a, pair.b} == both)
    st.markdown(result(found, p, one_configuration(a, b)))
    st.caption(
        "McNemar's exact test asks about these two trained networks on these test pictures. It "
        "looks only at the pictures on which they differ: if both were equally good, these would "
        "split like coin flips. p is how often chance alone would split them at least as unevenly"
        + (f", corrected for all {len(pairs)} pairs of the chosen runs (Holm)" * (len(pairs) > 1))
        + "."
    )
    if len(pairs) > 1:
        with st.expander(f"All {len(pairs)} pairs", icon=":material/table_rows:"):
            show_pairs(able, pairs)
    _galleries(found, labels, said_a, said_b)
    _classes(labels, a, b, said_a, said_b)


def one_configuration(a: Run, b: Run) -> bool:
    """Whether the results of two runs differ by chance alone."""
    return a.settled and b.settled and differ_by_seed_alone(identity_of(a), identity_of(b))


def pairs_of(runs: list[Run], labels: NDArray[np.uint8]) -> tuple[list[Run], list[Pair]]:
    """The runs that can be asked, and McNemar's test for every two of them."""
    able = []
    for run in runs:
        try:
            if len(final_predictions(run).classes) == len(labels):
                able.append(run)
        except FmnistError:
            continue
    digests = tuple(run.valid_record.artifacts[PREDICTIONS_FILE] for run in able)
    return able, _pairs(digests, able, labels)


@st.cache_data(show_spinner=False, max_entries=64)
def _pairs(digests: tuple[str, ...], _runs: list[Run], _labels: NDArray[np.uint8]) -> list[Pair]:
    return all_pairs(_labels, [final_predictions(run).classes for run in _runs])


def show_pairs(runs: list[Run], pairs: list[Pair]) -> None:
    """Every two of the chosen runs, those first that differ most surely."""
    ordered = sorted(pairs, key=lambda pair: pair.p)
    st.dataframe(
        {
            "One": [run_label(runs[pair.a]) for pair in ordered],
            "Other": [run_label(runs[pair.b]) for pair in ordered],
            "Only one is right": [pair.only_a for pair in ordered],
            "Only the other is right": [pair.only_b for pair in ordered],
            "p (Holm)": [p_text(pair.p).removeprefix("p ").removeprefix("= ") for pair in ordered],
            "On these pictures": [_better(runs, pair) for pair in ordered],
        },
        hide_index=True,
        height=min(388, 38 + 35 * len(ordered)),
        alt="Every two of the chosen runs with McNemar's test",
    )


def _better(runs: list[Run], pair: Pair) -> str:
    if pair.p >= SIGNIFICANT:
        return "no difference that can be shown"
    if one_configuration(runs[pair.a], runs[pair.b]):
        return "differ by chance, one configuration"
    return f"{'one' if pair.only_a > pair.only_b else 'the other'} is better"


def _pick(name: str, which: Parameter[str | None], ids: list[str], runs: dict[str, Run]) -> str:
    if which.value is not None and which.value not in ids:
        STATE.settle(which.to(None))
    shown = which.value or ids[0]
    which.choose(
        name,
        ids,
        shown,
        words=lambda run_id: run_label(runs[run_id]),
        look="list",
        show_label=True,
    )
    return shown


def _galleries(
    found: Paired, labels: np.ndarray, said_a: FinalPredictions, said_b: FinalPredictions
) -> None:
    PART.choose(
        "Pictures",
        tuple(PARTS),
        words=lambda part: f"{PARTS[part]} ({len(getattr(found, part)):,})",
    )
    numbers = getattr(found, PART.value)
    if not len(numbers):
        st.info("There is no such picture.")
        return
    confidence = np.maximum(said_a.confidences, said_b.confidences)[numbers]
    numbers = numbers[np.argsort(-confidence, kind="stable")]
    shown = numbers[pages_of(len(numbers), PER_PAGE, PAGE)]
    tiles = [_tile(int(n), labels, said_a, said_b) for n in shown]
    gallery(
        tiles,
        dataset().test_images[shown],
        key="compare.gallery",
        on_click=go_to_image,
    )
    st.caption("The surest answers come first. A click shows the picture among its kind.")


def _tile(
    number: int, labels: np.ndarray, said_a: FinalPredictions, said_b: FinalPredictions
) -> Tile:
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


def _classes(
    labels: np.ndarray, a: Run, b: Run, said_a: FinalPredictions, said_b: FinalPredictions
) -> None:
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
