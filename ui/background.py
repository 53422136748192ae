"""Background tasks of the engine on a page: the result, or the progress until it is there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fmnist_core import timeouts
from fmnist_core.task_types import Arrays
from ui.escape import plain
from ui.services import request_task


def ask(
    key: str,
    function: Callable[..., Arrays],
    *arguments: object,
    height: int | None = None,
    meanwhile: str = "",
) -> Arrays | None:
    """The result of a task; until it is there, its progress or problem, drawn in its place.

    The caller's script or fragment runs again by itself when the result has come.

    Args:
        key: as for ``Engine.request_task``.
        function: as for ``Engine.request_task``.
        arguments: as for ``Engine.request_task``.
        height: of what the result is drawn as, in pixels; kept free until it is there.
        meanwhile: a sentence on what the page shows until then; the progress floats below, so
            that nothing moves when it goes.
    """
    state = request_task(key, function, *arguments)
    if state.arrays is not None:
        return state.arrays
    if state.problem is not None:
        problem = " ".join(filter(None, [state.problem, meanwhile]))
        st.warning(plain(problem), icon=":material/warning:")
        st.button("Try again", key=f"again.{key}", icon=":material/refresh:")
        return None
    floating = "asking" if meanwhile else None
    with st.container(key=floating, height=height or "content", border=False):
        if meanwhile:
            st.caption(meanwhile)
        st.fragment(_wait, run_every=timeouts.TASK_POLL_SECONDS)(key, function, arguments)
    return None


def _wait(key: str, function: Callable[..., Arrays], arguments: tuple[object, ...]) -> None:
    state = request_task(key, function, *arguments)
    if state.arrays is not None or state.problem is not None:
        st.rerun()
    st.progress(state.share, text=f"{plain(state.phase)} …")
