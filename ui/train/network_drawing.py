"""The network diagram on the training form, from the spec alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES, DatasetUnavailable
from fmnist_core.figures.network import network_svg, stage_svg
from fmnist_core.figures.stages import Stage, stages
from fmnist_core.specs import RunSpec
from fmnist_core.text import for_html
from ui.components.modules import component
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
            "</section>"
        },
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
