"""Everything that we use of Streamlit and that its documentation does not promise.

Each function names the test that fails when another version of Streamlit behaves otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from streamlit.runtime.scriptrunner import get_script_run_ctx


def is_history_navigation() -> bool:
    """Whether this run of the script was asked for by Back or Forward.

    Streamlit says so to its own bound widgets alone. Watched by
    ``tests/browser/test_addresses.py``.
    """
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def set_query_params_quietly(address: Mapping[str, str]) -> None:
    """Change what ``st.query_params`` says without telling the browser.

    Told by Streamlit, a browser adds a step to its history. Watched by
    ``tests/browser/test_addresses.py``.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as params:
        params.clear_with_no_forward_msg(preserve_embed=True)
        for name, text in address.items():
            params.set_with_no_forward_msg(name, text)
