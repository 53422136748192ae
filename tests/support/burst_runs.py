"""Runs many bursts of clicks on a dashboard: which pages, which seeds, during a training."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TypeVar

import numpy as np
from bursts import SLOWER, Manner, Outcome, Tab, bursts
from chromium_options import chromium_arguments, chromium_path
from controls import Look
from knowledge import Knowledge
from made_histories import learned
from made_runs import done
from made_training import made_up_training
from page_compare import Compare
from page_explore import Explore
from page_mistakes import Mistakes
from page_train import Live, Train
from playwright.async_api import Browser, async_playwright

from fmnist_core.dataset import Dataset
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore

EPOCHS = 6
TABS = 2
LIVE = "Live"
# Of twenty bursts, which page they are on; the last six happen during a training.
CALM = ("Mistakes", "Explore", "Compare", "Mistakes", "Explore", "Train", "Mistakes",
        "Compare", "Explore", "Mistakes", "Explore", "Train", "Mistakes", "Compare")  # fmt: skip
BUSY = ("Mistakes", "Explore", LIVE, "Compare", "Mistakes", "Train")
PAGES = ("Mistakes", "Explore", "Compare", "Train", LIVE)
Task = tuple[str, int]
T = TypeVar("T")


def make_runs(store: RunStore, data: Dataset) -> None:
    """Three runs that differ in the seed, the last one in nothing else, and one of another kind."""
    labels = np.asarray(data.test_labels)
    done(store, labels, PRESETS["LeNet"], name="Another kind", seed=3)
    for seed, name in ((5, "Its twin"), (6, "The third"), (1, "The one looked at")):
        learned(store, labels, EPOCHS, seed=seed, name=name)


def plan(count: int, first: int = 0, page: str | None = None) -> tuple[list[Task], list[Task]]:
    """Pages and seeds of so many bursts of clicks: those without, and those during a training.

    Args:
        count: of both together.
        first: the first seed.
        page: only this one.
    """
    calm: list[Task] = []
    busy: list[Task] = []
    for place in range(count):
        among = place % (len(CALM) + len(BUSY))
        in_peace = among < len(CALM)
        named = page or (CALM[among] if in_peace else BUSY[among - len(CALM)])
        (calm if in_peace and named != LIVE else busy).append((named, first + place))
    return calm, busy


def run_bursts(
    site: str,
    store: RunStore,
    data: Dataset,
    tasks: list[Task],
    training: bool = False,
    tabs: int = TABS,
    slower: float = SLOWER,
    manner: Manner | None = None,
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Do bursts of clicks on a dashboard, in a Chromium of their own.

    Args:
        site: address of the dashboard.
        store: its runs.
        data: the images.
        tasks: pages and seeds.
        training: a made-up training goes on meanwhile.
        tabs: at a time.
        slower: how many times Chromium is slowed down.
        manner: how quick and how many clicks.
        tell: hears of each outcome.
    """
    if not tasks:
        return []
    path = chromium_path()

    async def all_of_them() -> list[Outcome]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=path, args=chromium_arguments()
            )
            known = Knowledge(store.root, data)
            looks: dict[str, Look] = {
                "Mistakes": Mistakes(known),
                "Explore": Explore(known),
                "Compare": Compare(known, await says_more(browser, site)),
                "Train": Train(known),
            }
            with made_up_training(store) if training else nullcontext() as live:
                if live is not None:
                    looks[LIVE] = Live(known, live.id)
                meant = [(looks[name], seed) for name, seed in tasks]
                found = await bursts(browser, site, meant, tabs, slower, manner, tell)
            await browser.close()
            for outcome in found:
                outcome.training = training
            return found

    return _apart(lambda: asyncio.run(all_of_them()))


async def says_more(browser: Browser, site: str) -> bool:
    """Whether the address of Compare also says how its views are set."""
    tab = await Tab.open(browser)
    await tab.page.goto(f"{site}/compare?axis=step")
    await tab.rest(0.5, 60)
    screen = await tab.read()
    await tab.page.context.close()
    return screen.choice("Along") == [["Step"]]


def _apart(work: Callable[[], T]) -> T:
    """Run in a thread of its own; the other browser tests have a loop in this one."""
    results: list[T] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
    return results[0]


def report(outcomes: list[Outcome]) -> Iterator[str]:
    """What went wrong in each failed burst, and the command that repeats it."""
    for outcome in outcomes:
        if outcome.bad:
            yield f"{outcome}\n  repeat it: {again(outcome)}"


def again(outcome: Outcome) -> str:
    """The command that repeats a burst."""
    during = " --training" * outcome.training
    return f"python -m benchmarks.clicks 1 --page {outcome.look} --seed {outcome.seed}{during}"
