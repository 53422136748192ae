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
from ui.cache import run_options
from ui.components.acts import in_order
from ui.components.choice import choice
from ui.services import store
from ui.train import form_state

# What belongs to some optimizers alone comes last, so that it moves nothing as it comes.
_MAIN_FIELDS = ("optimizer", "learning_rate", "batch_size", "epochs", "momentum", "weight_decay")
_IMAGE_FIELDS = ("train_pictures", "validation_share", "label_noise", "shift", "flip")
_MORE_FIELDS = ("schedule", "early_stopping_patience", "seed", "validation_fold")
_BLOCK_FIELDS = ("filters", "kernel")
_MOST_RUNS = 100
# In pixels: two cards stand side by side on a phone, four beside the training on a desktop.
_CARD = 170


def start_from(spec: RunSpec | None) -> None:
    """A choice of presets, and one of earlier runs to copy; either fills the form.

    Args:
        spec: of the form; ``None`` where that is invalid.
    """
    presets, runs = st.columns([7, 3], gap="medium", vertical_alignment="bottom")
    matching = [name for name, preset in PRESETS.items() if preset == spec]
    with presets, st.container(key="form_preset"):
        # The choice follows the form: a preset that was changed can be chosen once more.
        choice(
            "Start from",
            tuple(PRESETS),
            matching[0] if matching else None,
            key="form.preset",
            on_choose=form_state.start_from_preset,
            look="pills",
            show_label=True,
            help="Six networks, from the simplest to the best. Each fills the form; change what "
            "you like.",
        )
    with runs:
        _earlier_runs()
    st.caption(PRESET_SENTENCES[matching[0]] if matching else st.session_state[form_state.ORIGIN])


def _earlier_runs() -> None:
    runs = {run.id: run for run in store().list()}
    if not runs:
        return
    options = run_options([*runs.values()][:_MOST_RUNS])
    choice(
        "or change an earlier run and train again",
        [*options],
        None,
        key="form.copy",
        on_choose=lambda run_id: form_state.copy_run(runs[run_id]),
        words=options,
        look="list",
        show_label=True,
        placeholder="Choose a run",
    )


def main_settings() -> None:
    """The settings of the training that most visitors change, in one row."""
    with st.container(key="form_main"):
        _fields(TrainingSpec, form_state.TRAINING, _MAIN_FIELDS, columns=5)


def spec_form() -> None:
    """Draw the rest of the form; its values are read with ``form_state.form_values``."""
    network, training = st.columns([3, 2], gap="large")
    with network:
        with st.container(key="form_kind"):
            choice(
                "Network",
                tuple(form_state.NETWORKS),
                st.session_state[form_state.KIND],
                key=form_state.KIND + ".choice",
                on_choose=lambda kind: form_state.put(form_state.KIND, kind),
                show_label=True,
                help="Dense reads all pixels at once. A CNN slides small windows over the picture.",
            )
        if st.session_state[form_state.KIND] == "Dense":
            _dense()
        else:
            _cnn()
    with training:
        with st.container(key="form_more"):
            st.subheader("More on the training", anchor=False)
        with st.expander("Data and augmentation", icon=":material/photo_library:"):
            _fields(TrainingSpec, form_state.TRAINING, _IMAGE_FIELDS)
        with st.expander("Schedule and stopping", icon=":material/timeline:"):
            _fields(TrainingSpec, form_state.TRAINING, _MORE_FIELDS)


def _dense() -> None:
    _cards(DenseSpec, "units", "form.dense.units", _width)
    _fields(DenseSpec, "form.dense", ("activation", "dropout", "batch_norm", "l2"))


def _cnn() -> None:
    _cards(CnnSpec, "blocks", "form.cnn.blocks", _block)
    _fields(CnnSpec, "form.cnn", ("activation", "head"))
    _cards(CnnSpec, "head_units", "form.cnn.head_units", _width)
    if form_state.length("form.cnn.head_units"):
        _fields(CnnSpec, "form.cnn", ("head_dropout",))


