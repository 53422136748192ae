"""The name of a network, its size, and how long its training takes."""

from __future__ import annotations

import streamlit as st

from fmnist_core.presets import network_name
from fmnist_core.specs import RunSpec, parameter_count
from fmnist_core.text import for_html
from ui.train.duration import training_time


def show_facts(spec: RunSpec) -> None:
    """The network's name, its parameter count and its estimated training duration."""
    st.html(f"<h2>{for_html(network_name(spec))}</h2>")
    time, reason = training_time(spec)
    epochs = spec.training.epochs
    most = "at most " if spec.training.early_stopping_patience else ""
    st.markdown(
        f"**{parameter_count(spec):,}** parameters &ensp;·&ensp; **{time}** for {most}{epochs} "
        f"epoch{'s' * (epochs > 1)}",
        help=reason,
    )
