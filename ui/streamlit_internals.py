"""Everything that we use of Streamlit and that its documentation does not promise.

Each function names the test that fails when another version of Streamlit behaves otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from streamlit import file_util
from streamlit.delta_generator_singletons import context_dg_stack, get_default_dg_stack_value
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent, get_script_run_ctx
from streamlit.runtime.state import SafeSessionState
from streamlit.runtime.state.session_state import WStates


def is_history_navigation() -> bool:
    """Whether Back or Forward requested this run of the script.

    Streamlit tells it to its own bound widgets alone. Watched by
    ``tests/browser/test_addresses.py``.
    """
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def static_folder() -> Path:
    """Where the files lie that Streamlit serves below ``/static``.

    Watched by ``tests/unit/test_static_files.py``.
    """
    return Path(file_util.get_static_dir()) / "static"


def begin_at_the_top() -> None:
    """Draw what follows at the top of the page; the first thing that a run of the script does.

    A run that follows one of a fragment in the same thread would go on where the fragment drew:
    Streamlit begins anew only in a new thread, which it always takes where ``runner.fastReruns``
    is on. Watched by ``tests/unit/test_streamlit_internals.py``.
    """
    context_dg_stack.set(get_default_dg_stack_value())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nothing stop this run of the script while a click is being processed.

    Streamlit stops a run for a newer request whenever it reads or writes the session's state, and
    would lose what stands between the two. The newer run, which may have begun by then, waits.
    Watched by ``tests/unit/test_streamlit_internals.py``.
    """
    context = get_script_run_ctx()
    if context is None:
        yield
        return
    with _unstopped(context.session_state):
        yield


@contextmanager
def _unstopped(state: SafeSessionState) -> Iterator[None]:
    yield_callback = state._yield_callback
    with state._lock:
        # A plain assignment would be one to the session's own state.
        object.__setattr__(state, "_yield_callback", lambda: None)
        try:
            yield
        finally:
            object.__setattr__(state, "_yield_callback", yield_callback)


@cache
def process_every_click() -> None:
    """Call the callbacks of a request also where a newer one has come already, and in their order.

    Streamlit looks for a newer request before it takes in an older one's values, and drops the
    older one if there is any; the click on a button is sent only once. Of two buttons whose
    requests were joined, it calls the newer one first. Watched by
    ``tests/unit/test_streamlit_internals.py``.
    """
    process = SafeSessionState.on_script_will_rerun

    @wraps(process)
    def process_unstopped(
        state: SafeSessionState, widgets: WidgetStates | None, *rest: Any, **named: Any
    ) -> None:
        with _unstopped(state):
            process(state, _in_order_of_arrival(widgets), *rest, **named)

    SafeSessionState.on_script_will_rerun = process_unstopped  # type: ignore[method-assign, assignment]


