"""Two runs compared in depth: McNemar's test, which pictures, which classes."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.analysis.comparison import Pair, Paired, all_pairs, class_agreement, paired
from fmnist_core.analysis.metrics import confusion_matrix
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.errors import FmnistError
from fmnist_core.figures.difference import difference_heatmap
from fmnist_core.runs import Run
from fmnist_core.runs.identity import differ_by_seed_alone, identity_of
from ui.cache import FinalPredictions, final_predictions, run_names
from ui.compare.view_state import PAGE, STATE, SUBSET, SUBSETS, A, B
from ui.components.chart import chart
from ui.components.gallery import Tile, gallery
from ui.components.plain_table import plain_table
from ui.errors import show_error
from ui.formatting import SIGNIFICANT, p_text
from ui.navigation import go_to_image
from ui.pager import pages_of
from ui.services import dataset
from ui.theme import is_dark
from ui.train.seed_replicates import train_replicates_button
from ui.url_state import Parameter

PER_PAGE = 60


def mcnemar_sentence(comparison: Paired, p: float, by_chance: bool = False) -> str:
    """The result of McNemar's test, in a sentence.

    Args:
        comparison: the test images on which A and B agree and differ.
        p: of the test, as it is to be judged by.
        by_chance: A and B are one configuration, and differ in the seed at most.

    Examples: ``"Only A gets **148** pictures right, only B **212**: **this trained network B is
    better on these pictures** (p = 0.0009). Another seed may turn it round."``
    """
    a, b = len(comparison.only_a), len(comparison.only_b)
    if a + b == 0:
        return "**No difference**: both get exactly the same pictures right."
    counts = f"Only A gets **{a:,}** pictures right, only B **{b:,}**"
    if p >= SIGNIFICANT:
        total = f"{sum(map(len, comparison[:4])):,}"
        return f"{counts}: **no difference that {total} pictures can show** ({p_text(p)})."
    better = f"**this trained network {'B' if b > a else 'A'} is better on these pictures**"
    if by_chance:
        return (
            f"{counts}: {better} ({p_text(p)}), but **by chance**. Both are one configuration, "
            "which cannot be better than itself."
        )
    return f"{counts}: {better} ({p_text(p)}). Another seed may turn it round: see **Seeds**."


def show_pair(selected: list[Run]) -> None:
    """Two runs in depth: McNemar's test, the images they differ on, agreement by class."""
    runs = {run.id: run for run in selected if run.test_accuracy is not None}
    if len(runs) < 2:
        st.info(
            "Select two runs with a result to compare them picture by picture, or train one more."
        )
        for run in runs.values():
            train_replicates_button(run, 1, key="compare.pair")
        return
    ids = list(runs)
    left, right = st.columns(2)
    with left:
        a = runs[_choose_run("A", A, ids, runs)]
    with right:
        b = runs[_choose_run("B", B, [run_id for run_id in ids if run_id != a.id], runs)]
    try:
        labels = np.asarray(dataset().test_labels)
        predictions_a, predictions_b = final_predictions(a), final_predictions(b)
    except FmnistError as error:
        show_error(error)
        return
    if len(predictions_a.classes) != len(labels) or len(predictions_b.classes) != len(labels):
        st.warning("These two were not tested on the same pictures.")
        return
    comparison = paired(labels, predictions_a.classes, predictions_b.classes)
    compared_runs, pairs = pairwise_tests(list(runs.values()), labels)
    positions = {run.id: position for position, run in enumerate(compared_runs)}
    pair_positions = {positions[a.id], positions[b.id]}
    p = next(pair.p for pair in pairs if {pair.a, pair.b} == pair_positions)
    accuracies = [f"{name} gets {_accuracy(run)}" for name, run in (("A", a), ("B", b))]
    sentence = mcnemar_sentence(comparison, p, one_configuration(a, b))
    st.markdown(f"{' and '.join(accuracies)} right. {sentence}")
    st.caption(
        "McNemar's exact test asks about these two trained networks on these test pictures. It "
        "looks only at the pictures on which they differ: if both were equally good, these would "
        "split like coin flips. p is how often chance alone would split them at least as unevenly"
        + (f", corrected for all {len(pairs)} pairs of the selected runs (Holm)" * (len(pairs) > 1))
        + "."
    )
    if len(pairs) > 1:
        with st.expander(f"All {len(pairs)} pairs", icon=":material/table_rows:"):
            show_pairs(compared_runs, pairs)
    _show_gallery(comparison, labels, predictions_a, predictions_b)
    _show_classes(labels, a, b, predictions_a, predictions_b)


def _accuracy(run: Run) -> str:
    """With two decimals, so that what two runs differ by adds up."""
    return f"**{100 * (run.test_accuracy or 0.0):.2f} %**"


def one_configuration(a: Run, b: Run) -> bool:
    """Whether two runs are of one configuration, so that their results differ by chance alone."""
    return a.settled and b.settled and differ_by_seed_alone(identity_of(a), identity_of(b))


