"""The components' JavaScript: ES modules that browsers import, at addresses with a digest.

Streamlit runs a component's script from a ``blob:`` address, from which nothing can be imported
but whole addresses. So the script of each component is the same ``loader.js``, which imports the
component's module from the address that its data hold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.base_path import under_base

FOLDER = Path(__file__).resolve().parent
# Read once: what lies at an address never changes, also where a file does.
MODULES: Mapping[str, bytes] = {
    path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.js"))
}


def digest_of(modules: Mapping[str, bytes]) -> str:
    """One digest for all modules, since they import each other: 16 hexadecimal digits.

    Args:
        modules: contents by their path below the folder.
    """
    digest = hashlib.sha256()
    for name, content in sorted(modules.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


DIGEST = digest_of(MODULES)
# The one that Streamlit gets, and nobody imports.
LOADER = "loader.js"
_COMMENT_LINES = re.compile(r"^[ \t]*(?://.*|/\*\*[\s\S]*?\*/)\n", re.MULTILINE)


def loader_script() -> str:
    """The loader as every component brings it along, again and again: without its comments."""
    return _COMMENT_LINES.sub("", MODULES[LOADER].decode())


def module_address(name: str) -> str:
    """The address of a module, from ``/`` on, as a browser has to ask for it.

    Args:
        name: its path below the folder, such as ``"gallery.js"`` or ``"network/worker.js"``.
    """
    return under_base(f"/assets/js/{DIGEST}/{name}")


def component(name: str, room: str = "") -> Callable[..., Any]:
    """Declare a component of ours; returns what puts it on the page.

    Args:
        name: of the module with its default function, such as ``"gallery"``.
        room: a class of the style sheets that is as high as what the module will draw; it keeps
            the place free until the module is there.

    Returns:
        Streamlit's function for a component: takes ``key``, ``data`` (a dict, or none), ``width``,
        ``height`` and callbacks.
    """
    render = st.components.v2.component(
        # Streamlit knows one component by one name, and its HTML belongs to it.
        f"atelier_{name}__{room.replace('-', '_')}" if room else f"atelier_{name}",
        html=f'<div class="fm-room {room}"></div>' if room else None,
        js=loader_script(),
        isolate_styles=False,
    )

    def put_on_page(*, data: Mapping[str, Any] | None = None, **options: Any) -> Any:
        address = module_address(f"{name}.js")
        return render(data={**(data or {}), "module": address}, **options)

    return put_on_page
