"""What visitors say about pictures: said below a picture, gathered in a part of its own."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.remarks import VERDICTS, Remark, Verdict, rejudge, remarks_csv
from fmnist_core.runs import Run
from ui.address import pages_of, set_address
from ui.context import remarks
from ui.gallery import gallery
from ui.mistakes.evidence import Evidence, gather
from ui.mistakes.look import look
from ui.mistakes.wall import PER_PAGE, tile
from ui.words import accuracy

WORDS: dict[Verdict, str] = {
    "label wrong": "Label wrong",
    "model wrong": "Model wrong",
    "cannot tell": "Cannot tell",
}


def show_remark(evidence: Evidence, picture: int) -> None:
    """A form for the verdict, a note and tags."""
    now = remarks().all().get(picture, Remark())
    with st.form(f"mistakes.remark.{picture}", border=False):
        verdict = st.segmented_control(
            "Your verdict",
            [verdict for verdict in VERDICTS if verdict],
            default=now.verdict or None,
            format_func=WORDS.__getitem__,
            help="It changes no official figure. Beside it, the accuracy as re-judged is shown.",
        )
        note = st.text_area("Note", now.note, height=80, max_chars=500)
        tags = st.text_input("Tags", " ".join(now.tags), help="Words, with spaces between them.")
        if st.form_submit_button("Keep", icon=":material/check:"):
            try:
                remarks().say(picture, Remark(verdict or "", note, tuple(tags.split())))
            except FmnistError as error:
                st.error(str(error))
            else:
                st.toast("Kept.", icon=":material/check:")


def show_verdicts(run: Run) -> None:
    """The accuracy as re-judged, and every picture that somebody said something about."""
    evidence = gather(run, look().epoch)
    said = remarks().all()
    if not said:
        st.info(
            "Nobody has said anything about a picture yet. Open one, choose **Notes**, and say "
            "whether its label or the network is wrong."
        )
        return
    result = rejudge(evidence.answers == evidence.labels, said)
    one, two, three = st.columns(3)
    one.metric("Official accuracy", accuracy(result.official.value))
    counted = len(evidence.labels) - result.left_out
    two.metric(
        "As you re-judged it",
        accuracy(result.rejudged.value, counted),
        help="Where the label is wrong, contradicting it counts as right and repeating it as "
        f"wrong. {result.left_out} pictures of which nobody can tell are left out.",
    )
    three.metric("Pictures with a remark", f"{len(said):,}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Search", placeholder="A word of a note, a tag or a verdict")
        st.download_button(
            "Remarks (CSV)",
            lambda: remarks_csv(said),
            "remarks.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    numbers = np.array(sorted(n for n, one in said.items() if one.mentions(search)), np.int64)
    if not len(numbers):
        st.info("No remark says that.")
        return
    shown = numbers[pages_of(len(numbers), PER_PAGE, f"mistakes.remarks.page.{search}")]
    gallery(
        [tile(evidence, int(number), said.get(int(number))) for number in shown],
        evidence.data.test_images[shown],
        key="mistakes.remarks",
        size="large",
        on_click=lambda number: set_address(
            view=None, picture=str(number), about="notes", page=None
        ),
    )
