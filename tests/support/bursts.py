"""Bursts of two to four quick clicks in a slow Chromium, then rest, then a comparison.

What a burst does follows from its seed, and from what is in sight at the moment of each click: a
person clicks what she sees. After rest, what is on the screen, what stands in the address and what
is drawn must agree, and the last click on each control must have won.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from aiming import FIND, WATCH
from controls import UNKNOWN, Act, Look, State, brief, disagreements, shown_state
from playwright.async_api import Browser, CDPSession, Error, Page, ViewportSize
from screens import LOOK, READ, Address, Screen

SLOWER = 4
LONGEST_GAP = 1.5
STILL_SECONDS = 1.5
REST_SECONDS = 20.0
POLL_SECONDS = 0.15
# A list or a pop-over opens before something in it can be clicked.
OPENING_SECONDS = 1.5
HAND_SECONDS = 0.25
ON_THE_WAY_SECONDS = 0.1
SIZE: ViewportSize = {"width": 1440, "height": 1000}

# A native list is drawn by the system, beyond the reach of a mouse that a program moves.
PICK = """([number, label]) => {
  const list = document.querySelector(`select[data-aimed='${number}']`);
  const option = [...(list?.options ?? [])].find((one) => one.label === label);
  if (!option) return false;
  list.value = option.value;
  for (const kind of ["input", "change"]) list.dispatchEvent(new Event(kind, { bubbles: true }));
  return true;
}"""


@dataclass
class Done:
    """A click of a burst, and what came of it.

    Attributes:
        act: what was meant.
        at: seconds after the first one.
        missed: why it was not done; empty where it was.
        aimed: what was aimed at.
        number: by which the page knows the press.
    """

    act: Act
    at: float
    missed: str
    aimed: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    note: str = ""

    def __str__(self) -> str:
        why = self.missed and f" (not done: {self.missed})"
        return f"{self.at:6.2f} s  {self.act.words}{why}{self.note and f' ({self.note})'}"


@dataclass
class Outcome:
    """The outcome of a burst: what was clicked, and where screen and address disagree.

    Attributes:
        look: which page.
        seed: repeats it.
        start: the address it began at.
        done: the acts.
        wrong: the disagreements.
        early: those that were there before the first click.
        errors: uncaught errors in the page.
        end: the address at the end.
        seconds: how long it all took.
        picture: of the screen at the end, where something was wrong.
        training: a training went on meanwhile.
    """

    look: str
    seed: int
    start: str
    done: list[Done] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    end: str = ""
    seconds: float = 0.0
    picture: bytes = b""
    training: bool = False

    @property
    def bad(self) -> bool:
        """Whether anything contradicted anything, or a script in the page broke."""
        return bool(self.wrong or self.early or self.errors)

    @property
    def acts(self) -> int:
        """How many acts were done."""
        return sum(not each.missed for each in self.done)

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.look}, seed {self.seed}, from {self.start}",
                *(f"  {each}" for each in self.done),
                f"  ended at {self.end}",
                *(f"  wrong: {line}" for line in self.wrong),
                *(f"  before the first click: {line}" for line in self.early),
                *(f"  error in the page: {line}" for line in self.errors),
            ]
        )


class Tab:
    """A browser tab in which bursts happen, one after the other.

    Args:
        page: the tab.
        slower: how many times Chromium is slowed down while it is clicked.
    """

    def __init__(self, page: Page, devtools: CDPSession, slower: float) -> None:
        self.page = page
        self.slower = slower
        self._devtools = devtools
        self._number = 0
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def open(cls, browser: Browser, slower: float = SLOWER) -> Tab:
        """A tab in a window of its own."""
        context = await browser.new_context(viewport=SIZE)
        await context.add_init_script(WATCH)
        page = await context.new_page()
        return cls(page, await context.new_cdp_session(page), slower)

    async def throttle(self, rate: float) -> None:
        """Slow the browser down, or let it run."""
        await self._devtools.send("Emulation.setCPUThrottlingRate", {"rate": rate})

    async def read(self) -> Screen:
        """What is on the screen."""
        return Screen(await self.page.evaluate(READ))

    async def rest(self, still: float, longest: float = REST_SECONDS) -> bool:
        """Wait until no script works and nothing has changed for some time."""
        end = time.monotonic() + longest
        last, since = None, time.monotonic()
        while time.monotonic() < end:
            try:
                state, ready, seen = await self.page.evaluate(LOOK)
            except Error:
                # The document is being replaced.
                state, ready, seen = "", False, None
            now = time.monotonic()
            if seen != last or not ready:
                last, since = seen, now
            elif now - since >= still and state == "notRunning":
                return True
            await asyncio.sleep(POLL_SECONDS)
        return False

    async def do(self, acts: Sequence[Act], at: Callable[[], float]) -> Done:
        """Do what a person does: the first of these acts whose target is in sight."""
        aims = [(act, aim) for act in acts for aim in filter(None, [act.aim, act.first])]
        aimed = await self._aim([aim for _, aim in aims])
        act, aim = aims[aimed["at"]]
        now = at()
        if aimed["why"]:
            return Done(act, now, " by ".join(filter(None, [aimed["why"], aimed.get("by")])))
        if aim is act.first:
            await self._press(aimed)
            aimed = await self._aim_when_there(act.aim)
            if aimed["why"]:
                return Done(act, now, f"{aimed['why']} in what opened")
        if aimed.get("chosen"):
            return Done(act, now, "it shows as chosen")
        if aimed.get("native"):
            if not await self.page.evaluate(PICK, [aimed["number"], aimed["label"]]):
                return Done(act, now, "gone")
            return Done(act, now, "", {**aimed, "aim": act.aim}, -1)
        await self._press(aimed, act.shift)
        if act.aim["kind"] == "list":
            await asyncio.sleep(HAND_SECONDS)
            aimed = await self._aim_when_there({"kind": "option", "option": act.aim["option"]})
            if aimed["why"]:
                return Done(act, now, f"{aimed['why']} option")
            await self._press(aimed)
        return Done(act, now, "", {**aimed, "aim": act.aim}, aimed["number"])

    async def hits(self) -> list[dict[str, Any]]:
        """What the page noted of each press and click."""
        hits: list[dict[str, Any]] = await self.page.evaluate("() => window.fmHits")
        return hits

    async def _aim(self, aims: list[dict[str, Any]]) -> dict[str, Any]:
        self._number += 1
        found = await self.page.evaluate(FIND, [aims, self._number])
        return {**found, "number": self._number}

    async def _aim_when_there(self, aim: dict[str, Any]) -> dict[str, Any]:
        end = time.monotonic() + OPENING_SECONDS
        while True:
            aimed = await self._aim([aim])
            if aimed["why"] in ("", "disabled") or time.monotonic() > end:
                return aimed
            await asyncio.sleep(0.05)

    async def _press(self, aimed: dict[str, Any], shift: bool = False) -> None:
        if aimed.get("canvas"):
            # A mouse comes upon a table before it clicks there; the table waits for that.
            await self.page.mouse.move(aimed["x"] + 3, aimed["y"])
            await asyncio.sleep(ON_THE_WAY_SECONDS)
        if shift:
            await self.page.keyboard.down("Shift")
        await self.page.mouse.click(aimed["x"], aimed["y"])
        if shift:
            await self.page.keyboard.up("Shift")


@dataclass(frozen=True)
class Manner:
    """The pace of a burst: gaps between clicks, and how many.

    Attributes:
        least_gap, longest_gap: seconds between clicks.
        fewest, most: clicks.
        still: seconds without a change that count as rest.
    """

    least_gap: float = 0.0
    longest_gap: float = LONGEST_GAP
    fewest: int = 2
    most: int = 4
    still: float = STILL_SECONDS


async def burst(tab: Tab, look: Look, site: str, seed: int, manner: Manner) -> Outcome:
    """One burst: open an address, click quickly, rest, compare screen and address.

    Args:
        tab: where.
        look: the page.
        site: address of the dashboard.
        seed: of the start, of the acts and of the time between them.
        manner: how quick and how many.
    """
    began = time.monotonic()
    chance = random.Random(f"{look.name} {seed}")
    address = look.start(chance)
    outcome = Outcome(look.name, seed, f"{look.path}?{urlencode(address)}")
    tab.errors.clear()
    try:
        await _burst(tab, look, site, chance, address, outcome, manner)
    except Error as error:
        outcome.wrong.append(f"the browser: {error.message[:300]}")
    finally:
        await tab.throttle(1)
    outcome.errors = [*tab.errors]
    outcome.seconds = time.monotonic() - began
    return outcome


async def _burst(
    tab: Tab,
    look: Look,
    site: str,
    chance: random.Random,
    address: Address,
    outcome: Outcome,
    manner: Manner,
) -> None:
    await tab.page.goto(f"{site}{outcome.start}", wait_until="commit")
    # A page that is still being drawn may hold still for a moment, too.
    for _ in range(5):
        if not await tab.rest(0.4, 60):
            outcome.early.append("the page never came to rest")
            return
        first = await tab.read()
        outcome.early = disagreements(look, first)
        if not outcome.early:
            break
        await asyncio.sleep(1)
    before = shown_state(look, first)
    await tab.throttle(tab.slower)
    await _click(tab, look, chance, before, outcome, manner)
    calm = await tab.rest(manner.still)
    hits = await tab.hits()
    await tab.throttle(1)
    wanted, touched = expected(look, before, outcome.done, hits)
    wrong: list[str] = []
    # What lasts is looked at twice: a slow answer is no wrong one.
    for _ in range(2):
        last = await tab.read()
        wrong = [] if calm else ["it never came to rest"]
        wrong += disagreements(look, last)
        wrong += lost(look, wanted, touched, address, last)
        if not wrong:
            break
        await tab.rest(manner.still)
    outcome.end = last.seen["url"].removeprefix(site)
    outcome.wrong = wrong
    if wrong:
        outcome.picture = await tab.page.screenshot()


async def _click(
    tab: Tab,
    look: Look,
    chance: random.Random,
    before: State,
    outcome: Outcome,
    manner: Manner,
) -> None:
    state = before
    began = due = time.monotonic()
    for _ in range(chance.randint(manner.fewest, manner.most)):
        here = _some(chance, look.acts(state))
        there = _some(chance, look.acts(before))
        acts = [act for pair in zip_longest(here, there) for act in pair if act is not None]
        gap = chance.uniform(manner.least_gap, manner.longest_gap)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        done = await tab.do(acts, lambda: time.monotonic() - began)
        outcome.done.append(done)
        state = follow(look, state, done)
        due = time.monotonic() + gap


def _some(chance: random.Random, acts: list[Act]) -> list[Act]:
    """One act of each group, in any order; the same number of draws whatever is there."""
    groups: dict[str, list[Act]] = {}
    for act in acts:
        groups.setdefault(act.group, []).append(act)
    order = random.Random(chance.random())
    found = [order.choice(groups[name]) for name in sorted(groups)]
    order.shuffle(found)
    return found


def follow(look: Look, state: State, done: Done) -> State:
    """What a person who did this expects to look at."""
    if done.missed:
        return state
    try:
        fits = done.act.needs(state)
    except (TypeError, AttributeError):
        fits = False
    if not fits:
        return {**state, **dict.fromkeys(done.act.touches, UNKNOWN)}
    return look.normal({**state, **done.act.effect(state, done.aimed)})


def expected(
    look: Look, before: State, done: Sequence[Done], hits: list[dict[str, Any]]
) -> tuple[State, set[str]]:
    """What a person expects after her clicks, and which parts of the state she touched."""
    presses = {hit["number"]: hit for hit in hits if hit["kind"] == "pointerdown"}
    clicks = {hit["number"]: hit for hit in hits if hit["kind"] == "click"}
    state, touched = before, set()
    for each in done:
        if each.missed:
            continue
        press, click = presses.get(each.number), clicks.get(each.number)
        if each.number != -1 and (press is None or not press["hit"]):
            each.note = f"it came upon “{press['on']}”" if press else "no press arrived"
            state = dict.fromkeys(state, UNKNOWN)
            touched |= {*state}
            continue
        if (
            each.number != -1
            and each.act.aim["kind"] not in ("slider", "tick", "list")
            and (click is None or not click["hit"])
        ):
            each.note = "pressed, but no click came of it"
        if touched:
            each.aimed["late"] = True
        after = follow(look, state, each)
        touched |= {*each.act.touches} | {part for part in after if after[part] != state[part]}
        state = after
    return state, touched


def lost(look: Look, wanted: State, touched: set[str], start: Address, last: Screen) -> list[str]:
    """Which choices are not those that a person made, and what nobody chose."""
    found = shown_state(look, last)
    wrong = [
        f"{part}: chosen was {brief(value)}, it is {brief(found[part])}"
        for part, value in wanted.items()
        if part not in look.hidden and UNKNOWN not in (value, found[part]) and found[part] != value
    ]
    chosen = {*start, *look.own}
    for part in touched:
        chosen |= {*look.names.get(part, (part,))}
    wrong += [
        f"{name}={value} came into the address, which nobody chose"
        for name, value in last.address.items()
        if name not in chosen
    ]
    return wrong


async def bursts(
    browser: Browser,
    site: str,
    tasks: Sequence[tuple[Look, int]],
    tabs: int = 2,
    slower: float = SLOWER,
    manner: Manner | None = None,
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Many bursts, in tabs that take turns.

    Args:
        browser: Chromium.
        site: address of the dashboard.
        tasks: pages and seeds.
        tabs: at a time; while one waits, another one works.
        slower: how many times Chromium is slowed down.
        manner: how quick and how many clicks.
        tell: hears of each outcome.
    """
    waiting = list(reversed(tasks))
    outcomes: list[Outcome] = []

    async def work() -> None:
        tab = await Tab.open(browser, slower)
        while waiting:
            look, seed = waiting.pop()
            outcome = await burst(tab, look, site, seed, manner or Manner())
            outcomes.append(outcome)
            if tell is not None:
                tell(outcome)
        await tab.page.context.close()

    workers: list[Awaitable[None]] = [work() for _ in range(min(tabs, len(waiting)))]
    await asyncio.gather(*workers)
    return outcomes
