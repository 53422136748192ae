"""What a visitor looks at, and the address that says so: one declaration a parameter.

Inside a session the state here is the truth, and the address follows it whenever a page or a
fragment is drawn. The address decides only where it was what the visitor acted on: when a page is
opened, by Back and Forward, and by links. A request that carries an older address changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

import streamlit as st

from ui.components import javascript
from ui.components.acts import carry_out_acts, in_order_with_value
from ui.components.choice import choice
from ui.streamlit_internals import (
    is_history_navigation,
    set_query_params_quietly,
    undisturbed,
)

T = TypeVar("T")
Option = TypeVar("Option", bound=str | int)
Written = dict[str, str]

_PAGE, _GIVEN = "url.page", "url.given"
_MOST_DIGITS = 9
_address = st.components.v2.component(
    "atelier_address", js=javascript("address.js"), isolate_styles=False
)


@dataclass(frozen=True)
class Change:
    """A parameter with the value that it gets."""

    parameter: Parameter[Any]
    value: Any


@dataclass(frozen=True, eq=False)
class Parameter(Generic[T]):
    """Something that a page can be told by its address.

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
        """What holds now for this visitor."""
        return cast("T", self.page.values().get(self.name, self.default))

    @property
    def key(self) -> str:
        """Of the Streamlit widget that shows it; another one after a change from elsewhere.

        A widget of Streamlit's keeps in the browser what was chosen there. It is made anew instead
        of being told another value, which could come after the visitor's next choice and undo it.
        """
        return f"{self.page.name}.{self.name}.{self.page.generation(self.name)}"

    def to(self, value: T) -> Change:
        """The change of this parameter to a value."""
        return Change(self, value)

    def can_be(self, value: object) -> bool:
        """Whether an address can say so."""
        if value == self.default:
            return True
        try:
            return self.read(self.write(cast("T", value))) == value
        except (TypeError, ValueError, AttributeError, LookupError):
            return False

    def set(self, value: T) -> None:
        """Change it, and reset what hangs on it."""
        self.page.change(self.to(value))

    def taken(self, usual: T | None = None) -> Callable[[], None]:
        """The callback of the Streamlit widget with the key of now: its value is the truth.

        Of a widget that has gone Streamlit tells the old value once more, as if it were new.

        Args:
            usual: what the widget shows while nobody has chosen.
        """
        generation, shown = self.key, self._shown(usual)

        def take(value: T) -> None:
            if generation != self.key:
                # A click on a widget that was made anew meanwhile.
                if value != shown:
                    self.set(value)
            elif value != self._shown(usual):
                self.page.change(self.to(value), by_widget=True)

        return in_order_with_value(self._widget_key(usual), take)

    def widget(self, usual: T | None = None) -> dict[str, Any]:
        """Key, value and callback for a slider or a toggle of Streamlit's.

        Args:
            usual: what the widget shows while nobody has chosen.
        """
        return {
            "key": self._widget_key(usual),
            "value": self._shown(usual),
            "on_change": self.taken(usual),
        }

    def _widget_key(self, usual: T | None) -> str:
        """With another usual value it is another widget, which shows that one."""
        return self.key if usual is None else f"{self.key}.{usual}"

    def _shown(self, usual: T | None) -> T | None:
        return usual if self.value is None else self.value

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
        shown = self.value if value is None else value
        choice(
            label,
            options,
            cast("Any", shown),
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
        if any(other.name == name for other in self.parameters):
            raise ValueError(f"{self.name} has two parameters of the name {name!r}")
        made = Parameter(self, name, default, read, write, tuple(resets))
        self.parameters.append(made)
        return made

    def begin(self, usual: Callable[[], Sequence[Change]] = tuple) -> None:
        """At the start of a page: take over the address where it decides, then let it follow.

        Args:
            usual: what an address that leaves it open shall say from then on, such as the newest
                run; asked when the address has been taken over.
        """
        with undisturbed():
            given = st.session_state.pop(_GIVEN, None)
            if given is not None:
                self._take_over(given)
            # These were done after the page had been opened.
            carry_out_acts()
            if added := usual():
                self.change(*added)
            if given is not None:
                self._complete(given)
        _address(key="url.address", data=st.session_state.get(self._completed), height=0)
        self.follow()

    def follow(self) -> None:
        """At the start of a fragment, too: carry out what was asked for, and say it above.

        What the browser was told last counts as well as what it says: a request that was sent
        before it heard would hide that the two differ.
        """
        carry_out_acts()
        wanted, said = self.address(), st.query_params.to_dict()
        completed = st.session_state.get(self._completed) or {}
        if st.session_state.get(self._told) == wanted and said in (wanted, completed.get("given")):
            return
        st.query_params.from_dict(wanted)
        st.session_state[self._told] = wanted
        st.session_state.pop(self._completed, None)

    def address(self, *changes: Change) -> Written:
        """The parts of the address of what is looked at, or of what some changes would show."""
        values = self._after(changes) if changes else self.values()
        return {
            part: text
            for parameter in reversed(self.parameters)
            if parameter.name in values
            for part, text in parameter.write(values[parameter.name]).items()
            if text
        }

    def settle(self, *changes: Change) -> None:
        """Replace what cannot be shown by what is shown instead, in the address as well."""
        self.change(*changes)
        self.follow()

    def change(self, *changes: Change, by_widget: bool = False) -> None:
        """Change some parameters at once, and reset what hangs on those that differ.

        A value that no address could say is left out: it came from a browser that made it up.

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
        """What differs from the defaults, by the parameters' names."""
        found: dict[str, Any] = st.session_state.get(self._key, {})
        return found

    def generation(self, name: str) -> int:
        """How often a parameter was changed by something else than its own widget."""
        return self._generations().get(name, 0)

    def _after(self, changes: Sequence[Change]) -> dict[str, Any]:
        values = dict(self.values())
        named = {change.parameter.name for change in changes}
        for change in changes:
            parameter = change.parameter
            if values.get(parameter.name, parameter.default) == change.value:
                continue
            for other in parameter.resets:
                if other.name not in named:
                    values.pop(other.name, None)
        for change in changes:
            if change.value == change.parameter.default:
                values.pop(change.parameter.name, None)
            else:
                values[change.parameter.name] = change.value
        return values

    def _take_over(self, address: Mapping[str, str]) -> None:
        read = [(parameter, parameter.read(address)) for parameter in self.parameters]
        self.change(
            *(
                parameter.to(parameter.default if value is None else value)
                for parameter, value in read
            )
        )

    def _complete(self, given: Mapping[str, str]) -> None:
        """Complete the address that was opened in place: Back shall not lead to half of it."""
        wanted = self.address()
        if wanted == given:
            st.session_state.pop(self._completed, None)
            return
        set_query_params_quietly(wanted)
        st.session_state[self._told] = wanted
        st.session_state[self._completed] = {"given": dict(given), "wanted": wanted}

    def _generations(self) -> dict[str, int]:
        found: dict[str, int] = st.session_state.setdefault(f"url.generations.{self.name}", {})
        return found

    @property
    def _key(self) -> str:
        return f"url.values.{self.name}"

    @property
    def _told(self) -> str:
        return f"url.told.{self.name}"

    @property
    def _completed(self) -> str:
        return f"url.completed.{self.name}"


def arrive(page: str) -> None:
    """Note the address where it decides; by the frame, before the page is drawn.

    Args:
        page: its name in the address.
    """
    with undisturbed():
        left = st.session_state.get(_PAGE) != page
        if left or is_history_navigation():
            # What was done before has its effect, and then the address decides.
            carry_out_acts(page_left=left)
            st.session_state[_GIVEN] = st.query_params.to_dict()
            st.session_state[_PAGE] = page


def whole_number(highest: int, lowest: int = 0) -> Callable[[str], int | None]:
    """Reads a whole number within limits."""

    def read(text: str) -> int | None:
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            return None
        return int(text) if lowest <= int(text) <= highest else None

    return read


def one_of(options: Sequence[T]) -> Callable[[str], T | None]:
    """Reads the text of one of some options."""

    def read(text: str) -> T | None:
        return next((option for option in options if str(option) == text), None)

    return read


def switch(text: str) -> bool | None:
    """Reads ``"1"`` and ``"0"``."""
    return {"1": True, "0": False}.get(text)


def write_switch(value: bool) -> str:
    """Writes what ``switch`` reads."""
    return "1" if value else "0"
