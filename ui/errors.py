"""Error messages for visitors: a sentence, never a traceback."""

from __future__ import annotations

import logging
import uuid

import streamlit as st

from fmnist_core.errors import FmnistError
from ui.escape import plain

_log = logging.getLogger("fmnist.dashboard")


def show_error(error: Exception) -> bool:
    """Show an error that no page handled; the details go to the log under an id.

    Returns:
        True: Streamlit shows nothing of its own.
    """
    if isinstance(error, FmnistError):
        st.error(plain(error))
        return True
    error_id = uuid.uuid4().hex[:8]
    _log.error("error %s", error_id, exc_info=error)
    st.error(
        f"Something went wrong here, and it is not your fault. Try again, or go to another page. "
        f"The log tells more under the number {error_id}.",
        icon=":material/error:",
    )
    return True
