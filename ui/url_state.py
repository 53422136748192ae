"""The state of a page and its URL query parameters: one declaration a parameter.

Inside a session the state here is the truth, and the address follows it whenever a page or a
fragment is drawn. The address decides only where it was what the visitor acted on: when a page is
opened, by Back and Forward, and by links. A request that carries an older address changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from ui.components.acts import carry_out_acts, in_order_with_value
from ui.components.choice import choice
from ui.components.modules import component
from ui.streamlit_internals import (
    is_history_navigation,
    set_query_params_quietly,
    undisturbed,
)

T = TypeVar("T")
Option = TypeVar("Option", bound=str | int)
Written = dict[str, str]

_PAGE, _OPENED = "url.page", "url.given"
_SENT, _EVERY_PAGE = "url.told", "every page"
_MOST_DIGITS = 9
_address = component("address")


@dataclass(frozen=True)
class Change:
    """A parameter with the value that it gets."""

    parameter: Parameter[Any]
    value: Any


@dataclass(frozen=True, eq=False)
class Parameter(Generic[T]):
    """A parameter of a page that its address holds.

    Attributes:
        page: the state that it is a part of.
        name: in the address and of its widget; one that is written as several parts names them in
            ``read`` and ``write``.
        default: what an address without it means.
        read: the value in an address; ``None`` where there is none, or nonsense.
        write: the value as parts of an address.
        resets: the parameters that get their default when this one changes.
    """

    page: PageState
    name: str
    default: T
    read: Callable[[Mapping[str, str]], T | None]
    write: Callable[[T], Written]
    resets: tuple[Parameter[Any], ...] = ()

    @property
    def value(self) -> T:
        """The current value for this visitor."""
        return cast("T", self.page.values().get(self.name, self.default))

    @property
    def key(self) -> str:
        """The key of the Streamlit widget that shows it; a new one after a change from elsewhere.

        A widget of Streamlit's keeps in the browser what was chosen there. It is made anew instead
        of being sent another value, which could come after the visitor's next choice and undo it.
        """
        return f"{self.page.name}.{self.name}.{self.page.generation(self.name)}"

    def to(self, value: T) -> Change:
        """The change of this parameter to a value."""
        return Change(self, value)

    def can_be(self, value: object) -> bool:
        """Whether an address can hold a value."""
        if value == self.default:
            return True
        try:
            return self.read(self.write(cast("T", value))) == value
        except (TypeError, ValueError, AttributeError, LookupError):
            return False

    def set(self, value: T) -> None:
        """Change the value, and reset the parameters that depend on it."""
        self.page.change(self.to(value))

    def callback(self, fallback: T | None = None) -> Callable[[], None]:
        """The ``on_change`` callback of the Streamlit widget whose key is ``key`` at the moment.

        Of a widget that has gone Streamlit sends the old value once more, as if it were new.

        Args:
            fallback: what the widget shows while nobody has chosen.
        """
        generation, displayed = self.key, self._displayed(fallback)

        def process(value: T) -> None:
            if generation != self.key:
                # A click on a widget that was made anew meanwhile.
                if value != displayed:
                    self.set(value)
            elif value != self._displayed(fallback):
                self.page.change(self.to(value), by_widget=True)

        return in_order_with_value(self._widget_key(fallback), process)

    def widget(self, fallback: T | None = None) -> dict[str, Any]:
        """Key, value and callback for a slider or a toggle of Streamlit's.

        Args:
            fallback: what the widget shows while nobody has chosen.
        """
        return {
            "key": self._widget_key(fallback),
            "value": self._displayed(fallback),
            "on_change": self.callback(fallback),
        }

    def _widget_key(self, fallback: T | None) -> str:
        """With another fallback it is another widget, which shows that one."""
        return self.key if fallback is None else f"{self.key}.{fallback}"

    def _displayed(self, fallback: T | None) -> T | None:
        return fallback if self.value is None else self.value

    def choose(
        self,
        label: str,
        options: Sequence[Option],
        value: T | None = None,
        **choice_arguments: Any,
    ) -> None:
        """Let the visitor choose one of several options, or some of them.

        Args:
            label: what is chosen.
            options: to choose from.
            value: what is shown as chosen where that is not simply the parameter's value.
            choice_arguments: see ``ui.components.choice.choice``.
        """
        displayed = self.value if value is None else value
        choice(
            label,
            options,
            cast("Any", displayed),
            key=f"{self.page.name}.{self.name}",
            on_choose=self.set,
            **choice_arguments,
        )


@dataclass(eq=False)
class PageState:
    """The parameters of a page.

    Attributes:
        name: of the page, as in its address.
        parameters: what others reset comes before them, and so later in the address.
    """

    name: str
    parameters: list[Parameter[Any]] = field(default_factory=list)

    def parameter(
        self,
        name: str,
        default: T,
        read: Callable[[str], T | None],
        write: Callable[[T], str] = str,
        resets: Sequence[Parameter[Any]] = (),
    ) -> Parameter[T]:
        """Declare a parameter that is one part of the address.

        Args:
            name: in the address.
            default: what an address without it means; it is never written.
            read: the value of a text; ``None`` for nonsense.
            write: the text of a value.
            resets: declared before; get their default when this one changes.
        """
        return self.parts(
            name,
            default,
            lambda address: read(address[name]) if name in address else None,
            lambda value: {name: write(value)},
            resets,
        )

    def parts(
        self,
        name: str,
        default: T,
        read: Callable[[Mapping[str, str]], T | None],
        write: Callable[[T], Written],
        resets: Sequence[Parameter[Any]] = (),
    ) -> Parameter[T]:
        """Declare a parameter that is written as several parts of the address."""
        if any(existing.name == name for existing in self.parameters):
            raise ValueError(f"{self.name} has two parameters of the name {name!r}")
        parameter = Parameter(self, name, default, read, write, tuple(resets))
        self.parameters.append(parameter)
        return parameter

    def begin(self, initial_changes: Callable[[], Sequence[Change]] = tuple) -> None:
        """At the start of a page: apply the address where it decides, then let it follow.

        Args:
            initial_changes: what an address that leaves it open shall say from then on, such as
                the newest run; called when the address has been applied.
        """
        with undisturbed():
            opened = st.session_state.pop(_OPENED, None)
            if opened is not None:
                PRESENTED.page._apply(opened)
                self._apply(opened)
            # These were done after the page had been opened.
            carry_out_acts()
            if added := initial_changes():
                self.change(*added)
            if opened is not None:
                self._complete(opened)
        _address(key="url.address", data=st.session_state.get(self._completed_key), height=0)
        self.follow()

    def follow(self) -> None:
        """At the start of a fragment, too: carry out the acts, and write the address.

        The address last sent to the browser counts as well as the one it shows: a request that
        was sent before the other arrived would hide that the two differ.
        """
        carry_out_acts()
        target, current = self.address(), st.query_params.to_dict()
        completed = st.session_state.get(self._completed_key) or {}
        is_shown = current in (target, completed.get("given"))
        if is_shown and st.session_state.get(self._sent_key) == target:
            return
        st.query_params.from_dict(target)
        st.session_state[self._sent_key] = target
        st.session_state.pop(self._completed_key, None)

    def address(self, *changes: Change) -> Written:
        """The query parameters of the current state, or of the state after some changes."""
        values = self._after(changes) if changes else self.values()
        own = {
            part: text
            for parameter in reversed(self.parameters)
            if parameter.name in values
            for part, text in parameter.write(values[parameter.name]).items()
            if text
        }
        return own if self.name == _EVERY_PAGE else {**own, **PRESENTED.page.address()}

    def settle(self, *changes: Change) -> None:
        """Replace what cannot be shown by what is shown instead, in the address as well."""
        self.change(*changes)
        self.follow()

    def change(self, *changes: Change, by_widget: bool = False) -> None:
        """Change some parameters at once, and reset those that depend on them.

        A value that no address could hold is left out: it came from a browser that made it up.

        Args:
            changes: of parameters of this page.
            by_widget: the visitor chose it in the parameter's own Streamlit widget, which shows it.
        """
        changes = tuple(change for change in changes if change.parameter.can_be(change.value))
        before, after = self.values(), self._after(changes)
        own = {change.parameter.name for change in changes} if by_widget else set()
        for parameter in self.parameters:
            name = parameter.name
            old, new = (values.get(name, parameter.default) for values in (before, after))
            if old != new and name not in own:
                self._generations()[name] = self.generation(name) + 1
        st.session_state[self._key] = after

    def values(self) -> dict[str, Any]:
        """The values that differ from the defaults, by the parameters' names."""
        values: dict[str, Any] = st.session_state.get(self._key, {})
        return values

    def generation(self, name: str) -> int:
        """How often something else than its own widget changed a parameter."""
        return self._generations().get(name, 0)

    def _after(self, changes: Sequence[Change]) -> dict[str, Any]:
        values = dict(self.values())
        named = {change.parameter.name for change in changes}
        for change in changes:
            parameter = change.parameter
            if values.get(parameter.name, parameter.default) == change.value:
                continue
            for reset in parameter.resets:
                if reset.name not in named:
                    values.pop(reset.name, None)
        for change in changes:
            if change.value == change.parameter.default:
                values.pop(change.parameter.name, None)
            else:
                values[change.parameter.name] = change.value
        return values

    def _apply(self, address: Mapping[str, str]) -> None:
        read = [(parameter, parameter.read(address)) for parameter in self.parameters]
        self.change(
            *(
                parameter.to(parameter.default if value is None else value)
                for parameter, value in read
            )
        )

    def _complete(self, opened: Mapping[str, str]) -> None:
        """Complete the address that was opened in place: Back shall not lead to half of it."""
        target = self.address()
        if target == opened:
            st.session_state.pop(self._completed_key, None)
            return
        set_query_params_quietly(target)
        st.session_state[self._sent_key] = target
        st.session_state[self._completed_key] = {"given": dict(opened), "wanted": target}

    def _generations(self) -> dict[str, int]:
        key = f"url.generations.{self.name}"
        generations: dict[str, int] = st.session_state.setdefault(key, {})
        return generations

    @property
    def _key(self) -> str:
        return f"url.values.{self.name}"

    @property
    def _sent_key(self) -> str:
        return f"{_SENT}.{self.name}"

    @property
    def _completed_key(self) -> str:
        return f"url.completed.{self.name}"


