"""What the first layer of a training's network looks for, picture after picture."""

from __future__ import annotations

from fmnist_core.colors import color_scheme
from fmnist_core.runs import Run, RunEvents
from fmnist_core.runs.arrays import FIRST_LAYER_UNITS
from fmnist_core.runs.events import event_fields
from fmnist_core.specs import RunSpec, first_weighted_layer
from ui.base_path import under_base
from ui.components.live import live_first_layer
from ui.theme import is_dark


def show_first_layer(run: Run, events: RunEvents) -> None:
    """The first layer now and at any epoch before; nothing for a run that never showed it."""
    if not (run.active or events.first_layers):
        return
    layer = first_weighted_layer(run.spec)
    count = min(FIRST_LAYER_UNITS, layer.weights["kernel"][-1])
    live_first_layer(
        run.id,
        {
            "sentence": sentence(run.spec),
            "count": count,
            "responses": layer.kind == "Conv2D",
            "pictures": [event_fields(event) for event in events.first_layers],
            "place": events.end,
            "folder": under_base(f"/live/{run.id}/first-layer/"),
            "theme": color_scheme(is_dark()),
        },
    )


def sentence(spec: RunSpec) -> str:
    """What one sees in the pictures of a network's first layer."""
    layer = first_weighted_layer(spec)
    count = layer.weights["kernel"][-1]
    some = f"{FIRST_LAYER_UNITS} of its {count:,}" if count > FIRST_LAYER_UNITS else f"its {count}"
    if layer.kind == "Dense":
        are = f"These are {some} neurons" if count > 1 else "This is its only neuron"
        return (
            f"{are}. Clothes that cover its orange parts wake a neuron up, its blue parts quieten "
            "it. What begins as noise grows into shapes."
        )
    size = layer.weights["kernel"][0]
    are = f"These are {some} filters" if count > 1 else "This is its only filter"
    pixels, finder = ("pixels each", "each") if count > 1 else ("pixels", "it")
    return (
        f"{are}, {size} × {size} {pixels}, and what {finder} finds in an ankle boot: orange where "
        "it fits, blue where the opposite would."
    )
