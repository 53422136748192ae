"""Page model of Compare: the state in its address, what it shows of it, and what clicks change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from controls import UNKNOWN, Act, Control, State, Told, choices
from knowledge import Knowledge
from numpy.typing import NDArray
from page_mistakes import check_gallery, number_in, option_in
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
SUBSETS = {
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
DEFAULTS = {
    "axis": "epoch",
    "splits": ("test",),
    "smooth": 0.0,
    "cost": "parameters",
    "part": "only_b",
    "differs": True,
    "order": "newest",
}
PER_PAGE = 60
SELECTED_AT_FIRST = 6
TABLE = "All runs with their state"


def in_view(name: str) -> Callable[[State], bool]:
    return lambda state: state["view"] == name


class Compare:
    """Page model of Compare.

    Args:
        knowledge: the runs.
        settings_in_address: whether the address also says how the views are set.
    """

    name, path = "Compare", "/compare"
    own: frozenset[str] = frozenset()
    names: ClassVar = {}
    hidden: frozenset[str] = frozenset()

    def __init__(self, knowledge: Knowledge, settings_in_address: bool = False) -> None:
        self.knowledge = knowledge
        self.settings_in_address = settings_in_address
        self.finished = {run.id: run for run in knowledge.finished}

    def state(self, address: Address) -> State:
        """The state of the page that an address describes."""
        ids = [run.id for run in self.knowledge.listed()]
        text = address.get("runs")
        if text is None:
            runs = tuple(run.id for run in self.knowledge.finished)[:SELECTED_AT_FIRST]
        else:
            runs = tuple(one for one in dict.fromkeys(text.split(",")) if one in ids)
        state: State = {
            "runs": frozenset(runs),
            "view": option_in(address, "view", VIEWS, "curves"),
            "page": number_in(address, "page", 9999) or 1,
            **dict.fromkeys(DEFAULTS),
        }
        run_ids = [run_id for run_id in runs if run_id in self.finished]
        state["a"], state["b"] = self._pair(run_ids, address.get("a"), address.get("b"))
        if self.settings_in_address or {*DEFAULTS} & {*address}:
            state |= self._settings(address, len(runs))
        return state

    def _settings(self, address: Address, runs: int) -> State:
        splits = tuple(one for one in SPLITS if one in address.get("splits", "test").split("-"))
        default = runs > 1
        try:
            smooth = float(address.get("smooth", "0"))
        except ValueError:
            smooth = 0.0
        return {
            "axis": option_in(address, "axis", AXES, "epoch"),
            "splits": splits,
            "smooth": smooth,
            "cost": option_in(address, "cost", COSTS, "parameters"),
            "part": option_in(address, "part", SUBSETS, "only_b"),
            "differs": {"1": True, "0": False}.get(address.get("differs", ""), default),
            "order": option_in(address, "order", ORDERS, "newest"),
        }

    @staticmethod
    def _pair(ids: list[str], a: str | None, b: str | None) -> tuple[str | None, str | None]:
        if len(ids) < 2:
            return None, None
        a = a if a in ids else ids[0]
        rest = [run_id for run_id in ids if run_id != a]
        return a, b if b in rest else rest[0]

    def normal(self, state: State) -> State:
        """The state with reset parts at their defaults."""
        return state if state["page"] is not None else {**state, "page": 1}

    def controls(self, state: State) -> Sequence[Control]:
        """All but the table of the runs, which is read with the content."""
        curves, pair = in_view("curves"), self._has_pair
        labels = {run.id: f"· {run.id[:4]}" for run in self.knowledge.finished}
        selected = state["runs"] or frozenset()
        firsts = {run_id: words for run_id, words in labels.items() if run_id in selected}
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
            Control("part", "choice", "Pictures", SUBSETS, pair, unsaid=True),
            Control("a", "list", "A", firsts, pair, ("page",)),
            Control("b", "list", "B", seconds, pair, ("page",)),
        ]  # fmt: skip

    def _has_pair(self, state: State) -> bool:
        runs = state["runs"]
        return state["view"] == "pair" and bool(runs) and len(runs & {*self.finished}) > 1

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the screen with the state in the address; returns a line for each difference."""
        report = Told()
        self._check_table(state, screen, report)
        if not state["runs"]:
            report.check(
                "Tick one run or more" in screen.text, "without a run nothing is asked for"
            )
            return report.lines
        drawn = {
            "curves": screen.chart("Accuracy and loss of the chosen runs") is not None,
            "settings": bool(screen.switch("Only what differs")),
            "costs": bool(screen.choice("Against")),
            "pair": bool(screen.listed("A")) or "to compare them picture by picture" in screen.text,
            "seeds": "The seed decides everything that is drawn by chance" in screen.text,
            "together": "Each run says how likely each class is" in screen.text
            or "to see what they reach together" in screen.text,
        }
        report.same("views drawn", [name for name, on in drawn.items() if on], [state["view"]])
        if not drawn[state["view"]]:
            return report.lines
        if state["view"] == "curves":
            self._check_curves(screen, report)
        elif state["view"] == "costs":
            self._check_costs(screen, report)
        elif self._has_pair(state):
            self._check_pair(state, screen, report)
        return report.lines

    def _check_table(self, state: State, screen: Screen, report: Told) -> None:
        listed = self.knowledge.listed()
        (grid, *_) = [one for one in screen.seen["grids"] if one["name"].startswith(TABLE)] or [
            None
        ]
        if not report.check(grid is not None, "the table is missing"):
            return
        ticked = sorted(row["name"].split("· ")[-1] for row in grid["rows"] if row["on"])
        report.same("ticked runs", ticked, sorted(run_id[:4] for run_id in state["runs"]))
        words = f"{len(listed)} of {len(listed)} runs, {len(state['runs'])} chosen."
        report.check(words in screen.text, f"the words do not say {words!r}")

    def _check_curves(self, screen: Screen, report: Told) -> None:
        chart = screen.chart("Accuracy and loss of the chosen runs")
        ((axis,),) = screen.choice("Along") or [[""]]
        wanted = AXIS_TITLES[next((one for one, words in AXES.items() if words == axis), "epoch")]
        if chart["titles"]:
            report.check(wanted in chart["titles"], f"the curves do not run along {wanted!r}")
        on = screen.several("Pictures")[0] or ["Test"]
        if chart["lines"]:
            report.same("solid lines, of the test pictures", "none" in chart["lines"], "Test" in on)

    def _check_costs(self, screen: Screen, report: Told) -> None:
        chosen = screen.choice("Against")[0]
        for cost, words in COSTS.items():
            name = f"Test accuracy of the chosen runs against {COST_TITLES[cost]}"
            report.same(f"chart against {words}", name in screen.charts, chosen == [words])

    def _check_pair(self, state: State, screen: Screen, report: Told) -> None:
        (subset_labels,) = screen.choice("Pictures") or [[]]
        beginnings = {words: part for part, words in SUBSETS.items()}
        part = next(
            (
                beginnings[one]
                for one in beginnings
                if subset_labels and subset_labels[0].startswith(one)
            ),
            None,
        )
        if not report.check(part is not None, "no part of the pictures is chosen"):
            return
        a, b = (self.knowledge.answered(state[one], None) for one in ("a", "b"))
        comparison = paired(self.knowledge.labels, a.answers, b.answers)
        indices: NDArray[np.int64] = getattr(comparison, part)
        report.same("chosen part", subset_labels, [f"{SUBSETS[part]}{len(indices):,})"])
        confidence = np.maximum(a.probabilities.max(axis=1), b.probabilities.max(axis=1))[indices]
        check_gallery(
            state["page"], indices[np.argsort(-confidence, kind="stable")], PER_PAGE, screen, report
        )

    def acts(self, state: State) -> list[Act]:
        """The acts that are possible in this state."""
        acts = self._ticks()
        for control in self.controls(state):
            if state["view"] is not UNKNOWN and control.there(state):
                acts += [self._with_side_effects(control, act) for act in choices(control, state)]
        if state["view"] == "pair":
            acts += [
                Act(
                    "page",
                    f"page {page}",
                    {"kind": "page", "page": page},
                    lambda _, aimed, page=page: {"page": UNKNOWN if aimed.get("late") else page},
                    in_view("pair"),
                    ("page",),
                )
                for page in (1, 2)
            ]
        return acts

    def _with_side_effects(self, control: Control, act: Act) -> Act:
        """What else a click changes: where the address says nothing, a view begins as usual."""
        side_effects: State = {"page": UNKNOWN} if control.part == "part" else {}
        if control.part == "view" and not self.settings_in_address:
            side_effects = dict.fromkeys((name for name in DEFAULTS if name != "order"), UNKNOWN)
        if control.part == "a":
            side_effects = {"b": UNKNOWN}
        effect = act.effect
        return replace(
            act,
            effect=lambda state, aimed: {**side_effects, **effect(state, aimed)},
            touches=(*act.touches, *side_effects),
        )

    def _ticks(self) -> list[Act]:
        """A tick for each finished run, where it stands while newest come first."""
        acts = []
        side_effects = dict.fromkeys(("a", "b", "differs"), UNKNOWN)
        for place, run in enumerate(self.knowledge.listed()):
            if run.id not in self.finished:
                continue

            def effect(state: State, aimed: dict[str, Any], run_id: str = run.id) -> State:
                # The table shows a tick some time after it counts it: who ticks a box again by
                # then cannot say what comes of it.
                if state["runs"] is UNKNOWN or aimed["on"] != (run_id in state["runs"]):
                    return {"runs": UNKNOWN, **side_effects}
                return {"runs": state["runs"] ^ {run_id}, **side_effects}

            acts.append(
                Act(
                    "tick",
                    f"tick “{run.name}”",
                    {"kind": "tick", "name": TABLE, "place": place},
                    effect,
                    _newest_first,
                    ("runs", *side_effects),
                )
            )
        return acts

    def start(self, random: Any) -> Address:
        """A view, and now and then a choice of runs."""
        address: Address = {}
        name = random.choice([*VIEWS, "curves", "pair", "pair"])
        if name != "curves":
            address["view"] = name
        ids = [run.id for run in self.knowledge.finished]
        if random.random() < 0.4:
            address["runs"] = ",".join(random.sample(ids, random.choice([2, 3])))
        return address


def _has_runs(state: State) -> bool:
    return bool(state["runs"])


def _newest_first(state: State) -> bool:
    return state["order"] in (None, "newest")
