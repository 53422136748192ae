"""What the training form says, kept in the visitor's session.

A widget of Streamlit's keeps its value in the browser. One whose value changes by something else,
such as a preset, is made anew under another key: told the new value, a busy browser would send back
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
    spec_text,
)
from fmnist_core.specs.schema import ConvBlock, Spec, bounds, entry_field
from ui.components.acts import in_order_with_value
from ui.escape import plain
from ui.train.view_state import CONFIG, WRITTEN

FIRST = "Simple network"
KIND, ORIGIN = "form.kind", "form.origin"
_REFUSED = "form.refused"
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
    text = CONFIG.value
    if not text or text == st.session_state.get(WRITTEN):
        return
    st.session_state[WRITTEN] = text
    try:
        spec = parse_spec(text)
    except SpecError as error:
        st.session_state[_REFUSED] = f"The link's configuration was left out. {error}"
        return
    st.session_state.pop(_REFUSED, None)
    fill(spec, "From the link that you opened. Change what you like.")


def show_refused_link() -> None:
    """Say once why a link did not fill the form."""
    if refused := st.session_state.pop(_REFUSED, None):
        st.warning(plain(refused), icon=":material/link_off:")


def written() -> str:
    """What the form says, as the address says it; what was there where the form is refused."""
    begin()
    try:
        text = spec_text(parse_spec(said()))
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
    """Write a value into the form; a widget that shows another one is made anew."""
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[_made_anew(key)] = _generation(key) + 1
    st.session_state[key] = value


def widget(key: str) -> dict[str, Any]:
    """Key, value and callback of the widget of Streamlit's that shows a value of the form."""
    made, shown = f"{key}.{_generation(key)}", st.session_state[key]

    def take(value: Any) -> None:
        if made == f"{key}.{_generation(key)}":
            st.session_state[key] = value
        elif value != shown:
            # Clicked while the form was filled with something else: the click came last.
            put(key, value)

    return {"key": made, "value": shown, "on_change": in_order_with_value(made, take)}


def _generation(key: str) -> int:
    count: int = st.session_state.get(_made_anew(key), 0)
    return count


def _made_anew(key: str) -> str:
    return f"{key}.made_anew"


def fill(spec: RunSpec, origin: str) -> None:
    """Write a spec into the form.

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
    """Add an entry like the last one; a block looks for twice as many patterns.

    One too many is not added.
    """
    entries = _read_list(info, key)
    most = bounds(info)[1]
    if most is not None and len(entries) >= most:
        return
    last = entries[-1] if entries else None
    if isinstance(last, dict):
        highest = bounds(ConvBlock.model_fields["filters"])[1]
        entries.append({**last, "filters": min(highest, 2 * last["filters"])})
    else:
        entries.append(last or 128)
    _write_list(entries, key)


def remove(info: FieldInfo, key: str, number: int) -> None:
    """Remove an entry (from 0); a second click on it, or one too many, removes nothing."""
    entries = _read_list(info, key)
    if number < len(entries) > (bounds(info)[0] or 0):
        del entries[number]
        _write_list(entries, key)


def move(info: FieldInfo, key: str, number: int, to: int) -> None:
    """Move an entry to another place; one that has gone meanwhile stays away."""
    entries = _read_list(info, key)
    if number < len(entries):
        entries.insert(to, entries.pop(number))
        _write_list(entries, key)


def _write(part: BaseModel, prefix: str) -> None:
    for name in type(part).model_fields:
        value, key = getattr(part, name), f"{prefix}.{name}"
        if isinstance(value, tuple):
            _write_list([dict(e) if isinstance(e, BaseModel) else e for e in value], key)
        elif name != "kind":
            put(key, value)


def _write_list(entries: list[Any], key: str) -> None:
    st.session_state[f"{key}.count"] = len(entries)
    for number, value in enumerate(entries):
        if isinstance(value, dict):
            for name, inner in value.items():
                put(f"{key}.{number}.{name}", inner)
        else:
            put(f"{key}.{number}", value)


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
    keys = [f"{key}.{number}" for number in range(length(key))]
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [_read(model, one) for one in keys]
    return [st.session_state[one] for one in keys]
