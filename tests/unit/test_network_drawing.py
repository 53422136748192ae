"""The drawing of a network: to scale, complete, and with room for every word."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from spec_strategies import networks

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.network import network_svg, stage_svg
from fmnist_core.figures.stages import stages
from fmnist_core.presets import PRESETS
from fmnist_core.specs import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    RunSpec,
    SpecError,
    parameter_count,
    parse_spec,
)


def words(spec: RunSpec) -> list[str]:
    """All texts of a drawing; the drawing is well-formed."""
    return [node.text or "" for node in ElementTree.fromstring(network_svg(spec)).iter("text")]


def boxes(svg: str) -> tuple[list[tuple[str, float, float, float, float]], float, float]:
    """Each text with its box (wider than any font needs), and the size of the drawing."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    text_boxes = []
    for node in root.iter("text"):
        size, text = float(node.attrib["font-size"]), node.text or ""
        long = 0.56 * size * len(text)
        x, y = float(node.attrib["x"]), float(node.attrib["y"])
        left = x - long / 2 if node.get("text-anchor") == "middle" else x
        text_boxes.append((text, left, y - 0.8 * size, left + long, y + 0.2 * size))
    return text_boxes, width, height


@given(networks)
def test_no_word_leaves_the_drawing_or_covers_another(network: object) -> None:
    try:
        spec = parse_spec({"network": network})
    except SpecError:
        return
    text_boxes, width, height = boxes(network_svg(spec))
    for text, left, top, right, bottom in text_boxes:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= width, text
        assert bottom <= height, text
    for index, (first, left, top, right, bottom) in enumerate(text_boxes):
        for second, left_2, top_2, right_2, bottom_2 in text_boxes[index + 1 :]:
            apart = right <= left_2 or right_2 <= left or bottom <= top_2 or bottom_2 <= top
            assert apart, (first, second)


@given(networks)
def test_stages_hold_every_parameter_and_share(network: object) -> None:
    try:
        spec = parse_spec({"network": network})
    except SpecError:
        return
    drawn = stages(spec)
    assert sum(stage.parameters for stage in drawn) == parameter_count(spec)
    assert sum(stage.share for stage in drawn) == pytest.approx(1)
    assert (drawn[0].kind, drawn[-1].kind) == ("picture", "answer")
    texts = words(spec)
    for stage in drawn[1:]:
        assert stage.shape_text in texts
        assert not stage.parameters or f"{stage.parameters:,}" in texts


def test_maps_are_drawn_to_scale() -> None:
    blocks = (ConvBlock(filters=4), ConvBlock(filters=64))
    svg = network_svg(RunSpec(network=CnnSpec(blocks=blocks)))
    fronts = re.findall(r'fm-draw-(\w+)" x="[\d.]+" y="[\d.]+" width="([\d.]+)"', svg)
    sides = {float(width) for name, width in fronts if name in ("convolution", "pooling")}
    assert sorted(side / max(sides) for side in sides) == pytest.approx([0.25, 0.5, 1.0], rel=0.01)
    stack = re.findall(r'fm-draw-convolution" x="([\d.]+)"', svg)
    assert len(stack) > 4


def test_blocks_have_their_numbers_and_the_answer_its_ten_classes() -> None:
    texts = words(PRESETS["Best CNN"])
    assert [text for text in texts if text.startswith("Block ")] == [
        "Block 1",
        "Block 2",
        "Block 3",
    ]
    assert [text for text in texts if text in CLASS_NAMES] == list(CLASS_NAMES)


def test_small_layers_belong_to_the_one_before() -> None:
    spec = RunSpec(network=DenseSpec(units=(64,), batch_norm=True, dropout=0.3))
    (_, dense, _) = stages(spec)
    assert dense.notes == ("batch norm", "ReLU", "dropout 30\N{NO-BREAK SPACE}%")
    assert dense.parameters == 784 * 64 + 4 * 64


def test_a_picture_is_drawn_as_ink_and_none_as_blank_paper() -> None:
    image = np.zeros((28, 28), np.uint8)
    assert "M" not in "".join(
        re.findall(r'fm-draw-ink"[^>]* d="([^"]*)"', network_svg(PRESETS["Simple network"], image))
    )
    image[3, 4:6] = 255
    (strongest,) = re.findall(
        r'opacity="1.0" d="([^"]+)"', stage_svg(stages(PRESETS["Simple network"])[0], image)
    )
    assert strongest.count("M") == 1, "two neighbours are one run"
    assert "fm-draw-ink" not in network_svg(PRESETS["Simple network"])
