"""The runs to choose from: chips of the chosen ones, and behind a button a table to tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ui.components.acts import as_text, as_texts, receive, seen
from ui.components.modules import component

_component = component("run_picker")


class Row(NamedTuple):
    """A run in the table; what is ``None`` has no value to show or to sort by.

    Attributes:
        id: of the run.
        name: short, borne by no other.
        color: as ``#rrggbb``; empty for a folder that makes no sense as a run.
        glyph: its marker in the charts, as a character.
        state: in a word.
        pinned: it comes first in every order.
        accuracy: of the test pictures, as a share.
        accuracy_text: the same with its interval.
        training: accuracy on the training pictures, as text.
        parameters: how many.
        epochs: how many were trained.
        seconds: of training.
        seconds_text: the same in words.
        created: since 1970, in seconds.
        tags: of visitors.
        notes: of visitors; of a damaged run why it is.
        search: what a search looks through, in lower case.
    """

    id: str
    name: str
    color: str
    glyph: str
    state: str
    pinned: bool
    accuracy: float | None
    accuracy_text: str
    training: str
    parameters: int | None
    epochs: int | None
    seconds: float | None
    seconds_text: str
    created: float | None
    tags: tuple[str, ...]
    notes: str
    search: str


def run_picker(
    rows: Sequence[Row],
    chosen: Sequence[str],
    order: str,
    orders: Mapping[str, str],
    most: int,
    key: str,
    on_choose: Callable[[list[str]], object],
    on_order: Callable[[str], object],
) -> None:
    """Show the chosen runs as chips, and all of them in a table that opens; both show at once.

    Args:
        rows: newest first.
        chosen: the ids, in their order.
        order: which of the orders the table has.
        orders: what each is called: ``newest``, ``best``, ``small``, ``quick`` and ``name``.
        most: so many can be chosen.
        key: of the component.
        on_choose: called with the ids that are chosen then.
        on_order: called with the order that was chosen.
    """
    data: dict[str, Any] = {
        "rows": [row._asdict() for row in rows],
        "chosen": list(chosen),
        "order": order,
        "orders": dict(orders),
        "most": most,
        "seen": seen(key),
    }
    _component(
        key=key,
        data=data,
        on_chosen_change=receive(key, "chosen", as_texts, on_choose),
        on_order_change=receive(key, "order", as_text, on_order),
    )
