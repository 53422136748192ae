"""The view state of Look inside, all of it in the address, so that it can be shared."""

from __future__ import annotations

import re
from typing import Any

from fmnist_core.dataset import TEST_SIZE
from ui.components.acts import as_int, as_text
from ui.own_image import read_own_image
from ui.url_state import Change, PageState, Parameter, whole_number

_EPOCHS = 9999
# No layer has more units.
_UNITS = 9999
_LAYER = re.compile(r"[a-z0-9_]{1,40}")
# Stands for the photo that a tab keeps, whose pixels are in no address.
PHOTO = "photo"


def _parse_layer(text: str) -> str | None:
    return text if _LAYER.fullmatch(text) else None


def _read_pixels(text: str) -> str | None:
    return text if text == PHOTO else read_own_image(text)


STATE = PageState("inside")
UNIT: Parameter[int | None] = STATE.parameter("unit", None, whole_number(_UNITS))
LAYER = STATE.parameter("layer", "", _parse_layer, resets=[UNIT])
EPOCH: Parameter[int | None] = STATE.parameter("epoch", None, whole_number(_EPOCHS, lowest=1))
PIXELS = STATE.parameter("pixels", "", _read_pixels)
IMAGE: Parameter[int | None] = STATE.parameter("picture", None, whole_number(TEST_SIZE - 1))
RUN: Parameter[str | None] = STATE.parameter("run", None, str, resets=[EPOCH, LAYER])


def choice() -> dict[str, Any]:
    """What the address says, as the component takes it."""
    return {
        "picture": IMAGE.value,
        "pixels": PIXELS.value,
        "epoch": EPOCH.value,
        "layer": LAYER.value,
        "unit": UNIT.value,
    }


def read_choice(value: object) -> list[Change] | None:
    """The changes that a choice in the component makes; ``None`` for what it would never send."""
    if not isinstance(value, dict):
        return None
    pixels, layer = as_text(value.get("pixels")), as_text(value.get("layer"))
    if pixels is None or layer is None:
        return None
    image, epoch, unit = (as_int(value.get(name)) for name in ("picture", "epoch", "unit"))
    return [
        IMAGE.to(image),
        PIXELS.to(pixels),
        EPOCH.to(epoch),
        LAYER.to(layer),
        UNIT.to(unit),
    ]
