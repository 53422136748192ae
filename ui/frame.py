"""The frame of every page, which Streamlit runs: navigation, training bar, page, footer."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts the folder of its script on the path, and the project is one above.
_PROJECT = str(Path(__file__).resolve().parent.parent)
if _PROJECT not in sys.path:
    sys.path.insert(0, _PROJECT)

from fmnist_core.version import UNKNOWN, VERSION  # noqa: E402
from ui.copy_link import copy_link  # noqa: E402
from ui.navigation import menu, name_of, pages  # noqa: E402
from ui.present.controls import present_controls  # noqa: E402
from ui.start import page_is_drawn  # noqa: E402
from ui.streamlit_internals import begin_at_the_top  # noqa: E402
from ui.theme import ASSETS, follow, inject  # noqa: E402
from ui.training_bar import training_bar  # noqa: E402
from ui.url_state import arrive  # noqa: E402

begin_at_the_top()
st.set_page_config(
    page_icon=str(ASSETS / "favicon.svg"), layout="wide", initial_sidebar_state="collapsed"
)
st.logo(str(ASSETS / "logo.svg"), size="large")
current_page = st.navigation(pages(), position="hidden")
st.set_page_config(page_title=f"{current_page.title} · Fashion-MNIST Atelier")
inject()
arrive(name_of(current_page))
header = st.container(key="header")
with header:
    menu(current_page)
    with st.container(key="tools"):
        copy_link()
        present_controls()
    if current_page.url_path != "train":
        training_bar()
body = st.container(key="page")
version = ", version unknown" if VERSION == UNKNOWN else f" {VERSION}"
# Drawn before the page, which may stop the script when it has nothing more to say.
st.html(
    f'<footer class="fm-footer">Fashion-MNIST Atelier{version}. The pictures are Fashion-MNIST, by '
    "Zalando Research, under the MIT licence.</footer>"
)
follow()
try:
    with body:
        current_page.run()
finally:
    # Also where the page stops the script.
    page_is_drawn()
if current_page.url_path == "train":
    # It leaves out the run that the page shows, which the page has to find first.
    with header:
        training_bar(on_train=True)
