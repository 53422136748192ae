"""Try your own: draw or change an image, and see what networks say of it."""

from __future__ import annotations

import streamlit as st

st.title("Try your own", anchor=False)
