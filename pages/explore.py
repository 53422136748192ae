"""Explore data: the 70,000 pictures."""

from __future__ import annotations

import streamlit as st

from fmnist_core.dataset import Dataset, DatasetUnavailable
from ui.escape import plain
from ui.explore.sections import sections
from ui.explore.view_state import STATE
from ui.rights import may_change
from ui.services import dataset


def find_pictures() -> Dataset | None:
    """The dataset; where it is missing, what was tried and what to do."""
    try:
        return dataset()
    except DatasetUnavailable as error:
        st.error("The Fashion-MNIST pictures could not be found on this machine.")
        st.markdown(
            "\n".join(
                f"- **{plain(tried.source)}**: {plain(tried.problem)}" for tried in error.attempts
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
st.title("Explore the 70,000 pictures", anchor=False)
data = find_pictures()
if data is not None:
    for tried in data.attempts:
        if tried.damaged:
            st.warning(
                f"{plain(tried.source)} was skipped: {plain(tried.problem)}",
                icon=":material/warning:",
            )
    sections()
