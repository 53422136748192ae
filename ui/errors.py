"""Refusals and errors for visitors: a sentence where they look, never a traceback.

What the core refuses is told here and nowhere else: by ``show_errors`` where something should be
seen, by ``told_refusals`` and ``carry_out`` where something should be done.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from fmnist_core.dataset import DatasetUnavailable
from fmnist_core.errors import FmnistError
from ui.escape import plain
from ui.rights import actor

ICON = ":material/error:"
_log = logging.getLogger("fmnist.dashboard")


def show_error(
    error: Exception, before: str = "", after: str = "", icon: str | None = None
) -> bool:
    """Show an error in place of what cannot be seen; details that are not for visitors are logged.

    Args:
        error: raised by the core, or by anything else.
        before: a sentence before that of the core.
        after: a sentence after that of the core.
        icon: beside it.

    Returns:
        True: Streamlit shows nothing of its own.
    """
    if isinstance(error, DatasetUnavailable):
        st.warning(
            "The pictures are not here. **Explore data** says what was tried and what to do."
        )
        return True
    if isinstance(error, FmnistError):
        st.error(" ".join(filter(None, [before, plain(error), after])), icon=icon)
        return True
    error_id = uuid.uuid4().hex[:8]
    _log.error("error %s", error_id, exc_info=error)
    st.error(
        f"Something went wrong here, and it is not your fault. Try again, or go to another page. "
        f"The log tells more under the number {error_id}.",
        icon=ICON,
    )
    return True


@contextmanager
def show_errors(before: str = "", icon: str | None = None) -> Iterator[None]:
    """Show what the core refuses in a block; each fragment does, as it reruns without its page.

    Args:
        before: a sentence before that of the core.
        icon: beside it.
    """
    try:
        yield
    except FmnistError as error:
        show_error(error, before, icon=icon)


@contextmanager
def told_refusals(place: str | None = None) -> Iterator[None]:
    """Tell the visitor what the core refuses in a block, whose rest is left out then.

    Args:
        place: where ``show_refusal`` shows it; by default it pops up and goes by itself.
    """
    if place is not None:
        st.session_state.pop(place, None)
    try:
        yield
    except FmnistError as error:
        if place is None:
            st.toast(plain(error), icon=ICON)
        else:
            st.session_state[place] = str(error)


def show_refusal(place: str, icon: str | None = None, stays: bool = False) -> None:
    """Show the refusal that ``told_refusals`` has kept for a place, if there is one.

    Args:
        place: as for ``told_refusals``.
        icon: beside it.
        stays: until the next try; by default until the page is drawn again.
    """
    take = st.session_state.get if stays else st.session_state.pop
    if (refusal := take(place, None)) is not None:
        st.error(plain(refusal), icon=icon)


def carry_out(action: Callable[..., object], *arguments: object) -> None:
    """Do something in the visitor's name; a refusal pops up.

    Args:
        action: a function of the core that takes ``by``.
        arguments: its others.
    """
    with told_refusals():
        action(*arguments, by=actor())
