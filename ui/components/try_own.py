"""A picture in hand, drawn, changed or of the dataset, and what networks say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS, SPLIT_SIZES
from fmnist_core.dataset.content import ClassNoun
from ui.base_path import under_base
from ui.components.acts import as_text, receive, seen
from ui.components.modules import component

_KEY = "try.own"
_component = component("try_own")


class OwnNetwork(NamedTuple):
    """A network that answers.

    Attributes:
        id: of its run.
        name: of its run.
        color: of its run, as ``#rrggbb``.
        address: of its bytes, from ``/`` on.
        engine: the address at which the engine says where it looks, from ``/`` on; empty where
            that is quick enough in the browser, or where the engine is not for this visitor.
        inside: the address of the page that looks inside it, with the run in it.
    """

    id: str
    name: str
    color: str
    address: str
    engine: str
    inside: str


class Start(NamedTuple):
    """What the address says is in hand.

    Attributes:
        key: another one for another address.
        pixels: of an image, as ``ui.own_image`` writes them; may be empty.
        picture: of the dataset, such as ``"test-17"``; may be empty.
    """

    key: str
    pixels: str
    picture: str


def likeness_sentences(noun: ClassNoun) -> dict[str, str]:
    """How like its training pictures an image is that is taken for one of a class, in words."""
    return {
        "like": f"Much like the {noun.many} it was trained on.",
        "unusual": f"Unusual for {noun.indefinite}.",
        "unlike": f"Unlike any {noun.one} it was trained on.",
    }


def try_own(
    networks: Sequence[OwnNetwork],
    wrong: Sequence[int],
    prototypes: str,
    page: str,
    start: Start,
    on_remove: Callable[[str], object],
) -> None:
    """Put it on the page; all of it happens in the browser.

    Args:
        networks: at most six.
        wrong: indices of test images that the first one gets wrong.
        prototypes: the address of the training images to compare with; empty where there are none.
        page: the address of the page, from ``/`` on, with the networks in it.
        start: what is in hand at first.
        on_remove: called with the run whose network shall answer no more.
    """
    _component(
        key=_KEY,
        data={
            "networks": [network._asdict() for network in networks],
            "classes": CLASS_NAMES,
            "nouns": [noun.indefinite for noun in CLASS_NOUNS],
            "likeness": [likeness_sentences(noun) for noun in CLASS_NOUNS],
            "prototypes": prototypes,
            "pixels": under_base("/pixels/"),
            "sizes": dict(SPLIT_SIZES),
            "wrong": list(wrong),
            "page": page,
            "start": start._asdict(),
            "seen": seen(_KEY),
        },
        on_removed_change=receive(_KEY, "removed", as_text, on_remove),
    )
