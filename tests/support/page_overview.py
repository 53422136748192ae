"""Page model of Overview: the state in its address, what it shows of it, what clicks change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from controls import Act, Control, State, Told, choices
from page_mistakes import number_in
from screens import Address, Screen

from fmnist_core.presets import PRESET_SENTENCES, PRESETS

STEPS = {number: f"{number} · {name}" for number, name in enumerate(PRESETS, 1)}
FIRST_SHOWN = 2


class Overview:
    """Page model of Overview."""

    name, path = "Overview", ""
    own: frozenset[str] = frozenset()
    names: ClassVar = {}
    hidden: frozenset[str] = frozenset()

    def state(self, address: Address) -> State:
        """The state of the page that an address describes."""
        return {"step": number_in(address, "step", len(STEPS)) or FIRST_SHOWN}

    def normal(self, state: State) -> State:
        """Nothing is reset here."""
        return state

    def controls(self, state: State) -> Sequence[Control]:
        """The steps."""
        return [Control("step", "choice", "Step", STEPS)]

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the sentence on the screen with the step in the address."""
        report = Told()
        for number, name in enumerate(PRESETS, 1):
            there = PRESET_SENTENCES[name] in screen.text
            report.same(f"the sentence on {name}", there, number == state["step"])
        return report.lines

    def acts(self, state: State) -> list[Act]:
        """Another step."""
        return [act for control in self.controls(state) for act in choices(control, state)]

    def start(self, random: Any) -> Address:
        """The page as it comes."""
        return {}
