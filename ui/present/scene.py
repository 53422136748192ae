"""A scene, which stands in place of a page that is presented."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.text import for_html
from ui.components.live import live_part
from ui.url_state import PRESENTED, PageState

_IN_A_NUMBER = re.compile(r" (?=%|±)|(?<=±) ")


@dataclass(frozen=True)
class Scene:
    """One title, one thing and one sentence, in one screen.

    Attributes:
        title: as typed; a few words.
        sentence: as typed; what there is to see.
        draw: puts the thing into its place, which it fills; ``None`` where there is none.
        follow: lets the scene be drawn again where it has become another; ``None`` where nothing
            moves.
        sentence_part: the part of the live channel that goes on with the sentence; none where it
            stays.
    """

    title: str
    sentence: str
    draw: Callable[[], None] | None = None
    follow: Callable[[], None] | None = None
    sentence_part: str = ""


def present(state: PageState, make_scene: Callable[[], Scene]) -> None:
    """Draw the scene of a page and end the script, where the page is presented.

    Args:
        state: of the page, after its ``begin``.
        make_scene: the scene of what the page's address says.
    """
    if not PRESENTED.value:
        return

    def draw() -> None:
        state.follow()
        _draw(_made(make_scene))

    # What comes by the live channel draws the scene again, and not the frame.
    st.fragment(draw)()
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
        sentence = sentence_html(scene.sentence)
        if scene.sentence_part:
            live_part(scene.sentence_part, sentence, "scene.sentence")
        else:
            st.html(sentence)
        if scene.follow is not None:
            with st.container(key="scene_follow"):
                scene.follow()


def sentence_html(sentence: str) -> str:
    """The sentence of a scene, as HTML."""
    return f'<p class="fm-scene-sentence">{for_html(unbroken(sentence))}</p>'


def unbroken(sentence: str) -> str:
    """A sentence with numbers that no line ends in, such as ``"92.4 % ± 0.5"``."""
    return _IN_A_NUMBER.sub("\N{NO-BREAK SPACE}", sentence)
