"""A button that scrolls to another part of the page, where parts stand below each other."""

from __future__ import annotations

from ui.components.modules import component

_component = component("jump")


def jump(words: str, to: str, key: str) -> None:
    """Show a button that leads to a container of the page; the style sheet says on which screens.

    Args:
        words: on the button.
        to: the key of the container.
        key: of the component.
    """
    _component(key=key, data={"words": words, "to": to}, width="content")
