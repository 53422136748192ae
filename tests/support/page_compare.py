"""The page Compare for the bursts: state from its address, expected contents, possible clicks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from controls import UNKNOWN, Act, Control, State, Told, choices
from knowledge import Knowledge
from numpy.typing import NDArray
from page_mistakes import hung, page_act, whole, word
from screens import Address, Screen

from fmnist_core.analysis.comparison import paired

VIEWS = {
    "curves": "Curves",
    "settings": "Configuration",
    "costs": "Accuracy and cost",
    "pair": "Two in depth",
    "seeds": "Luck",
    "together": "Together",
}
SPLITS = {"test": "Test", "validation": "Validation", "train": "While training"}
AXES = {"epoch": "Epoch", "step": "Step", "time": "Time"}
AXIS_TITLES = {
    "epoch": "Epoch",
    "step": "Step, a change of the weights each",
    "time": "Seconds of training",
}
COSTS = {"parameters": "Parameters", "time": "Training time", "arithmetic": "FLOPs"}
COST_TITLES = {
    "parameters": "parameters",
    "time": "training time, s",
    "arithmetic": "flops for one picture",
}
PARTS = {
    "only_a": "Only A is right (",
    "only_b": "Only B is right (",
    "neither": "Both are wrong (",
    "both": "Both are right (",
}
ORDERS = {
    "newest": "Newest first",
    "best": "Best first",
    "small": "Smallest first",
    "quick": "Quickest first",
    "name": "By name",
}
# What the address may say nothing of, and what is chosen where it says nothing.
UNSAID = {
    "axis": "epoch",
    "splits": ("test",),
    "smooth": 0.0,
    "cost": "parameters",
    "part": "only_b",
    "differs": True,
    "order": "newest",
}
PER_PAGE = 60
CHOSEN_AT_FIRST = 6
TABLE = "All runs with their state"


def in_view(name: str) -> Callable[[State], bool]:
    return lambda state: state["view"] == name


class Compare:
    """Compare: the page that compares runs.

    Args:
        known: the runs.
        says: whether the address also says how the views are set.
    """

    name, path = "Compare", "/compare"
    own: frozenset[str] = frozenset()
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    hidden: frozenset[str] = frozenset()

    def __init__(self, known: Knowledge, says: bool = False) -> None:
        self.known = known
        self.says = says
        self.others = {run.id: run for run in known.finished}

    def state(self, address: Address) -> State:
        """What an address says."""
        ids = [run.id for run in self.known.listed()]
        text = address.get("runs")
        if text is None:
            runs = tuple(run.id for run in self.known.finished)[:CHOSEN_AT_FIRST]
        else:
            runs = tuple(one for one in dict.fromkeys(text.split(",")) if one in ids)
        state: State = {
            "runs": frozenset(runs),
            "view": word(address, "view", VIEWS, "curves"),
            "page": whole(address, "page", 9999) or 1,
            **dict.fromkeys(UNSAID),
        }
        able = [run_id for run_id in runs if run_id in self.others]
        state["a"], state["b"] = self._pair(able, address.get("a"), address.get("b"))
        if self.says or {*UNSAID} & {*address}:
            state |= self._said(address, len(runs))
        return state

    def _said(self, address: Address, runs: int) -> State:
        splits = tuple(one for one in SPLITS if one in address.get("splits", "test").split("-"))
        usual = runs > 1
        try:
            smooth = float(address.get("smooth", "0"))
        except ValueError:
            smooth = 0.0
        return {
            "axis": word(address, "axis", AXES, "epoch"),
            "splits": splits,
            "smooth": smooth,
            "cost": word(address, "cost", COSTS, "parameters"),
            "part": word(address, "part", PARTS, "only_b"),
            "differs": {"1": True, "0": False}.get(address.get("differs", ""), usual),
            "order": word(address, "order", ORDERS, "newest"),
        }

    @staticmethod
    def _pair(ids: list[str], a: str | None, b: str | None) -> tuple[str | None, str | None]:
        if len(ids) < 2:
            return None, None
        a = a if a in ids else ids[0]
        rest = [run_id for run_id in ids if run_id != a]
        return a, b if b in rest else rest[0]

    def normal(self, state: State) -> State:
        """What is reset is as usual."""
        return state if state["page"] is not None else {**state, "page": 1}

    def controls(self, state: State) -> Sequence[Control]:
        """All but the table of the runs, which is read with the content."""
        curves, pair = in_view("curves"), self._has_pair
        able = {run.id: f"· {run.id[:4]}" for run in self.known.finished}
        chosen = state["runs"] or frozenset()
        firsts = {run_id: words for run_id, words in able.items() if run_id in chosen}
        seconds = {run_id: words for run_id, words in firsts.items() if run_id != state["a"]}
        return [
            Control("view", "choice", "Look at", VIEWS, _has_runs, ("page",)),
            Control("order", "list", "Sorted", ORDERS, unsaid=True),
            Control("splits", "several", "Pictures", SPLITS, curves, unsaid=True, least=1),
            Control("axis", "choice", "Along", AXES, curves, unsaid=True),
            Control("smooth", "slider", "Smoothing", {}, curves, unsaid=True),
            Control(
                "differs", "switch", "Only what differs", {}, in_view("settings"), unsaid=True
            ),
            Control("cost", "choice", "Against", COSTS, in_view("costs"), unsaid=True),
            Control("part", "choice", "Pictures", PARTS, pair, unsaid=True),
            Control("a", "list", "A", firsts, pair, ("page",)),
            Control("b", "list", "B", seconds, pair, ("page",)),
        ]  # fmt: skip

    def _has_pair(self, state: State) -> bool:
        runs = state["runs"]
        return state["view"] == "pair" and bool(runs) and len(runs & {*self.others}) > 1

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare what is drawn with what the address says."""
        told = Told()
        self._table(state, screen, told)
        if not state["runs"]:
            told.check("Tick one run or more" in screen.text, "without a run nothing is asked for")
            return told.lines
        drawn = {
            "curves": screen.chart("Accuracy and loss of the selected runs") is not None,
            "settings": bool(screen.switch("Only what differs")),
            "costs": bool(screen.choice("Against")),
            "pair": bool(screen.listed("A")) or "to compare them picture by picture" in screen.text,
            "seeds": "The seed decides everything that is drawn by chance" in screen.text,
            "together": "Each run says how likely each class is" in screen.text
            or "to see what they reach together" in screen.text,
        }
        told.same("views drawn", [name for name, on in drawn.items() if on], [state["view"]])
        if not drawn[state["view"]]:
            return told.lines
        if state["view"] == "curves":
            self._curves(screen, told)
        elif state["view"] == "costs":
            self._costs(screen, told)
        elif self._has_pair(state):
            self._two(state, screen, told)
        return told.lines

    def _table(self, state: State, screen: Screen, told: Told) -> None:
        listed = self.known.listed()
        grids = [one for one in screen.seen["grids"] if one["name"].startswith(TABLE)]
        if not told.check(bool(grids), "the table is missing"):
            return
        grid = grids[0]
        ticked = sorted(row["name"].split("· ")[-1] for row in grid["rows"] if row["on"])
        told.same("ticked runs", ticked, sorted(run_id[:4] for run_id in state["runs"]))
        words = f"{len(listed)} of {len(listed)} runs, {len(state['runs'])} chosen."
        told.check(words in screen.text, f"the words do not say {words!r}")

    def _curves(self, screen: Screen, told: Told) -> None:
        chart = screen.chart("Accuracy and loss of the selected runs")
        assert chart is not None, "the view is that of the curves"
        ((axis,),) = screen.choice("Along") or [[""]]
        wanted = AXIS_TITLES[next((one for one, words in AXES.items() if words == axis), "epoch")]
        if chart["titles"]:
            told.check(wanted in chart["titles"], f"the curves do not run along {wanted!r}")
        on = screen.several("Pictures")[0] or ["Test"]
        if chart["lines"]:
            told.same("solid lines, of the test pictures", "none" in chart["lines"], "Test" in on)

    def _costs(self, screen: Screen, told: Told) -> None:
        chosen = screen.choice("Against")[0]
        for cost, words in COSTS.items():
            name = f"Test accuracy of the selected runs against {COST_TITLES[cost]}"
            told.same(f"chart against {words}", name in screen.charts, chosen == [words])

    def _two(self, state: State, screen: Screen, told: Told) -> None:
        (shown,) = screen.choice("Pictures") or [[]]
        beginnings = {words: part for part, words in PARTS.items()}
        part = next(
            (beginnings[one] for one in beginnings if shown and shown[0].startswith(one)), None
        )
        if part is None:
            told.check(False, "no part of the pictures is chosen")
            return
        a, b = (self.known.answered(state[one], None) for one in ("a", "b"))
        found = paired(self.known.labels, a.answers, b.answers)
        numbers: NDArray[np.int64] = getattr(found, part)
        told.same("chosen part", shown, [f"{PARTS[part]}{len(numbers):,})"])
        confidence = np.maximum(a.probabilities.max(axis=1), b.probabilities.max(axis=1))[numbers]
        hung(state["page"], numbers[np.argsort(-confidence, kind="stable")], PER_PAGE, screen, told)

    def acts(self, state: State) -> list[Act]:
        """What can be done in this view."""
        found = self._ticks()
        for control in self.controls(state):
            if state["view"] is not UNKNOWN and control.there(state):
                found += [self._meant(control, act) for act in choices(control, state)]
        if state["view"] == "pair":
            found += [page_act(page, in_view("pair")) for page in (1, 2)]
        return found

    def _meant(self, control: Control, act: Act) -> Act:
        """What else a click changes: where the address says nothing, a view begins as usual."""
        others: State = {"page": UNKNOWN} if control.part == "part" else {}
        if control.part == "view" and not self.says:
            others = dict.fromkeys((name for name in UNSAID if name != "order"), UNKNOWN)
        if control.part == "a":
            others = {"b": UNKNOWN}
        effect = act.effect
        return replace(
            act,
            effect=lambda state, aimed: {**others, **effect(state, aimed)},
            touches=(*act.touches, *others),
        )

    def _ticks(self) -> list[Act]:
        """A tick for each finished run, where it stands while newest come first."""
        found = []
        others = dict.fromkeys(("a", "b", "differs"), UNKNOWN)
        for place, run in enumerate(self.known.listed()):
            if run.id not in self.others:
                continue

            def effect(state: State, aimed: dict[str, Any], run_id: str = run.id) -> State:
                # The table shows a tick some time after it counts it: who ticks a box again by
                # then cannot say what comes of it.
                if state["runs"] is UNKNOWN or aimed["on"] != (run_id in state["runs"]):
                    return {"runs": UNKNOWN, **others}
                return {"runs": state["runs"] ^ {run_id}, **others}

            found.append(
                Act(
                    "tick",
                    f"tick “{run.name}”",
                    {"kind": "tick", "name": TABLE, "place": place},
                    effect,
                    _newest_first,
                    ("runs", *others),
                )
            )
        return found

    def start(self, random: Any) -> Address:
        """A view, and now and then a choice of runs."""
        address: Address = {}
        name = random.choice([*VIEWS, "curves", "pair", "pair"])
        if name != "curves":
            address["view"] = name
        ids = [run.id for run in self.known.finished]
        if random.random() < 0.4:
            address["runs"] = ",".join(random.sample(ids, random.choice([2, 3])))
        return address


def _has_runs(state: State) -> bool:
    return bool(state["runs"])


def _newest_first(state: State) -> bool:
    return state["order"] in (None, "newest")
