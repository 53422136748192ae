"""Controls of a page, what a click on one means, and whether screen and address agree on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from screens import Address, Screen

State = dict[str, Any]
Kind = Literal["choice", "several", "list", "slider", "switch"]


class _Unknown:
    """Unknown value of a control: its clicks overtook one another."""

    def __repr__(self) -> str:
        return "?"

    def __bool__(self) -> bool:
        return False


UNKNOWN = _Unknown()


def always(_: State) -> bool:
    """True in every state."""
    return True


@dataclass(frozen=True)
class Control:
    """One control, the part of the address that says what is chosen in it, and what it resets.

    Attributes:
        part: key of the state.
        kind: how it is drawn.
        name: what it is called on the screen.
        options: what can be chosen, and its words on the screen; of a slider its ends.
        there: whether it is on the page.
        resets: what a click takes out of the state.
        needed: it is shown wherever it is there; one in a pop-over is not.
        unsaid: the address may say nothing of it.
        least: so many stay chosen where several can be.
    """

    part: str
    kind: Kind
    name: str
    options: Mapping[Any, str]
    there: Callable[[State], bool] = always
    resets: tuple[str, ...] = ()
    needed: bool = True
    unsaid: bool = False
    least: int = 0

    def shown(self, screen: Screen) -> list[Any]:
        """What each control of that name and kind shows."""
        readers: dict[Kind, Callable[[str], list[Any]]] = {
            "choice": screen.choice,
            "several": screen.several,
            "list": lambda name: [[value] for value in screen.listed(name)],
            "slider": lambda name: [values] if (values := screen.slider(name)) else [],
            "switch": lambda name: [[on] for on in screen.switch(name)],
        }
        return readers[self.kind](self.name)

    def expected(self, value: Any) -> list[Any]:
        """What it shows for a value of the state."""
        if self.kind == "several":
            return [words for option, words in self.options.items() if option in value]
        if self.kind == "slider":
            return [*value] if isinstance(value, tuple) else [value]
        return [value] if self.kind == "switch" else [self.options[value]]

    def says(self, shown: list[Any], value: Any) -> bool:
        """Whether what is shown is this value.

        An option with a count is known by its beginning.
        """
        wanted = self.expected(value)
        if self.kind == "choice" and len(shown) == 1 and wanted[0].endswith(" ("):
            return str(shown[0]).startswith(wanted[0])
        if self.kind == "slider":
            return (
                np.allclose(sorted(shown), sorted(wanted)) if len(shown) == len(wanted) else False
            )
        return sorted(map(str, shown)) == sorted(map(str, wanted))


@dataclass(frozen=True)
class Act:
    """A click that a visitor can make.

    Attributes:
        group: acts of one kind, of which a burst takes one.
        words: for the report.
        aim: what to click, in the terms of ``aiming.FIND``.
        effect: what it changes, from the state before and what was aimed at.
        needs: whether its target belongs to what is looked at.
        touches: what it may change, where its target no longer belonged to what was looked at.
        first: what has to be clicked before, if the target is not in sight.
        shift: the Shift key is held.
    """

    group: str
    words: str
    aim: dict[str, Any]
    effect: Callable[[State, dict[str, Any]], State]
    needs: Callable[[State], bool] = always
    touches: tuple[str, ...] = ()
    first: dict[str, Any] | None = None
    shift: bool = False


class Look(Protocol):
    """A page as the bursts know it: state from the address, controls, content, possible clicks."""

    name: str
    path: str
    # What the page itself may write into the address, unasked.
    own: frozenset[str]
    # For each part of the state the names that it has in the address, where these differ.
    names: ClassVar[Mapping[str, tuple[str, ...]]]
    # What neither the address nor the screen can say.
    hidden: frozenset[str]

    def state(self, address: Address) -> State:
        """The state that an address describes, with defaults for what it leaves out."""
        ...

    def normal(self, state: State) -> State:
        """The state with defaults in place of ``None``, which marks what was reset."""
        ...

    def controls(self, state: State) -> Sequence[Control]:
        """All controls whose choice can be read."""
        ...

    def content(self, state: State, screen: Screen) -> list[str]:
        """Where what is drawn differs from what the address says."""
        ...

    def acts(self, state: State) -> list[Act]:
        """The clicks that are possible."""
        ...

    def start(self, random: Any) -> Address:
        """An address to begin at."""
        ...


class NothingReset:
    """A page of whose state no act resets a part."""

    def normal(self, state: State) -> State:
        """The state as it is."""
        return state


@dataclass
class Told:
    """Disagreements between what is shown and what is expected, collected."""

    lines: list[str] = field(default_factory=list)

    def check(self, holds: bool, words: str) -> bool:
        """Note the words unless the condition holds; returns the condition."""
        if not holds:
            self.lines.append(words)
        return holds

    def same(self, what: str, shown: object, wanted: object) -> bool:
        """Note a difference between the shown and the expected value."""
        words = f"{what}: shown is {brief(shown)}, expected {brief(wanted)}"
        return self.check(shown == wanted, words)


def brief(value: object) -> str:
    """A value for a report."""
    text = repr(value)
    return text if len(text) < 2000 else f"{text[:2000]} …"


def disagreements(look: Look, screen: Screen) -> list[str]:
    """Where the controls on the screen, the address and the content contradict one another."""
    told = Told()
    if not told.same("page", screen.path.rstrip("/"), look.path.rstrip("/")):
        return told.lines
    for name, why in (("Traceback", "an error"), ("Something went wrong", "an error")):
        told.check(name not in screen.text, f"the page shows {why}: {name}")
    state = look.state(screen.address)
    controls = look.controls(state)
    there = {(each.kind, each.name) for each in controls if each.there(state)}
    for control in controls:
        shown = control.shown(screen)
        if not control.there(state):
            gone = (control.kind, control.name) in there or not shown
            told.check(gone, f"“{control.name}” is shown, but belongs to another view")
        elif not shown:
            told.check(not control.needed, f"“{control.name}” is missing")
        elif not (control.unsaid and state[control.part] is None):
            value = state[control.part]
            told.check(
                any(control.says(each, value) for each in shown),
                f"“{control.name}” shows {shown[0] if len(shown) == 1 else shown}, "
                f"the address says {control.expected(value)}",
            )
    told.lines += look.content(state, screen)
    return told.lines


def shown_state(look: Look, screen: Screen) -> State:
    """What the address says, and of controls that it says nothing of, what they show."""
    state = look.state(screen.address)
    for control in look.controls({**state}):
        if control.unsaid and state[control.part] is None:
            # What is not on the screen is not known.
            state[control.part] = UNKNOWN
            for shown in control.shown(screen) if control.there(state) else ():
                state[control.part] = _value(control, shown)
    return state


def _value(control: Control, shown: list[Any]) -> Any:
    if control.kind == "several":
        return tuple(value for value, words in control.options.items() if words in shown)
    if control.kind in ("slider", "switch"):
        return shown[0]
    return next((value for value in control.options if control.says(shown, value)), shown)


def choices(control: Control, state: State) -> list[Act]:
    """A click on each option of a control, but for what is chosen."""
    if control.kind == "switch":
        return [_switch(control)]
    if control.kind == "slider":
        return [_slide(control, place / 8) for place in range(1, 8)]
    found = []
    for value, words in control.options.items():
        if value == "usually":
            continue
        now = state[control.part]
        # What shows as chosen, said or usual, cannot be chosen once more.
        is_chosen = now not in (UNKNOWN, None) and words in control.expected(now)
        if control.kind == "several" or not is_chosen:
            found.append(_option(control, value, words))
    return found


def _resets(control: Control) -> State:
    return dict.fromkeys(control.resets)


def _option(control: Control, value: Any, words: str) -> Act:
    def effect(state: State, _: dict[str, Any]) -> State:
        if control.kind != "several":
            return {**_resets(control), control.part: value}
        if state[control.part] is UNKNOWN:
            return {**_resets(control), control.part: UNKNOWN}
        now = {*state[control.part]} ^ {value}
        if len(now) < control.least:
            return {}
        return {**_resets(control), control.part: tuple(v for v in control.options if v in now)}

    return Act(
        control.name,
        f"{control.name}: {words}",
        {"kind": control.kind, "name": control.name, "option": words},
        effect,
        control.there,
        (control.part, *control.resets),
    )


def _switch(control: Control) -> Act:
    def effect(state: State, _: dict[str, Any]) -> State:
        now = state[control.part]
        return {**_resets(control), control.part: UNKNOWN if now is UNKNOWN else not now}

    aim = {"kind": "switch", "name": control.name}
    touches = (control.part, *control.resets)
    return Act(control.name, f"{control.name}: switch", aim, effect, control.there, touches)


def _slide(control: Control, share: float) -> Act:
    return Act(
        control.name,
        f"{control.name}: at {share:.0%}",
        {"kind": "slider", "name": control.name, "share": share},
        # Where exactly the thumb comes to stand only the browser knows.
        lambda _, aimed: {**_resets(control), control.part: UNKNOWN},
        control.there,
        (control.part, *control.resets),
    )
