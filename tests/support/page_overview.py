"""The page Overview for the bursts: which step of the ladder its address and its text name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from controls import Act, Control, NothingReset, State, Told, choices
from page_mistakes import whole
from screens import Address, Screen

from fmnist_core.presets import PRESET_SENTENCES, PRESETS

STEPS = {number: f"{number} · {name}" for number, name in enumerate(PRESETS, 1)}
FIRST_SHOWN = 2


class Overview(NothingReset):
    """Overview: the page that visitors come to first."""

    name, path = "Overview", ""
    own: frozenset[str] = frozenset()
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    hidden: frozenset[str] = frozenset()

    def state(self, address: Address) -> State:
        """What an address says."""
        return {"step": whole(address, "step", len(STEPS)) or FIRST_SHOWN}

    def controls(self, state: State) -> Sequence[Control]:
        """The steps."""
        return [Control("step", "choice", "Step", STEPS)]

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the sentence with the step."""
        told = Told()
        for number, name in enumerate(PRESETS, 1):
            there = PRESET_SENTENCES[name] in screen.text
            told.same(f"the sentence on {name}", there, number == state["step"])
        return told.lines

    def acts(self, state: State) -> list[Act]:
        """Another step."""
        return [act for control in self.controls(state) for act in choices(control, state)]

    def start(self, random: Any) -> Address:
        """The page as it comes."""
        return {}
