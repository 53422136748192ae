"""Back, Forward, a reload and a link that is shared show on every page what was there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from aiming import FIND
from bursts import Done, follow
from controls import UNKNOWN, Act, Look, State, disagreements
from dashboards import Dashboard
from knowledge import Knowledge
from page_compare import UNSAID, Compare
from page_explore import Explore
from page_mistakes import Mistakes
from page_overview import Overview
from page_train import Train
from playwright.sync_api import Page
from screens import LOOK, READ, Address, Screen
from visitors import Visitors

from fmnist_core.dataset import Dataset
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore
from fmnist_core.specs import spec_text

STILL_MS = 500
# Whether nothing has changed for that long, and no script is at work.
STILL = f"""(still) => {{
  const [state, ready, seen] = ({LOOK})();
  const now = performance.now();
  if (!ready || window.fmSeen !== seen) [window.fmSeen, window.fmSince] = [seen, now];
  return ready && state === "notRunning" && now - window.fmSince > still;
}}"""
CONFIG = {"new": "1", "config": spec_text(PRESETS["Simple network"])}
# Where each walk begins, and the acts by their words.
WALKS: dict[str, tuple[str, Address, list[str]]] = {
    "overview": ("Overview", {}, ["Step: 3 · LeNet", "Step: 1 · Simple network"]),
    "mistakes, views": (
        "Mistakes",
        {},
        ["Look at: Classes", "Look at: Confidence", "Look at: Seeds", "page 2",
         "Look at: Suspicious labels", "suspect 5 on the wall", "Pictures: Training pictures",
         "Look at: Verdicts", "Look at: Matrix"],
    ),
    "mistakes, matrix": (
        "Mistakes",
        {},
        ["page 2", "cell Shirt taken for T-shirt/top",
         "cell T-shirt/top taken for Shirt with Shift", "epoch 3", "Show: % of true class",
         "Ordered by: By similarity", "Answers: Wrong", "row Coat", "It says: T-shirt/top",
         "Show all mistakes", "Sorted: Largest loss first"],
    ),
    "mistakes, picture": (
        "Mistakes",
        {"truth": "6"},
        ["picture 4 on the wall", "Next", "About this picture: Similar pictures",
         "Similar by: The network's features", "About this picture: Other runs",
         "Back to the gallery", "picture 7 on the wall", "Sort the gallery by similarity to it"],
    ),
    "explore, wall": (
        "Explore",
        {},
        ["Classes: Shirt", "Classes: Coat", "Sorted: Shuffled", "Shuffle again", "page 2",
         "picture 6 on the wall", "Size of the pictures: Small", "Pictures for: Training"],
    ),
    "explore, closely": (
        "Explore",
        {"class": "6"},
        ["picture 11 on the wall", "Look closer", "similar picture 1 on wall 1", "Next",
         "About this picture: Changed for training", "Shuffle", "Mirror half of them: switch",
         "About this picture: Other runs", "Back to the gallery"],
    ),
    "explore, views": (
        "Explore",
        {},
        ["Look at: A whole class", "Class: Bag", "Sorted: Most unusual first", "Look at: Classes",
         "Show of each pixel: How much they vary", "Compare with: Dress", "average of Coat",
         "picture 1 on wall 2", "Back to the classes", "Look at: Map",
         "Coloured by: Right or wrong", "Look at: The facts", "See the most unusual pictures"],
    ),
    "compare": (
        "Compare",
        {},
        ["Look at: Configuration", "tick “Another kind”", "Look at: Accuracy and cost",
         "Look at: Two in depth", "page 2", "B: ", "Look at: Seeds", "tick “Its twin”",
         "Look at: Together", "Look at: Curves"],
    ),
    "train": (
        "Train",
        CONFIG,
        ["Start from LeNet", "Epochs: Increment", "Start from Simple network", "Add a hidden layer",
         "Activation: GELU", "Network: CNN", "copy “Another kind”"],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """Where a walk has come to.

    Attributes:
        words: of the act that led here.
        url: the address.
        screen: what was seen.
    """

    words: str
    url: str
    screen: Screen


@pytest.fixture(scope="module")
def known(learned_store: RunStore, data: Dataset) -> Knowledge:
    return Knowledge(learned_store.root, data)


# All walks take some minutes; the begin of this one tells most of what can go wrong.
SAMPLE = "mistakes, matrix"


@pytest.mark.parametrize(
    ("walk", "most"),
    [
        pytest.param(SAMPLE, 1, id=f"begin of {SAMPLE}"),
        *(pytest.param(walk, 99, id=walk, marks=pytest.mark.very_slow) for walk in WALKS),
    ],
)
def test_back_forward_reload_and_a_shared_link_show_what_was_there(
    learned_dashboard: Dashboard, known: Knowledge, visitors: Visitors, walk: str, most: int
) -> None:
    name, address, words = WALKS[walk]
    words = words[:most]
    makers: dict[str, Callable[[], Look]] = {
        "Overview": Overview,
        "Mistakes": lambda: Mistakes(known),
        "Explore": lambda: Explore(known),
        "Compare": lambda: Compare(known),
        "Train": lambda: Train(known),
    }
    look = makers[name]()
    if name == "Mistakes":
        address = {"run": known.finished[0].id, **address}
    page = visitors.open(f"{learned_dashboard.url}{look.path}?{urlencode(address)}")
    steps = [_arrived(page, look, "the start")]
    for each in words:
        steps.append(_walk(page, look, each))
    for step in reversed(steps[:-1]):
        page.go_back()
        _is_there_again(page, look, step, "Back")
    for step in steps[1:]:
        page.go_forward()
        _is_there_again(page, look, step, "Forward")
    page.reload()
    _is_there_again(page, look, steps[-1], "a reload")
    for step in steps[-2:] if most < len(WALKS[walk][2]) else steps:
        page.goto("about:blank")
        browser = page.context.browser
        assert browser is not None
        other = browser.new_context(viewport=page.viewport_size).new_page()
        other.goto(step.url)
        _is_there_again(other, look, step, "a shared link")
        other.context.close()


def _walk(page: Page, look: Look, words: str) -> Step:
    before = look.state(Screen(page.evaluate(READ)).address)
    named = [act for act in look.acts(before) if act.words.startswith(words)]
    if not named and ": " in words:
        named = [act for act in look.acts(before) if _says(act, words)]
    assert named, f"{words!r} cannot be done at {page.url}"
    aimed = _press(page, named[0])
    wanted = follow(look, before, Done(named[0], 0.0, "", {**aimed, "aim": named[0].aim}))
    page.wait_for_url(lambda url: _fits(look, wanted, Screen({"url": url, "text": ""}).address))
    return _arrived(page, look, words)


def _says(act: Act, words: str) -> bool:
    """A run in a list bears its accuracy as well; here it goes by its name."""
    return act.words.rpartition(" · ")[0] == words


def _press(page: Page, act: Act) -> dict[str, Any]:
    """One act after another, each as soon as its target is there."""
    aimed: dict[str, Any] = {}
    aims = [act.aim]
    if act.first is not None and page.evaluate(FIND, [[act.aim], 1])["why"]:
        aims.insert(0, act.first)
    if act.aim["kind"] == "list":
        aims.append({"kind": "option", "option": act.aim["option"]})
    for aim in aims:
        page.wait_for_function(f"(asked) => !({FIND})(asked).why", arg=[[aim], 1])
        aimed = page.evaluate(FIND, [[aim], 1])
        if aimed.get("native"):
            page.locator("select[data-aimed='1']").last.select_option(label=aimed["label"])
            break
        if act.shift:
            page.keyboard.down("Shift")
        page.mouse.click(aimed["x"], aimed["y"])
        if act.shift:
            page.keyboard.up("Shift")
    return aimed


def _fits(look: Look, wanted: State, address: Address) -> bool:
    found = look.state(address)
    return all(
        found[part] == value
        for part, value in wanted.items()
        if value is not UNKNOWN and part not in look.hidden and not (part in UNSAID and not value)
    )


def _arrived(page: Page, look: Look, words: str) -> Step:
    page.wait_for_function(STILL, arg=STILL_MS)
    screen = Screen(page.evaluate(READ))
    assert disagreements(look, screen) == [], f"after {words}, at {page.url}"
    return Step(words, page.url, screen)


def _is_there_again(page: Page, look: Look, step: Step, how: str) -> None:
    page.wait_for_url(step.url)
    found = _arrived(page, look, f"{how} to {step.words}")
    for part in ("headings", "matrix", "walls", "canvases", "pages"):
        assert found.screen.seen[part] == step.screen.seen[part], f"{how}: {part} at {step.url}"
