"""The training form: titles, explanations, bounds and options come from the pydantic models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fmnist_core.presets import PRESET_SENTENCES, PRESETS
from fmnist_core.specs import CnnSpec, ConvBlock, DenseSpec, RunSpec, TrainingSpec
from fmnist_core.specs.schema import bounds, entry_field, field_display
from ui.components.acts import in_order
from ui.components.choice import choice
from ui.formatting import run_label
from ui.services import store
from ui.train import form_state

_MAIN = ("optimizer", "learning_rate", "momentum", "weight_decay", "batch_size", "epochs")
_PICTURES = ("train_pictures", "validation_share", "label_noise", "shift", "flip")
_MORE = ("schedule", "early_stopping_patience", "seed", "validation_fold")
_AT_A_GLANCE = ("filters", "kernel")
_MOST_RUNS = 100
# In pixels: two cards stand side by side on a phone, four beside the training on a desktop.
_CARD = 170


def start_from(spec: RunSpec | None) -> None:
    """The presets, and the earlier runs to copy; either fills the form.

    Args:
        spec: what the form says now; ``None`` where that is refused.
    """
    presets, runs = st.columns([7, 3], gap="medium", vertical_alignment="bottom")
    same = [name for name, preset in PRESETS.items() if preset == spec]
    with presets, st.container(key="form_preset"):
        # What is chosen follows the form: a preset that was changed can be chosen once more.
        choice(
            "Start from",
            tuple(PRESETS),
            same[0] if same else None,
            key="form.preset",
            on_choose=form_state.start_from_preset,
            look="pills",
            show_label=True,
            help="Six steps from the simplest network to the best. Each fills the form; "
            "change what you like.",
        )
    with runs:
        _earlier_runs()
    st.caption(PRESET_SENTENCES[same[0]] if same else st.session_state[form_state.ORIGIN])


def _earlier_runs() -> None:
    runs = {run.id: run for run in store().list() if run.record is not None}
    if not runs:
        return
    choice(
        "or copy an earlier run",
        list(runs)[:_MOST_RUNS],
        None,
        key="form.copy",
        on_choose=lambda run_id: form_state.copy_run(runs[run_id]),
        words=lambda run_id: run_label(runs[run_id]),
        look="list",
        show_label=True,
        placeholder="Choose a run",
    )


def spec_form() -> None:
    """Draw the form; what it says is read with ``form_state.said``."""
    network, training = st.columns([3, 2], gap="large")
    with network:
        st.subheader("Network", anchor=False)
        choice(
            "Network",
            tuple(form_state.NETWORKS),
            st.session_state[form_state.KIND],
            key=form_state.KIND + ".choice",
            on_choose=lambda kind: form_state.put(form_state.KIND, kind),
            help="Dense reads all pixels at once. A CNN slides small windows over the picture.",
        )
        if st.session_state[form_state.KIND] == "Dense":
            _dense()
        else:
            _cnn()
    with training:
        st.subheader("Training", anchor=False)
        _fields(TrainingSpec, form_state.TRAINING, _MAIN)
        with st.expander("Pictures: how many, wrong labels, mirrored, shifted"):
            _fields(TrainingSpec, form_state.TRAINING, _PICTURES)
        with st.expander("Schedule, early stopping, seed, validation part"):
            _fields(TrainingSpec, form_state.TRAINING, _MORE)


def _dense() -> None:
    _cards(DenseSpec, "units", "form.dense.units", "layer", _width)
    _fields(DenseSpec, "form.dense", ("activation", "dropout", "batch_norm", "l2"))


def _cnn() -> None:
    _cards(CnnSpec, "blocks", "form.cnn.blocks", "block", _block)
    _fields(CnnSpec, "form.cnn", ("activation", "head"))
    _cards(CnnSpec, "head_units", "form.cnn.head_units", "head layer", _width)
    if form_state.length("form.cnn.head_units"):
        _fields(CnnSpec, "form.cnn", ("head_dropout",))


def _cards(
    model: type[BaseModel],
    name: str,
    key: str,
    word: str,
    draw: Callable[[FieldInfo, str, str], None],
) -> None:
    """A list of the form: a card an entry, which can be moved and removed, and a place to add."""
    info = model.model_fields[name]
    least, most = bounds(info)
    count = form_state.length(key)
    st.markdown(f"**{info.title}**", help=info.description)
    with st.container(key=f"cards_{name}"), st.grid(min_column_width=_CARD, gap="small"):
        for number in range(count):
            with st.container(border=True, key=f"card_{name}_{number}", gap="xsmall"):
                _tools(info, key, number, count, count > (least or 0), word)
                draw(entry_field(info), f"{key}.{number}", f"{word} {number + 1}")
        if count < most:
            st.button(
                f"Add a {word}",
                key=f"add_{name}",
                icon=":material/add:",
                on_click=in_order(form_state.add),
                args=(info, key),
                width="stretch",
            )


def _tools(info: FieldInfo, key: str, number: int, count: int, removable: bool, word: str) -> None:
    """The head of a card: its name, and icons to move it and to remove it."""
    title = f"{word} {number + 1}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.markdown(f"**{word.split()[-1].capitalize()} {number + 1}**", width="stretch")
        for label, icon, to in (
            ("Move {} to the left", ":material/chevron_left:", number - 1),
            ("Move {} to the right", ":material/chevron_right:", number + 1),
        ):
            if 0 <= to < count:
                st.button(
                    label.format(title),
                    key=f"tool_{key}.{number}.{to - number}",
                    icon=icon,
                    type="tertiary",
                    on_click=in_order(form_state.move),
                    args=(info, key, number, to),
                )
        if removable:
            st.button(
                f"Remove {title}",
                key=f"tool_{key}.{number}.remove",
                icon=":material/close:",
                type="tertiary",
                on_click=in_order(form_state.remove),
                args=(info, key, number),
            )


def _width(info: FieldInfo, key: str, title: str) -> None:
    _widget(info, key, f"{info.title}, {title}", hidden=True)


def _block(info: FieldInfo, key: str, title: str) -> None:
    """A convolution block: its filters and its window on the card, the rest one click away."""
    for name in _AT_A_GLANCE:
        _widget(ConvBlock.model_fields[name], f"{key}.{name}")
    rest = tuple(name for name in ConvBlock.model_fields if name not in _AT_A_GLANCE)
    with st.popover(f"More of {title}", width="stretch"):
        _fields(ConvBlock, key, rest)


def _fields(model: type[BaseModel], prefix: str, names: Sequence[str]) -> None:
    """A grid of widgets, one a field that has an effect."""
    with st.grid(2, min_column_width=150, gap="small"):
        for name in names:
            info = model.model_fields[name]
            when = field_display(info).active_when
            if when is None or st.session_state[f"{prefix}.{when[0]}"] in when[1]:
                _widget(info, f"{prefix}.{name}")


def _widget(info: FieldInfo, key: str, label: str | None = None, hidden: bool = False) -> None:
    look, (low, high) = field_display(info), bounds(info)
    if get_origin(info.annotation) is Literal:
        options = get_args(info.annotation)
        few = all(isinstance(option, int) for option in options)
        choice(
            label or info.title or "",
            options,
            st.session_state[key],
            key=f"{key}.choice",
            on_choose=lambda value: form_state.put(key, value),
            words=lambda value: look.option_labels.get(value, str(value)),
            look="segments" if few else "list",
            show_label=not hidden,
            help=info.description or "",
        )
        return
    words: dict[str, Any] = {
        "label": label or info.title,
        "help": info.description,
        "label_visibility": "collapsed" if hidden else "visible",
        **form_state.widget(key),
    }
    if info.annotation is float:
        words["value"] = float(words["value"])
    if info.annotation is bool:
        st.toggle(**words)
    elif look.slider:
        st.slider(min_value=float(low), max_value=float(high), step=look.step, **words)
    elif info.annotation is float:
        st.number_input(
            min_value=float(low), max_value=float(high), step=look.step, format="%g", **words
        )
    else:
        st.number_input(min_value=low, max_value=high, step=int(look.step), **words)
