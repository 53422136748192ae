"""Look inside: the way of an image through a network, layer by layer."""

from __future__ import annotations

import streamlit as st

st.title("Look inside", anchor=False)