def current_page() -> str:
    """The name of the page that this session shows."""
    return str(st.session_state.get(_PAGE, ""))


def is_presented() -> bool:
    """Whether the page is presented; also before it has begun, when its address decides that."""
    opened: Written | None = st.session_state.get(_OPENED)
    return PRESENTED.value if opened is None else bool(PRESENTED.read(opened))


def last_address(page: str) -> Written:
    """The address that a page last had in this session; empty before it was opened.

    Args:
        page: the name of its state.
    """
    return {
        part: text
        for part, text in st.session_state.get(f"{_SENT}.{page}", {}).items()
        if part != PRESENTED.name
    }


def arrive(page: str) -> None:
    """Note the address where it decides; by the frame, before the page is drawn.

    Args:
        page: its name in the address.
    """
    with undisturbed():
        page_left = st.session_state.get(_PAGE) != page
        if page_left or is_history_navigation():
            # What was done before has its effect, and then the address decides.
            carry_out_acts(page_left=page_left)
            st.session_state[_OPENED] = st.query_params.to_dict()
            st.session_state[_PAGE] = page


def whole_number(highest: int, lowest: int = 0) -> Callable[[str], int | None]:
    """A parser of whole numbers within limits; ``None`` for anything else."""

    def read(text: str) -> int | None:
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            return None
        return int(text) if lowest <= int(text) <= highest else None

    return read


def one_of(options: Sequence[T]) -> Callable[[str], T | None]:
    """A parser of the text of one of some options; ``None`` for anything else."""

    def read(text: str) -> T | None:
        return next((option for option in options if str(option) == text), None)

    return read


def switch(text: str) -> bool | None:
    """Parses ``"1"`` and ``"0"``; ``None`` for anything else."""
    return {"1": True, "0": False}.get(text)


def write_switch(value: bool) -> str:
    """Writes what ``switch`` reads."""
    return "1" if value else "0"


# Whether the page is presented: title, one thing and one sentence, on every page alike.
PRESENTED = PageState(_EVERY_PAGE).parameter("present", False, switch, write_switch)
