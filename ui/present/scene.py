"""A scene, which stands in place of a page that is presented."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.text import for_html
from ui.url_state import PRESENTED, PageState

_IN_A_NUMBER = re.compile(r" (?=%|±)|(?<=±) ")


@dataclass(frozen=True)
class Scene:
    """One title, one thing and one sentence, in one screen.

    Attributes:
        title: as typed; a few words.
        sentence: as typed; what there is to see.
        draw: puts the thing into its place, which it fills; ``None`` where there is none.
        poll_seconds: how often it is drawn again; ``None`` where nothing moves.
    """

    title: str
    sentence: str
    draw: Callable[[], None] | None = None
    poll_seconds: float | None = None


def present(state: PageState, make_scene: Callable[[], Scene]) -> None:
    """Draw the scene of a page and end the script, where the page is presented.

    Args:
        state: of the page, after its ``begin``.
        make_scene: the scene of what the page's address says.
    """
    if not PRESENTED.value:
        return
    first = _made(make_scene)
    made = [first]

    def draw() -> None:
        state.follow()
        # With the page the scene is there already; later the fragment is drawn alone.
        scene = made.pop() if made else _made(make_scene)
        if scene.poll_seconds != first.poll_seconds:
            # It has begun to move, or has come to its end.
            st.rerun()
        _draw(scene)

    st.fragment(draw, run_every=first.poll_seconds)()
    st.stop()


def _made(make_scene: Callable[[], Scene]) -> Scene:
    try:
        return make_scene()
    except FmnistError as error:
        return Scene("Nothing to show", str(error))


def _draw(scene: Scene) -> None:
    with st.container(key="scene"):
        st.html(f'<h1 class="fm-scene-title">{for_html(scene.title)}</h1>')
        with st.container(key="scene_thing"):
            if scene.draw is not None:
                scene.draw()
        st.html(f'<p class="fm-scene-sentence">{for_html(_unbroken(scene.sentence))}</p>')


def _unbroken(sentence: str) -> str:
    """The same with numbers that no line ends in: ``"92.4 % ± 0.5"``."""
    return _IN_A_NUMBER.sub("\N{NO-BREAK SPACE}", sentence)
