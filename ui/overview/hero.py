"""The first thing on Overview: a telling mistake of the newest run, or the ten classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from fmnist_core.analysis.telling_mistake import TellingMistake, telling_mistake
from fmnist_core.dataset import (
    CLASS_NAMES,
    CLASS_NOUNS,
    TRAIN_SIZE,
    Dataset,
    DatasetUnavailable,
    Split,
    class_examples,
)
from fmnist_core.errors import FmnistError
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, new_run_id
from fmnist_core.text import for_html
from ui.cache import final_predictions, run_names
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.errors import show_error, show_refusal, told_refusals
from ui.formatting import answer_text
from ui.mistakes.label_error_models import vote_on_labels
from ui.navigation import go_to, go_to_image, page
from ui.overview.estimates import presets_time_text
from ui.rights import actor, looking_on, may_change
from ui.services import dataset, engine, store
from ui.train.duration import measured

_FIRST = next(iter(PRESETS))
_REFUSED = "overview.refused"


class HeroMistake(NamedTuple):
    """A telling mistake, and the run that made it."""

    run: Run
    mistake: TellingMistake


def hero_mistake() -> HeroMistake | None:
    """The telling mistake of the newest run that has one; ``None`` where no run has.

    Suspicious are the labels that *Suspicious labels* of that run shows: the best networks vote,
    or the one that there is.

    Raises:
        DatasetUnavailable: there are no labels to compare with.
    """
    labels = np.asarray(dataset().test_labels)
    for run in store().list():
        if not run.has_predictions:
            continue
        try:
            predictions = final_predictions(run)
        except FmnistError:
            continue
        if len(predictions.classes) != len(labels):
            continue
        suspicious = vote_on_labels("test", run).label_errors.indices
        mistake = telling_mistake(labels, *predictions, suspicious)
        if mistake is not None:
            return HeroMistake(run, mistake)
    return None


def show_hero() -> HeroMistake | None:
    """The telling mistake, or where there is none yet the ten classes and the first click.

    Returns:
        What is shown; ``None`` for the classes.
    """
    hero = None
    # As high as any of the two, so that the page below stays where it is.
    with st.container(key="overview_hero"):
        try:
            data = dataset()
            hero = hero_mistake()
        except DatasetUnavailable as error:
            show_error(error)
            _show_first_click()
            return None
        if hero is None:
            _show_classes(data)
        else:
            # In a place of its own: what comes shall not push what goes.
            st.empty()
            _show_mistake(data, hero)
    return hero


def saying(mistake: TellingMistake) -> str:
    """What a network says of a picture and what its label says, in two sentences or three.

    Example: ``"It says T-shirt/top, 99 %. It is labelled Shirt."``
    """
    sentences = answer_text(mistake.truth, mistake.predicted, mistake.confidence)
    return f"{sentences} Or is the label wrong?" if mistake.suspicious else sentences


def confusion_link(mistake: TellingMistake) -> str:
    """What leads to all pictures of the confusion.

    Example: ``"See the 120 shirts that it takes for T-shirts"``
    """
    truth, predicted = (CLASS_NOUNS[one].many for one in (mistake.truth, mistake.predicted))
    if mistake.confused == 1:
        return f"See the whole confusion of {truth} with {predicted}"
    return f"See the {mistake.confused:,} {truth} that it takes for {predicted}"


def _show_mistake(data: Dataset, hero: HeroMistake) -> None:
    run, mistake = hero
    address = {"run": run.id, "picture": str(mistake.image_index)}
    cell = {"truth": str(mistake.truth), "predicted": str(mistake.predicted)}
    truth, predicted = CLASS_NAMES[mistake.truth], CLASS_NAMES[mistake.predicted]

    def open_mistake(split: Split, image_index: int) -> None:
        del split
        go_to("mistakes", **address | {"picture": str(image_index)}, **cell)

    image_column, text_column = st.columns([2, 5], gap="large", vertical_alignment="center")
    with image_column:
        gallery(
            [Tile("test", mistake.image_index, f"labelled {truth}, predicted as {predicted}")],
            data.test_images[[mistake.image_index]],
            key="overview.hero",
            size="huge",
            on_click=open_mistake,
        )
    with text_column:
        labelled = int((np.asarray(data.test_labels) == mistake.truth).sum())
        confusion = (
            f"Its most frequent confusion: of {labelled:,} {CLASS_NOUNS[mistake.truth].many} "
            f"it takes {mistake.confused:,} for {CLASS_NOUNS[mistake.predicted].many}."
        )
        name = for_html(run_names()[run.id])
        st.html(
            f'<p class="fm-hero-run">A mistake of your newest network, <b>{name}</b></p>'
            f'<p class="fm-hero-words">{for_html(saying(mistake))}</p>'
            f'<p class="fm-hero-more">{confusion}</p>'
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Look at it closely",
                type="primary",
                icon=":material/search:",
                key="overview.open_mistake",
                on_click=in_order(go_to),
                args=("mistakes",),
                kwargs=address | cell,
            )
            st.page_link(
                page("mistakes"),
                label=confusion_link(mistake),
                icon=":material/grid_view:",
                query_params={"run": run.id} | cell,
            )


def _show_classes(data: Dataset) -> None:
    """One test image of each class, and the first click; a click on an image opens it."""
    labels = np.asarray(data.test_labels)
    indices = class_examples(labels)
    text_column, image_column = st.columns([2, 3], gap="large", vertical_alignment="center")
    # As high while a network trains as before, so that the classes beside it stay where they are.
    with text_column, st.container(key="overview_first_click"):
        _show_first_click()
    with image_column, st.container(key="overview_classes"):
        gallery(
            [
                Tile("test", int(index), name, caption=name)
                for index, name in zip(indices, CLASS_NAMES, strict=True)
            ],
            data.test_images[indices],
            key="overview.classes",
            size="large",
            on_click=go_to_image,
        )


def _show_first_click() -> None:
    """The one click that begins: train the first network, or watch the one that trains."""
    active = store().active()
    if active:
        # In a place of its own: what comes shall not push what goes.
        st.empty()
        with st.container():
            _show_watch_click(active[0].id)
        return
    with st.container():
        _show_train_click()


def _show_watch_click(run_id: str) -> None:
    st.html(
        '<p class="fm-hero-words">Your network is learning these ten kinds of clothes.</p>'
        '<p class="fm-hero-more">When it has finished, a mistake of its own stands here.</p>'
    )
    st.button(
        "Watch it learn",
        type="primary",
        icon=":material/monitoring:",
        key="overview.watch",
        on_click=in_order(go_to),
        args=("train",),
        kwargs={"run": run_id},
    )


def _show_train_click() -> None:
    st.html(
        '<p class="fm-hero-words">A network that has never seen clothes learns to tell these '
        f'ten kinds apart.</p><p class="fm-hero-more">It looks at {TRAIN_SIZE:,} small grey '
        "pictures again and again, and you watch its accuracy rise.</p>"
    )
    if not may_change():
        looking_on()
        return
    st.button(
        "Train your first network",
        type="primary",
        icon=":material/play_arrow:",
        key="overview.train_first",
        on_click=in_order(_start_first_run),
        args=(st.session_state.setdefault("overview.run_id", new_run_id()),),
    )
    show_refusal(_REFUSED)
    time_text = presets_time_text([_FIRST], measured())
    st.caption(f"The simplest one, with one hidden layer: {time_text}.")


def _start_first_run(form_id: str) -> None:
    """Start a run of the simplest network and open it; a second click starts no other run."""
    with told_refusals(_REFUSED):
        run = engine().start(PRESETS[_FIRST], form_id, by=actor())
        del st.session_state["overview.run_id"]
        go_to("train", run=run.id)