def _cards(
    model: type[BaseModel],
    name: str,
    key: str,
    draw: Callable[[FieldInfo, str, str], None],
) -> None:
    """A list field of the form: a card an entry, to move and remove, and a button to add one."""
    info = model.model_fields[name]
    entry_name = field_display(info).entry_name
    minimum, maximum = bounds(info)
    count = form_state.length(key)
    st.markdown(f"**{info.title}**", help=info.description)
    with st.container(key=f"cards_{name}"), st.grid(min_column_width=_CARD, gap="small"):
        for index in range(count):
            with st.container(border=True, key=f"card_{name}_{index}", gap="xsmall"):
                _card_head(info, key, index, count, count > (minimum or 0), entry_name)
                draw(entry_field(info), f"{key}.{index}", f"{entry_name} {index + 1}")
        if count < maximum:
            st.button(
                f"Add a {entry_name}",
                key=f"add_{name}",
                icon=":material/add:",
                on_click=in_order(form_state.add),
                args=(info, key),
                width="stretch",
            )


def _card_head(
    info: FieldInfo, key: str, index: int, count: int, removable: bool, entry_name: str
) -> None:
    """The head of a card: its name, and icons to move it and to remove it."""
    title = f"{entry_name} {index + 1}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        st.markdown(f"**{entry_name.split()[-1].capitalize()} {index + 1}**", width="stretch")
        for label, icon, target in (
            ("Move {} to the left", ":material/chevron_left:", index - 1),
            ("Move {} to the right", ":material/chevron_right:", index + 1),
        ):
            if 0 <= target < count:
                st.button(
                    label.format(title),
                    key=f"tool_{key}.{index}.{target - index}",
                    icon=icon,
                    type="tertiary",
                    on_click=in_order(form_state.move),
                    args=(info, key, index, target),
                )
        if removable:
            st.button(
                f"Remove {title}",
                key=f"tool_{key}.{index}.remove",
                icon=":material/close:",
                type="tertiary",
                on_click=in_order(form_state.remove),
                args=(info, key, index),
            )


def _width(info: FieldInfo, key: str, title: str) -> None:
    _widget(info, key, f"{info.title}, {title}", hidden=True)


def _block(info: FieldInfo, key: str, title: str) -> None:
    """A convolution block: its filters and its window on the card, the rest one click away."""
    for name in _BLOCK_FIELDS:
        _widget(ConvBlock.model_fields[name], f"{key}.{name}")
    rest = tuple(name for name in ConvBlock.model_fields if name not in _BLOCK_FIELDS)
    with st.popover("Advanced", width="stretch", key=f"advanced_{key}"):
        _fields(ConvBlock, key, rest)


def _fields(model: type[BaseModel], prefix: str, names: Sequence[str], columns: int = 2) -> None:
    """A grid of widgets, one a field that has an effect."""
    with st.grid(columns, min_column_width=150, gap="small"):
        for name in names:
            info = model.model_fields[name]
            when = field_display(info).active_when
            if when is None or st.session_state[f"{prefix}.{when[0]}"] in when[1]:
                _widget(info, f"{prefix}.{name}")


def _widget(info: FieldInfo, key: str, label: str | None = None, hidden: bool = False) -> None:
    display, (low, high) = field_display(info), bounds(info)
    if get_origin(info.annotation) is Literal:
        options = get_args(info.annotation)
        few = all(isinstance(option, int) for option in options)
        choice(
            label or info.title or "",
            options,
            st.session_state[key],
            key=f"{key}.choice",
            on_choose=lambda value: form_state.put(key, value),
            words=lambda value: display.option_labels.get(value, str(value)),
            look="segments" if few else "list",
            show_label=not hidden,
            help=info.description or "",
        )
        return
    arguments: dict[str, Any] = {
        "label": label or info.title,
        "help": info.description,
        "label_visibility": "collapsed" if hidden else "visible",
        **form_state.widget(key),
    }
    if info.annotation is float:
        arguments["value"] = float(arguments["value"])
    if info.annotation is bool:
        st.toggle(**arguments)
    elif display.slider:
        st.slider(min_value=float(low), max_value=float(high), step=display.step, **arguments)
    elif info.annotation is float:
        st.number_input(
            min_value=float(low),
            max_value=float(high),
            step=display.step,
            format="%g",
            **arguments,
        )
    else:
        st.number_input(min_value=low, max_value=high, step=int(display.step), **arguments)
