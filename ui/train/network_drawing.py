"""The network diagram on the training form, from the spec alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES, DatasetUnavailable
from fmnist_core.figures.network import network_svg, stage_svg
from fmnist_core.figures.stages import Stage, stages
from fmnist_core.specs import RunSpec
from fmnist_core.text import for_html
from ui.components.chart import library_address
from ui.components.modules import component
from ui.rights import may_change
from ui.services import dataset

_SAMPLE_INDEX = 0
# Streamlit's own HTML element leaves SVG out.
_component = component("network_drawing")


def architecture(spec: RunSpec) -> None:
    """Draw the network diagram; on narrow screens and for screen readers, a list of layers."""
    image = _sample_image()
    rows = "".join(_row(stage, image) for stage in stages(spec))
    _component(
        key="architecture",
        data={
            "html": '<section class="fm-net" aria-label="The network, from the picture to the '
            f'ten answers">{network_svg(spec, image)}<ol class="fm-net-layers">{rows}</ol>'
            "</section>",
            # Who may start a training will see curves next.
            "library": library_address() if may_change() else "",
        },
    )


def strips(specs: Mapping[str, RunSpec], key: str) -> None:
    """Draw small networks side by side, below each other where there is no room.

    A stage that no other one of them has is marked.

    Args:
        specs: valid runs by the heading of each.
        key: of the component.
    """
    image = _sample_image()
    drawn = {heading: stages(spec) for heading, spec in specs.items()}
    sections = "".join(
        f'<section class="fm-strip"><h3>{for_html(heading)}</h3><ol>'
        + "".join(
            _strip_stage(stage, image, is_new=_is_new(stage, heading, drawn)) for stage in network
        )
        + "</ol></section>"
        for heading, network in drawn.items()
    )
    _component(key=key, data={"html": f'<div class="fm-strips">{sections}</div>'})


def _is_new(stage: Stage, heading: str, drawn: Mapping[str, list[Stage]]) -> bool:
    """Whether a stage is in the last network alone."""
    others = [other for name, network in drawn.items() if name != heading for other in network]
    is_last = heading == list(drawn)[-1]
    look = _look(stage)
    return is_last and bool(others) and look not in map(_look, others)


def _look(stage: Stage) -> tuple[object, ...]:
    return stage.kind, stage.detail, stage.shape, stage.notes


def _strip_stage(stage: Stage, image: NDArray[np.uint8] | None, is_new: bool) -> str:
    facts = [stage.detail, stage.shape_text if stage.kind != "picture" else "", *stage.notes]
    lines = "".join(f"<span>{for_html(fact)}</span>" for fact in facts if fact)
    return (
        f'<li{" class=fm-strip-new" if is_new else ""} title="{for_html(stage.meaning)}">'
        f'<span class="fm-strip-figure">{stage_svg(stage, image)}</span>'
        f"<b>{for_html(stage.title)}</b>{lines}</li>"
    )


def _sample_image() -> NDArray[np.uint8] | None:
    try:
        return np.asarray(dataset().test_images[_SAMPLE_INDEX])
    except DatasetUnavailable:
        return None


def _row(stage: Stage, image: NDArray[np.uint8] | None) -> str:
    description = ", ".join(part for part in (stage.detail, *stage.notes) if part)
    facts = [stage.shape_text] if stage.kind != "picture" else []
    if stage.parameters:
        facts.append(f"{stage.parameters:,} parameters, {stage.share_text}")
    title = f"{stage.title}, block {stage.block}" if stage.block else stage.title
    if stage.kind == "answer":
        facts.append(", ".join(CLASS_NAMES))
    lines = "".join(
        f'<span class="fm-layer-{name}">{for_html(text)}</span>'
        for name, text in (("name", title), ("what", description), ("facts", "; ".join(facts)))
        if text
    )
    return (
        f'<li class="fm-layer" title="{for_html(stage.meaning)}">'
        f'<span class="fm-layer-figure">{stage_svg(stage, image)}</span>'
        f'<span class="fm-layer-text">{lines}</span></li>'
    )
