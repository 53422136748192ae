"""The values of the training form, kept in the visitor's session.

A widget of Streamlit's keeps its value in the browser. One whose value changes by something else,
such as a preset, is made anew under another key: sent the new value, a busy browser would send back
the old values of the whole form with the visitor's next click.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run
from fmnist_core.specs import (
    CnnSpec,
    DenseSpec,
    RunSpec,
    SpecError,
    TrainingSpec,
    parse_spec,
    repaired,
    spec_text,
)
from fmnist_core.specs.schema import ConvBlock, Spec, bounds, entry_field
from ui.components.acts import in_order_with_value
from ui.escape import plain
from ui.train.view_state import CONFIG, WRITTEN

FIRST = "Simple network"
KIND, ORIGIN = "form.kind", "form.origin"
_LINK_PROBLEMS = "form.link_problems"
_MOST_PROBLEMS = 6
NETWORKS: dict[str, tuple[type[Spec], str]] = {
    "Dense": (DenseSpec, "form.dense"),
    "CNN": (CnnSpec, "form.cnn"),
}
TRAINING = "form.training"
# What the other kind of network begins with when a visitor switches to it.
_OTHER_NETWORK_PRESETS = {"dense": "CNN with dropout", "cnn": FIRST}


def begin() -> None:
    """Fill the form on the first visit, and from a configuration in the address."""
    if KIND not in st.session_state:
        fill(PRESETS[FIRST], _changed(FIRST))
    text = CONFIG.value
    if not text or text == st.session_state.get(WRITTEN):
        return
    st.session_state[WRITTEN] = text
    try:
        spec, problems = repaired(text)
    except SpecError:
        st.session_state[_LINK_PROBLEMS] = []
        return
    fill(spec, "From the link that you opened. Change what you like.")
    if problems:
        st.session_state[_LINK_PROBLEMS] = problems


def show_link_problems() -> None:
    """Say what was replaced in the link that filled the form, until something else fills it."""
    problems = st.session_state.get(_LINK_PROBLEMS)
    if problems is None:
        return
    if not problems:
        text = "The link holds no configuration that can be read. The form is as you left it."
    else:
        said = [f"- {plain(problem)}" for problem in problems[:_MOST_PROBLEMS]]
        more = len(problems) - len(said)
        said += [f"- and {more:,} more"] if more else []
        head = "Not all of the link could be used; everything else is as it says."
        text = "\n".join([head, "", *said])
    st.warning(text, icon=":material/link_off:")


def written() -> str:
    """The form's configuration as text for the address; the one that is there if it is invalid."""
    begin()
    try:
        text = spec_text(parse_spec(form_values()))
    except SpecError:
        return CONFIG.value
    st.session_state[WRITTEN] = text
    return text


def start_from_preset(name: str) -> None:
    """Fill the form with a preset."""
    fill(PRESETS[name], _changed(name))


def copy_run(run: Run) -> None:
    """Fill the form with what an earlier run trained."""
    fill(run.spec, f"Begun from the run “{plain(run.name)}”. Change what you like.")


def _changed(preset: str) -> str:
    return f"Begun from “{preset}”, with your changes."


def put(key: str, value: Any) -> None:
    """Set a value of the form; a widget that shows another one is made anew."""
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[_generation_key(key)] = _generation(key) + 1
    st.session_state[key] = value


def widget(key: str) -> dict[str, Any]:
    """Key, value and callback for the Streamlit widget of a value of the form."""
    widget_key, displayed = f"{key}.{_generation(key)}", st.session_state[key]

    def process(value: Any) -> None:
        if widget_key == f"{key}.{_generation(key)}":
            st.session_state[key] = value
        elif value != displayed:
            # Clicked while the form was filled with something else: the click came last.
            put(key, value)

    return {
        "key": widget_key,
        "value": displayed,
        "on_change": in_order_with_value(widget_key, process),
    }


def _generation(key: str) -> int:
    count: int = st.session_state.get(_generation_key(key), 0)
    return count


def _generation_key(key: str) -> str:
    return f"{key}.made_anew"


def fill(spec: RunSpec, origin: str) -> None:
    """Write a spec into the form.

    Args:
        spec: the values.
        origin: a sentence on where it came from, as far as it is no preset.
    """
    st.session_state.pop(_LINK_PROBLEMS, None)
    for source in (PRESETS[_OTHER_NETWORK_PRESETS[spec.network.kind]], spec):
        name = "Dense" if source.network.kind == "dense" else "CNN"
        _write(source.network, NETWORKS[name][1])
        st.session_state[KIND] = name
    _write(spec.training, TRAINING)
    st.session_state[ORIGIN] = origin


def form_values() -> dict[str, Any]:
    """The values of the form as a nested dictionary, not yet validated."""
    model, prefix = NETWORKS[st.session_state[KIND]]
    return {"network": _read(model, prefix), "training": _read(TrainingSpec, TRAINING)}


def length(key: str) -> int:
    """How many entries a list of the form has."""
    count: int = st.session_state[f"{key}.count"]
    return count


def add(info: FieldInfo, key: str) -> None:
    """Add an entry like the last one; a block looks for twice as many patterns.

    One too many is not added.
    """
    entries = _read_list(info, key)
    maximum = bounds(info)[1]
    if maximum is not None and len(entries) >= maximum:
        return
    last = entries[-1] if entries else None
    if isinstance(last, dict):
        highest = bounds(ConvBlock.model_fields["filters"])[1]
        entries.append({**last, "filters": min(highest, 2 * last["filters"])})
    else:
        entries.append(last or 128)
    _write_list(entries, key)


def remove(info: FieldInfo, key: str, index: int) -> None:
    """Remove an entry (from 0); a second click on it, or one too many, removes nothing."""
    entries = _read_list(info, key)
    if index < len(entries) > (bounds(info)[0] or 0):
        del entries[index]
        _write_list(entries, key)


def move(info: FieldInfo, key: str, index: int, target: int) -> None:
    """Move an entry to another place; one that has gone meanwhile stays away."""
    entries = _read_list(info, key)
    if index < len(entries):
        entries.insert(target, entries.pop(index))
        _write_list(entries, key)


def _write(model: BaseModel, prefix: str) -> None:
    for name in type(model).model_fields:
        value, key = getattr(model, name), f"{prefix}.{name}"
        if isinstance(value, tuple):
            _write_list([dict(e) if isinstance(e, BaseModel) else e for e in value], key)
        elif name != "kind":
            put(key, value)


def _write_list(entries: list[Any], key: str) -> None:
    st.session_state[f"{key}.count"] = len(entries)
    for index, value in enumerate(entries):
        if isinstance(value, dict):
            for name, field_value in value.items():
                put(f"{key}.{index}.{name}", field_value)
        else:
            put(f"{key}.{index}", value)


def _read(model: type[BaseModel], prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        key = f"{prefix}.{name}"
        if name == "kind":
            values[name] = info.default
        elif f"{key}.count" in st.session_state:
            values[name] = _read_list(info, key)
        else:
            values[name] = st.session_state[key]
    return values


def _read_list(info: FieldInfo, key: str) -> list[Any]:
    model = entry_field(info).annotation
    keys = [f"{key}.{index}" for index in range(length(key))]
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [_read(model, entry_key) for entry_key in keys]
    return [st.session_state[entry_key] for entry_key in keys]
