"""What a visitor of Mistakes looks at: all of it is in the address, so that it can be shared."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.selection import ANSWERS, ORDERS, Answers, Cell, Order, Selection, Sieve
from ui.address import number, one_of, set_address

TEST_PICTURES = 10_000
VIEWS = {
    "pictures": "Pictures",
    "classes": "Classes",
    "sure": "How sure",
    "luck": "Luck or system",
    "suspects": "Suspicious labels",
    "verdicts": "Verdicts",
}
_EPOCHS = 9999


@dataclass(frozen=True)
class Look:
    """The address in the program's terms; nonsense in it counts as absent.

    Attributes:
        selection: in the confusion matrix.
        answers: wrong or right ones, or both.
        low, high: confidence in percent.
        order: of the wall.
        epoch: from 1; ``None`` is the last.
        picture: the open one.
        like: the picture that the others are sorted by, where that is the order.
    """

    selection: Selection
    answers: Answers
    low: int
    high: int
    order: Order
    epoch: int | None
    picture: int | None
    like: int | None

    @property
    def sieve(self) -> Sieve:
        return Sieve(self.selection, self.answers, self.low, self.high)


def look() -> Look:
    """What the address says now."""
    selection = _selection()
    low, high = _range(st.query_params.get("sure", ""))
    epoch = number("epoch", _EPOCHS)
    like = number("like", TEST_PICTURES - 1)
    order = one_of("sort", ORDERS, "confidence")
    return Look(
        selection,
        one_of("answers", ANSWERS, usual_answers(selection)),
        low,
        high,
        "confidence" if order == "similar" and like is None else order,
        epoch or None,
        number("picture", TEST_PICTURES - 1),
        like,
    )


def usual_answers(selection: Selection) -> Answers:
    """All mistakes, but every picture of what was chosen."""
    return "both" if selection else "wrong"


def choose(selection: Selection) -> None:
    """Look at another part of the matrix, from its first page on."""
    set_address(
        truth=_text(selection.truth),
        predicted=_text(selection.predicted),
        cells="-".join(f"{truth}{predicted}" for truth, predicted in selection.cells),
        answers=None,
        page=None,
        picture=None,
    )


def pick(truth: int | None, predicted: int | None, add: bool) -> None:
    """A cell or a name of the matrix was clicked; once more lets it go."""
    now = _selection()
    if add and truth is not None and predicted is not None:
        choose(now.toggled((truth, predicted)))
        return
    asked = Selection(truth, predicted)
    choose(Selection() if asked == now else asked)


def view() -> str:
    """Which part of the page is open."""
    return one_of("view", tuple(VIEWS), "pictures")


def on_the_wall() -> bool:
    """Whether the wall is shown, and not one of its pictures.

    Streamlit also calls for a widget that has just gone: a request that was on its way brings the
    widget's old value once more, and the value counts as new.
    """
    return view() == "pictures" and look().picture is None


def heading(count: int, wanted: Sieve) -> str:
    """What the wall shows, in words: ``"12 pictures: Shirt, called T-shirt/top"``."""
    chosen, answers = wanted.selection, wanted.answers
    pictures = f"{count:,} picture{'s' * (count != 1)}"
    if chosen.cells:
        return f"{pictures} in {len(chosen.cells)} cells{_that_are(answers)}"
    truth = None if chosen.truth is None else CLASS_NAMES[chosen.truth]
    predicted = None if chosen.predicted is None else CLASS_NAMES[chosen.predicted]
    if truth is None and predicted is None:
        return {
            "wrong": f"All {pictures} it gets wrong",
            "right": f"All {pictures} it gets right",
            "both": f"All {pictures}",
        }[answers]
    if predicted is None:
        return f"{pictures} of class {truth}{_that_are(answers)}"
    if truth is None:
        return f"{pictures} called {predicted}{_that_are(answers)}"
    if truth == predicted:
        return f"{pictures} of class {truth}, rightly named"
    return f"{pictures}: {truth}, called {predicted}"


def _that_are(answers: Answers) -> str:
    return "" if answers == "both" else f", named {answers}ly"


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _selection() -> Selection:
    cells = sorted(
        {cell for part in st.query_params.get("cells", "").split("-") if (cell := _cell(part))}
    )
    if len(cells) > 1:
        return Selection(cells=tuple(cells))
    return Selection(*cells[0]) if cells else Selection(number("truth", 9), number("predicted", 9))


def _cell(text: str) -> Cell | None:
    if len(text) == 2 and text.isascii() and text.isdigit():
        return int(text[0]), int(text[1])
    return None


def _range(text: str) -> tuple[int, int]:
    """``"30-80"`` as percents."""
    low, dash, high = text.partition("-")
    if dash and all(part.isascii() and part.isdigit() and len(part) <= 3 for part in (low, high)):
        ends = int(low), int(high)
        if 0 <= ends[0] <= ends[1] <= 100:
            return ends
    return 0, 100
