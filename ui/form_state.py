"""What the training form says, kept in the visitor's session; its widgets read and write it."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fmnist_core.runs import Run
from fmnist_core.specs import (
    PRESETS,
    CnnSpec,
    DenseSpec,
    RunSpec,
    SpecError,
    TrainingSpec,
    parse_spec,
    spec_text,
)
from fmnist_core.specs.fields import ConvBlock, Spec, bounds, entry
from ui.words import plain

FIRST = "Simple network"
KIND, ORIGIN = "form.kind", "form.origin"
NETWORKS: dict[str, tuple[type[Spec], str]] = {
    "Dense": (DenseSpec, "form.dense"),
    "CNN": (CnnSpec, "form.cnn"),
}
TRAINING = "form.training"
# What the other kind of network begins with when a visitor switches to it.
_OTHER = {"dense": "CNN with dropout", "cnn": FIRST}


def begin() -> None:
    """Fill the form on the first visit, and from a configuration in the address."""
    if KIND not in st.session_state:
        fill(PRESETS[FIRST], _changed(FIRST))
    text = st.query_params.get("config")
    if text is None or text == st.session_state.get("form.address"):
        return
    st.session_state["form.address"] = text
    try:
        spec = parse_spec(text)
    except SpecError as error:
        st.warning(f"The link's configuration was left out. {error}", icon=":material/link_off:")
        return
    fill(spec, "From the link that you opened. Change what you like.")


def start_from_preset(name: str) -> None:
    """Fill the form with a preset."""
    fill(PRESETS[name], _changed(name))


def copy_run(run: Run) -> None:
    """Fill the form with what an earlier run trained."""
    fill(run.spec, f"Begun from the run “{plain(run.name)}”. Change what you like.")


def _changed(preset: str) -> str:
    return f"Begun from “{preset}”, with your changes."


def keep_in_address(spec: RunSpec) -> None:
    """Put what the form says into the address, so that it can be shared and reloaded."""
    text = spec_text(spec)
    if st.query_params.get("config") != text:
        st.session_state["form.address"] = text
        st.query_params["config"] = text


def fill(spec: RunSpec, origin: str) -> None:
    """Write a spec into the form, before its widgets are drawn in this run of the script.

    Args:
        spec: what the form shall say.
        origin: a sentence on where it came from, as far as it is no preset.
    """
    for shown in (PRESETS[_OTHER[spec.network.kind]], spec):
        name = "Dense" if shown.network.kind == "dense" else "CNN"
        _write(shown.network, NETWORKS[name][1])
        st.session_state[KIND] = name
    _write(spec.training, TRAINING)
    st.session_state[ORIGIN] = origin


def said() -> dict[str, Any]:
    """What the form says, not yet validated."""
    model, prefix = NETWORKS[st.session_state[KIND]]
    return {"network": _read(model, prefix), "training": _read(TrainingSpec, TRAINING)}


def length(key: str) -> int:
    """How many entries a list of the form has."""
    count: int = st.session_state[f"{key}.count"]
    return count


def add(info: FieldInfo, key: str) -> None:
    """Add an entry like the last one; a block looks for twice as many patterns."""
    entries = _read_list(info, key)
    last = entries[-1] if entries else None
    if isinstance(last, dict):
        highest = bounds(ConvBlock.model_fields["filters"])[1]
        entries.append({**last, "filters": min(highest, 2 * last["filters"])})
    else:
        entries.append(last or 128)
    _write_list(entries, key)


def remove(info: FieldInfo, key: str, number: int) -> None:
    """Remove an entry (from 0)."""
    entries = _read_list(info, key)
    del entries[number]
    _write_list(entries, key)


def move(info: FieldInfo, key: str, number: int, to: int) -> None:
    """Move an entry to another place."""
    entries = _read_list(info, key)
    entries.insert(to, entries.pop(number))
    _write_list(entries, key)


def _write(part: BaseModel, prefix: str) -> None:
    for name in type(part).model_fields:
        value, key = getattr(part, name), f"{prefix}.{name}"
        if isinstance(value, tuple):
            _write_list([dict(e) if isinstance(e, BaseModel) else e for e in value], key)
        elif name != "kind":
            st.session_state[key] = value


def _write_list(entries: list[Any], key: str) -> None:
    st.session_state[f"{key}.count"] = len(entries)
    for number, value in enumerate(entries):
        if isinstance(value, dict):
            for name, inner in value.items():
                st.session_state[f"{key}.{number}.{name}"] = inner
        else:
            st.session_state[f"{key}.{number}"] = value


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
    model = entry(info).annotation
    nested = isinstance(model, type) and issubclass(model, BaseModel)
    return [
        _read(model, f"{key}.{number}") if nested else st.session_state[f"{key}.{number}"]
        for number in range(length(key))
    ]
