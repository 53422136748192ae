"""Explore data: the 70,000 images of the dataset."""

from __future__ import annotations

import streamlit as st

from fmnist_core.dataset import Dataset, DatasetUnavailable
from ui.escape import plain
from ui.explore.sections import sections
from ui.explore.view_state import STATE
from ui.present.explore import scene
from ui.present.scene import present
from ui.rights import may_change
from ui.services import dataset


def load_dataset() -> Dataset | None:
    """The dataset; where it cannot be loaded, the failed attempts and what to do."""
    try:
        return dataset()
    except DatasetUnavailable as error:
        st.error("The Fashion-MNIST pictures could not be found on this machine.")
        st.markdown(
            "\n".join(
                f"- **{plain(attempt.source)}**: {plain(attempt.problem)}"
                for attempt in error.attempts
            )
        )
    if not may_change():
        return None
    st.markdown(
        "Connect this machine to the internet and press **Try again**, or put the four files of "
        "Fashion-MNIST into a folder and name it in the environment variable `FMNIST_DATA_DIR`."
    )
    if st.button("Try again", type="primary", icon=":material/refresh:"):
        with st.spinner("Looking in all places, then downloading 30 MB …"):
            try:
                dataset(download=True)
            except DatasetUnavailable:
                return None
        st.rerun()
    return None


STATE.begin()
present(STATE, scene)
st.title("Explore the 70,000 pictures", anchor=False)
data = load_dataset()
if data is not None:
    for attempt in data.attempts:
        if attempt.damaged:
            st.warning(
                f"{plain(attempt.source)} was skipped: {plain(attempt.problem)}",
                icon=":material/warning:",
            )
    sections()
