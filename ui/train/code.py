"""The expander with a run's Keras code, to read and to download."""

from __future__ import annotations

import streamlit as st

from fmnist_core.export.keras_script import notebook, script
from fmnist_core.runs.identity import Identity

KEY = "code"


def show_code(run: Identity) -> None:
    """An expander with the script, which can be downloaded, also as a notebook.

    It is filled when it is opened: what colours code, and its font, are 680 kB to load.
    """
    expander = st.expander("Show the code", icon=":material/code:", key=KEY, on_change="rerun")
    if not expander.open:
        return
    with expander:
        st.caption(
            "The same in plain Keras: it builds, trains and tests this network without the "
            "dashboard, on the same pictures from the same seed."
        )
        source = script(run)
        with st.container(horizontal=True):
            st.download_button("Script", source, "train.py", icon=":material/download:")
            st.download_button("Notebook", notebook(run), "train.ipynb", icon=":material/download:")
        st.code(source, language="python", wrap_lines=True)
