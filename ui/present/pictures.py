"""Pictures of a scene, as large as there is room."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from fmnist_core.images import png_bytes
from fmnist_core.text import for_html


def show_pictures(images: NDArray[np.uint8], names: Sequence[str], captions: bool = True) -> None:
    """Show one picture that fills the scene, or several side by side.

    Args:
        images: (n, 28, 28) uint8, of the dataset.
        names: of what is on each.
        captions: whether the names stand below them; a screen reader always says them.
    """
    figures = (
        f'<figure><div class="fm-picture" role="img" aria-label="{for_html(name)}" '
        f'style="--fm-sheet: url({_address(image)}); --fm-sheet-width: var(--fm-side)"></div>'
        + (f'<figcaption aria-hidden="true">{for_html(name)}</figcaption>' if captions else "")
        + "</figure>"
        for image, name in zip(images, names, strict=True)
    )
    st.html(f'<div class="fm-scene-pictures">{"".join(figures)}</div>')


def _address(image: NDArray[np.uint8]) -> str:
    png = base64.b64encode(png_bytes(np.ascontiguousarray(image))).decode()
    return f"data:image/png;base64,{png}"