def pairwise_tests(runs: list[Run], labels: NDArray[np.uint8]) -> tuple[list[Run], list[Pair]]:
    """The runs whose predictions can be read, and McNemar's test of every pair of them."""
    compared_runs = []
    for run in runs:
        try:
            if len(final_predictions(run).classes) == len(labels):
                compared_runs.append(run)
        except FmnistError:
            continue
    digests = tuple(run.predictions_digest for run in compared_runs)
    return compared_runs, _pairwise_tests(digests, compared_runs, labels)


@st.cache_data(show_spinner=False, max_entries=64)
def _pairwise_tests(
    digests: tuple[str, ...], _runs: list[Run], _labels: NDArray[np.uint8]
) -> list[Pair]:
    return all_pairs(_labels, [final_predictions(run).classes for run in _runs])


def show_pairs(runs: list[Run], pairs: list[Pair]) -> None:
    """Table of McNemar's test for every pair of the runs, smallest p first."""
    sorted_pairs = sorted(pairs, key=lambda pair: pair.p)
    names = run_names()
    plain_table(
        {
            "One": [names[runs[pair.a].id] for pair in sorted_pairs],
            "Other": [names[runs[pair.b].id] for pair in sorted_pairs],
            "Only one is right": [pair.only_a for pair in sorted_pairs],
            "Only the other is right": [pair.only_b for pair in sorted_pairs],
            "p (Holm)": [
                p_text(pair.p).removeprefix("p ").removeprefix("= ") for pair in sorted_pairs
            ],
            "On these pictures": [_better_text(runs, pair) for pair in sorted_pairs],
        },
        label="Every two of the selected runs with McNemar's test",
    )


def _better_text(runs: list[Run], pair: Pair) -> str:
    if pair.p >= SIGNIFICANT:
        return "no difference that can be shown"
    if one_configuration(runs[pair.a], runs[pair.b]):
        return "differ by chance, one configuration"
    return f"{'one' if pair.only_a > pair.only_b else 'the other'} is better"


def _choose_run(
    name: str, parameter: Parameter[str | None], ids: list[str], runs: dict[str, Run]
) -> str:
    if parameter.value is not None and parameter.value not in ids:
        STATE.settle(parameter.to(None))
    run_id = parameter.value or ids[0]
    parameter.choose(
        name,
        ids,
        run_id,
        words=run_names(),
        look="list",
        show_label=True,
    )
    return run_id


def _show_gallery(
    comparison: Paired,
    labels: np.ndarray,
    predictions_a: FinalPredictions,
    predictions_b: FinalPredictions,
) -> None:
    SUBSET.choose(
        "Pictures",
        tuple(SUBSETS),
        words=lambda subset: f"{SUBSETS[subset]} ({len(getattr(comparison, subset)):,})",
    )
    indices = getattr(comparison, SUBSET.value)
    if not len(indices):
        st.info("There is no such picture.")
        return
    confidence = np.maximum(predictions_a.confidences, predictions_b.confidences)[indices]
    indices = indices[np.argsort(-confidence, kind="stable")]
    visible_indices = indices[pages_of(len(indices), PER_PAGE, PAGE)]
    tiles = [_tile(int(index), labels, predictions_a, predictions_b) for index in visible_indices]
    gallery(
        tiles,
        dataset().test_images[visible_indices],
        key="compare.gallery",
        on_click=go_to_image,
    )
    st.caption("Most confident first. A click shows the picture among its kind.")


def _tile(
    image_index: int,
    labels: np.ndarray,
    predictions_a: FinalPredictions,
    predictions_b: FinalPredictions,
) -> Tile:
    truth = CLASS_NAMES[labels[image_index]]
    a = CLASS_NAMES[predictions_a.classes[image_index]]
    b = CLASS_NAMES[predictions_b.classes[image_index]]
    named = (("A", a), ("B", b))
    mistakes = [f"{name}: {predicted}" for name, predicted in named if predicted != truth]
    return Tile(
        "test",
        image_index,
        f"{truth}. A says {a}, B says {b}",
        caption=" · ".join(mistakes) or truth,
        tone="wrong" if len(mistakes) == 2 else "right",
    )


def _show_classes(
    labels: np.ndarray,
    a: Run,
    b: Run,
    predictions_a: FinalPredictions,
    predictions_b: FinalPredictions,
) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("What B confuses more or less than A", anchor=False)
        chart(
            difference_heatmap(
                confusion_matrix(labels, predictions_a.classes),
                confusion_matrix(labels, predictions_b.classes),
                is_dark(),
            ),
            key=f"compare.difference.{a.id}.{b.id}",
            height=560,
            label="Difference of the two confusion matrices",
        )
        st.caption("Blue suits B: more right answers or fewer mistakes. Orange suits A.")
    with right:
        st.subheader("Where they agree", anchor=False)
        counts = class_agreement(labels, predictions_a.classes, predictions_b.classes)
        same = counts[:, 1] / np.maximum(1, counts[:, 0])
        plain_table(
            {
                "Class": CLASS_NAMES,
                "Same answer": [f"{100 * share:.1f} %" for share in same],
                "Only A is right": counts[:, 2].tolist(),
                "Only B is right": counts[:, 3].tolist(),
            },
            label="For each class, how often the two give the same answer",
        )
