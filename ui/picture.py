"""A picture of the dataset within HTML of ours."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray

from fmnist_core.images import png_bytes
from fmnist_core.text import for_html


def picture_html(pixels: NDArray[np.uint8], label: str) -> str:
    """A picture as ink on paper, or as light on a dark page; ``--fm-side`` says how large.

    Args:
        pixels: (28, 28) uint8.
        label: what a screen reader says it is.
    """
    sheet = base64.b64encode(png_bytes(pixels)).decode()
    return (
        f'<span class="fm-picture fm-single" role="img" aria-label="{for_html(label)}" '
        f'title="{for_html(label)}" '
        f'style="--fm-sheet: url(data:image/png;base64,{sheet})"></span>'
    )
