"""An announcement for screen readers (ARIA live region): what changed without being clicked."""

from __future__ import annotations

from ui.components.modules import component

_component = component("announcement")


def announce(sentence: str, key: str) -> None:
    """Have a screen reader say a sentence, politely, each time it becomes another one.

    Call it in every run of the script, with the sentence that holds now. What holds when the page
    comes is silent, since the page itself says it; so is an empty sentence, and one that was said.

    Args:
        sentence: such as ``"74 pictures"`` or ``"Fast CNN: training has finished."``.
        key: what it is about; a later sentence under the same key takes its place.
    """
    _component(key=f"announcement-{key}", data={"about": key, "sentence": sentence}, height=0)
