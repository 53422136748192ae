"""Overview: a mistake to begin with, the way through the pages, the ladder, the latest runs."""

from __future__ import annotations

import streamlit as st

from ui.overview.hero import show_hero
from ui.overview.ladder import show_ladder
from ui.overview.latest_runs import show_latest_runs
from ui.overview.story import show_story
from ui.overview.view_state import STATE
from ui.present.overview import scene
from ui.present.scene import present
from ui.services import store

STATE.begin()
present(STATE, scene)
st.title(
    "See a neural network learn to recognise clothes, and find out why it fails.", anchor=False
)
runs = store().scan().entries
hero = show_hero()
show_story(runs, hero)
show_ladder()
if runs:
    show_latest_runs(runs)
