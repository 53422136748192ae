"""The three steps of a visitor: look, watch, find out. They stay whatever is there already."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from fmnist_core.dataset import CLASS_COUNT, TEST_SIZE, TRAIN_SIZE
from fmnist_core.runs import DamagedRun, Run
from fmnist_core.text import for_html
from ui.navigation import Name, page
from ui.overview.hero import HeroMistake
from ui.rights import may_change


class _Part(NamedTuple):
    """A step of the story.

    Attributes:
        page: where it happens.
        title: what one does there.
        sentence: what there is.
        link: the words of the link.
        address: of the link.
        state: ``"done"``, ``"next"``, or neither.
    """

    page: Name
    title: str
    sentence: str
    link: str
    address: dict[str, str]
    state: str = ""


def show_story(runs: list[Run | DamagedRun], hero: HeroMistake | None) -> None:
    """The three steps, each with a link in its own words; the next one stands out.

    Args:
        runs: all runs, newest first.
        hero: the mistake that the page begins with.
    """
    with st.grid(3, min_column_width=240, gap="medium"):
        for number, part in enumerate(_parts(runs, hero), 1):
            with st.container(key=f"overview_part_{number}"):
                sign = "✓" if part.state == "done" else str(number)
                spoken = (
                    f'<span class="fm-story-spoken">, {part.state}</span>' if part.state else ""
                )
                st.html(
                    f'<div class="fm-story{f" fm-story-{part.state}" if part.state else ""}">'
                    f'<i aria-hidden="true">{sign}</i><h2>{part.title}{spoken}</h2>'
                    f"<p>{for_html(part.sentence)}</p></div>"
                )
                st.page_link(
                    page(part.page),
                    label=part.link,
                    icon=":material/arrow_forward:",
                    query_params=part.address,
                )


def _parts(runs: list[Run | DamagedRun], hero: HeroMistake | None) -> tuple[_Part, ...]:
    finished = [run for run in runs if isinstance(run, Run) and run.has_predictions]
    address = {"run": hero.run.id} if hero is not None else {}
    return (
        _Part(
            "explore",
            "Look",
            f"{TRAIN_SIZE + TEST_SIZE:,} small grey pictures, {CLASS_COUNT} kinds of clothes.",
            "Look at the clothes",
            {},
            "done" if finished else "",
        ),
        _Part(
            "train",
            "Watch",
            _trained_text(len(finished)),
            "Train a network" if may_change() else "Watch a network learn",
            {"new": "1"} if finished and may_change() else {},
            "done" if finished else "next",
        ),
        _Part(
            "mistakes",
            "Find out",
            _mistakes_text(hero),
            "See the mistakes",
            address,
            "next" if finished else "",
        ),
    )


def _trained_text(count: int) -> str:
    if not count:
        return "Choose how it is built, start it, and see its accuracy rise."
    return f"{count:,} network{'s' * (count > 1)} trained so far. What does another one do better?"


def _mistakes_text(hero: HeroMistake | None) -> str:
    if hero is None or hero.run.test_accuracy is None:
        return "See what it mixes up, and every single picture that it gets wrong."
    wrong = round((1 - hero.run.test_accuracy) * TEST_SIZE)
    return f"{wrong:,} of {TEST_SIZE:,} pictures it gets wrong. Which ones, and why?"