def set_query_params_quietly(address: Mapping[str, str]) -> None:
    """Change ``st.query_params`` without telling the browser.

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


@cache
def disable_shared_actions() -> None:
    """Ignore messages from a browser that change or reveal something for all visitors.

    Streamlit lets each of them empty everybody's caches, and with them what the pages share, and
    have the names of changed files looked up. Watched by
    ``tests/unit/test_streamlit_internals.py``.
    """
    AppSession._handle_clear_cache_request = _ignore  # type: ignore[method-assign, assignment]
    AppSession._handle_git_information_request = _ignore  # type: ignore[method-assign, assignment]


def _ignore(session: AppSession) -> None:
    """Do nothing."""


@cache
def announce_every_fragment_end() -> None:
    """Send the end of a fragment's run to browsers, also where another fragment begins at once.

    A browser removes what a fragment no longer draws when it hears that its run has ended well. As
    long as that news waits to be sent, Streamlit turns it into "ended early" when a second fragment
    begins to run, such as one that looks every half second; then what was there before stays on
    the screen, between the new and below it. Here it remains as it was, provided that nothing of
    what the first fragment drew was thrown away. Watched by
    ``tests/unit/test_streamlit_internals.py``.
    """
    clear = ForwardMsgQueue.clear

    @wraps(clear)
    def clear_but_keep_endings(
        queue: ForwardMsgQueue,
        retain_lifecycle_msgs: bool = False,
        fragment_ids_this_run: list[str] | None = None,
    ) -> None:
        waiting = list(queue._queue)
        ended_well = [
            message
            for message in waiting
            if message.WhichOneof("type") == "script_finished"
            and message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
        ]
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        if fragment_ids_this_run is not None and len(queue) == len(waiting):
            for message in ended_well:
                message.script_finished = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY

    # mypy has no better word for a method that is replaced.
    ForwardMsgQueue.clear = clear_but_keep_endings  # type: ignore[method-assign, assignment]


@cache
def deliver_messages_of_every_run() -> None:
    """Send all messages of a script run, also where the next run has begun by then.

    A run's messages wait in the event loop. Where a request comes just as the run has ended,
    Streamlit makes another runner and throws away what the one before it still has to say: parts
    of the page, and the news of its end. What was there before stayed on the screen, or the next
    change met parts that the browser had never got, and the page went blank. Right only while no
    runner is left alone before it has ended, see ``runner.fastReruns`` in
    ``.streamlit/config.toml``. Watched by ``tests/unit/test_streamlit_internals.py``.
    """
    handle = AppSession._handle_scriptrunner_event_on_event_loop

    @wraps(handle)
    def handle_from_any_runner(
        session: AppSession,
        sender: ScriptRunner | None,
        event: ScriptRunnerEvent,
        *rest: Any,
        **named: Any,
    ) -> None:
        current = session._scriptrunner
        if sender is None or event == ScriptRunnerEvent.SHUTDOWN:
            handle(session, sender, event, *rest, **named)
            return
        session._scriptrunner = sender
        try:
            handle(session, sender, event, *rest, **named)
        finally:
            session._scriptrunner = current

    session_class: Any = AppSession
    session_class._handle_scriptrunner_event_on_event_loop = handle_from_any_runner


class Arrival(NamedTuple):
    """When a change in a widget reached the dashboard.

    Attributes:
        act: the count of the newest act of ours that had arrived by then; 0 for none.
        request: which request of the session brought the change, counted from 1.
    """

    act: int
    request: int


_NOTHING = Arrival(0, 0)


@dataclass
class _Arrivals:
    """The widget states that a browser has sent, and when each arrived.

    Attributes:
        states: the newest state of each widget, by its id.
        by_widget: when each of them arrived, by the widget's id.
        newest: the arrival of the newest request.
        current_widget: the id of the widget whose callback runs.
    """

    states: dict[str, WidgetState] = field(default_factory=dict)
    by_widget: dict[str, Arrival] = field(default_factory=dict)
    newest: Arrival = _NOTHING
    current_widget: str = ""

    def record(self, states: list[WidgetState], newest_count: Callable[[str], int]) -> None:
        """Note a request, which holds the state of every widget."""
        changed = [state for state in states if self.states.get(state.id) != state]
        counts = (
            newest_count(state.json_value) for state in changed if state.HasField("json_value")
        )
        self.newest = Arrival(max([self.newest.act, *counts]), self.newest.request + 1)
        self.by_widget |= {state.id: self.newest for state in changed}
        # A click on a button is sent once, so the next one counts as a change again.
        self.states = {state.id: state for state in states if not state.HasField("trigger_value")}


_arrivals_of_sessions: WeakValueDictionary[str, _Arrivals] = WeakValueDictionary()


@cache
def note_when_clicks_arrive(newest_count: Callable[[str], int]) -> None:
    """Remember which request brought which change of a widget.

    Streamlit joins the requests that wait for a run, and what came first is lost. A browser sends
    one at each change, in their order. Watched by ``tests/unit/test_streamlit_internals.py``.

    Args:
        newest_count: the count of the newest act in a component's state, which is JSON.
    """
    request, call = AppSession.request_rerun, WStates.call_callback

    @wraps(request)
    def note_and_request(session: Any, client_state: ClientState | None) -> None:
        if client_state:
            # The session is all that keeps it.
            session.fmnist_arrivals = _arrivals_of_sessions.setdefault(session.id, _Arrivals())
            session.fmnist_arrivals.record(list(client_state.widget_states.widgets), newest_count)
        request(session, client_state)

    @wraps(call)
    def note_and_call(states: WStates, widget_id: str) -> None:
        arrivals = _current_arrivals()
        if arrivals is not None:
            arrivals.current_widget = widget_id
        call(states, widget_id)

    AppSession.request_rerun = note_and_request  # type: ignore[method-assign, assignment]
    WStates.call_callback = note_and_call  # type: ignore[method-assign, assignment]


def _in_order_of_arrival(states: WidgetStates | None) -> WidgetStates | None:
    """The widget states of a request, in the order in which their changes arrived."""
    arrivals = _current_arrivals()
    if states is None or arrivals is None:
        return states
    order = {widget_id: arrival.request for widget_id, arrival in arrivals.by_widget.items()}
    return WidgetStates(widgets=sorted(states.widgets, key=lambda state: order.get(state.id, 0)))


def arrival_of_change() -> Arrival | None:
    """When the change arrived whose callback runs; ``None`` where it was not noted."""
    arrivals = _current_arrivals()
    return None if arrivals is None else arrivals.by_widget.get(arrivals.current_widget)


def _current_arrivals() -> _Arrivals | None:
    context = get_script_run_ctx()
    return None if context is None else _arrivals_of_sessions.get(context.session_id)
