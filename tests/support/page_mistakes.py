"""The page Mistakes for the bursts: state from its address, expected contents, possible clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
from controls import UNKNOWN, Act, Control, State, Told, choices
from knowledge import Knowledge
from numpy.typing import NDArray
from screens import Address, Screen, numbers_of

from fmnist_core.analysis.calibration import count_answered
from fmnist_core.analysis.filters import ImageFilter, Selection, filter_images, sort_images
from fmnist_core.analysis.metrics import most_confused, similar_order
from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS

PER_PAGE, SUSPECTS_PER_PAGE = 60, 42
ALL = "All classes"
PAIR = re.compile(r"(.*) (?:is|are) mistaken for (.*) \(")
VIEWS = {
    "pictures": "Matrix",
    "classes": "Classes",
    "sure": "Confidence",
    "luck": "Seeds",
    "suspects": "Suspicious labels",
    "verdicts": "Verdicts",
}
SCALES = {"counts": "Count", "truth": "% of true class", "predicted": "% of predictions"}
SORTS = {"dataset": "Dataset order", "similar": "By similarity"}
ORDERS = {
    "confidence": "Most confident first",
    "margin": "Largest margin first",
    "loss": "Largest loss first",
    "forgotten": "Most often forgotten first",
    "number": "By number",
}
SORTED = {
    "confidence": "The network's most confident answers come first.",
    "margin": "First come the answers that lead most over the label",
    "loss": "First come the pictures whose label the network found least likely.",
    "forgotten": "First come the pictures that were most often right after one epoch",
    "similar": "First come the pictures most similar to the chosen one",
    "number": "In the order of the dataset.",
}
ABOUT = {
    "epochs": "Over the epochs",
    "sight": "What it looks at",
    "nearest": "Similar pictures",
    "others": "Other runs",
    "notes": "Note",
}
ANSWERS = {"wrong": "Wrong", "right": "Right", "both": "Both"}
SPACES = {"pixels": "Pixels", "network": "The network's features"}
SPLITS = {"test": "Test pictures", "train": "Training pictures"}
FILTER = {"kind": "button", "name": "Sort and filter", "starts": True}
OF_THE_WALL = ("answers", "page", "picture")
Word = TypeVar("Word", bound=str)


def on_the_wall(state: State) -> bool:
    return state["view"] == "pictures" and state["picture"] is None


def at_a_picture(state: State) -> bool:
    return state["view"] == "pictures" and isinstance(state["picture"], int)


def view(name: str) -> Callable[[State], bool]:
    return lambda state: state["view"] == name


def whole(address: Address, name: str, highest: int) -> int | None:
    """A number in the address; nonsense counts as absent."""
    text = address.get(name, "")
    found = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    return found if found is not None and found <= highest else None


def word(address: Address, name: str, options: Iterable[Word], usual: Word) -> Word:
    """A word in the address, or the usual one."""
    return next((option for option in options if option == address.get(name)), usual)


def selection_in(address: Address) -> Selection:
    """The selected part of the confusion matrix in an address."""
    parts = address.get("cells", "").split("-")
    cells = sorted({(int(one[0]), int(one[1])) for one in parts if re.fullmatch(r"\d\d", one)})
    if len(cells) > 1:
        return Selection(cells=tuple(cells))
    if cells:
        return Selection(*cells[0])
    return Selection(whole(address, "truth", 9), whole(address, "predicted", 9))


def usual_answers(selection: Selection) -> str:
    return "both" if selection else "wrong"


def picked(now: Selection, requested: Selection) -> Selection:
    """The selection after a click; a click on what is selected clears it."""
    return Selection() if now == requested else requested


def cell_name(truth: int, predicted: int) -> str:
    if truth == predicted:
        return f"{CLASS_NAMES[truth]}, right"
    return f"{CLASS_NAMES[truth]} taken for {CLASS_NAMES[predicted]}:"


class Mistakes:
    """Mistakes: the page of a run's confusion matrix and misclassified images.

    Args:
        known: the runs.
    """

    name, path = "Mistakes", "/mistakes"
    own = frozenset({"run"})
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {"selection": ("truth", "predicted", "cells")}
    hidden: frozenset[str] = frozenset()

    def __init__(self, known: Knowledge) -> None:
        self.known = known

    def state(self, address: Address) -> State:
        """What an address says."""
        selection = selection_in(address)
        able = [run.id for run in self.known.finished]
        like = whole(address, "like", 9999)
        order = word(address, "sort", [*ORDERS, "similar"], "confidence")
        low, high = 0, 100
        if match := re.fullmatch(r"(\d{1,3})-(\d{1,3})", address.get("sure", "")):
            low, high = int(match[1]), int(match[2])
        run = address["run"] if address.get("run") in able else able[0]
        replicates = self.known.replicates(run)
        return {
            "run": run,
            "view": word(address, "view", VIEWS, "pictures"),
            "selection": selection,
            "truth": selection.truth,
            "predicted": selection.predicted,
            "answers": word(address, "answers", ANSWERS, usual_answers(selection)),
            "sort": "confidence" if order == "similar" and like is None else order,
            "like": like,
            "sure": (low, high),
            "epoch": whole(address, "epoch", 9999) or None,
            "picture": whole(address, "picture", 9999),
            "page": whole(address, "page", 9999) or 1,
            "scale": word(address, "scale", SCALES, "counts"),
            "order": word(address, "order", SORTS, "dataset"),
            "about": word(address, "about", ABOUT, "epochs"),
            "near": word(address, "near", SPACES, "pixels"),
            "by": whole(address, "by", replicates.runs) or replicates.runs if replicates else None,
            "of": word(address, "of", SPLITS, "test"),
            "left": address.get("left") == "1",
            "suspect": whole(address, "suspect", 59_999),
            "threshold": 80
            if (requested := whole(address, "threshold", 100)) is None
            else requested,
        }

    def normal(self, state: State) -> State:
        """What is reset is as usual."""
        usual: State = {} if state["page"] is not None else {"page": 1}
        if state["answers"] is None:
            chosen = state["selection"]
            usual["answers"] = UNKNOWN if chosen is UNKNOWN else usual_answers(chosen)
        return {**state, **usual}

    def controls(self, state: State) -> Sequence[Control]:
        """All but the matrix and its epochs, which are read with the content."""
        runs = self.known.options()
        names: dict[int | None, str] = {None: ALL, **dict(enumerate(CLASS_NAMES))}
        orders = dict(ORDERS)
        if state["like"] is not None and state["like"] is not UNKNOWN:
            orders["similar"] = f"Most similar to picture {state['like']} first"
        requested = state["run"] is not UNKNOWN and self.known.answered(state["run"], None)
        if not requested or len(requested.by_epoch) < 2:
            del orders["forgotten"]
        return [
            Control("run", "list", "Run", runs, resets=("page", "epoch")),
            Control("view", "choice", "Look at", VIEWS, resets=("page", "suspect")),
            Control("scale", "choice", "Show", SCALES, view("pictures")),
            Control("order", "choice", "Ordered by", SORTS, view("pictures")),
            Control("truth", "list", "It is", names, on_the_wall, OF_THE_WALL, False),
            Control("predicted", "list", "It says", names, on_the_wall, OF_THE_WALL, False),
            Control("sort", "list", "Sorted", orders, on_the_wall, ("page",), False),
            Control("answers", "choice", "Answers", ANSWERS, on_the_wall, ("page",), False),
            Control("sure", "slider", "Confidence, in %", {}, on_the_wall, ("page",), False),
            Control("about", "choice", "About this picture", ABOUT, at_a_picture),
            Control("near", "choice", "Similar by", SPACES, self._asks_for_neighbours),
            Control(
                "threshold", "slider", "Answer only when at least … % confident", {}, view("sure")
            ),
            Control(
                "by", "slider", "Mistakes shared by … runs", {}, self._has_replicates,
                ("page",), False,
            ),
            Control(
                "by", "choice", "Mistakes shared by … runs",
                {count: str(count) for count in range(1, self._runs(state) + 1)},
                self._has_replicates, ("page",), False,
            ),
            Control("of", "choice", "Pictures", SPLITS, view("suspects"), ("suspect", "page")),
            Control(
                "left", "switch", "Only those without a verdict", {}, view("suspects"), ("page",)
            ),
        ]  # fmt: skip

    def _asks_for_neighbours(self, state: State) -> bool:
        return at_a_picture(state) and state["about"] == "nearest"

    def _runs(self, state: State) -> int:
        """How many seed replicates there are of this configuration, the run included."""
        replicates = None if state["run"] is UNKNOWN else self.known.replicates(state["run"])
        return replicates.runs if replicates else 0

    def _has_replicates(self, state: State) -> bool:
        return state["view"] == "luck" and state["by"] is not None

    def numbers(self, state: State) -> NDArray[np.int64]:
        """Numbers of the chosen images, in their order; while epochs are played nobody knows."""
        if state["epoch"] is UNKNOWN:
            raise TypeError("it is not known which epoch is shown")
        said = self.known.answered(state["run"], state["epoch"])
        labels = self.known.labels
        wanted = ImageFilter(state["selection"], state["answers"], *state["sure"])
        numbers = filter_images(labels, said.answers, said.probabilities, wanted)
        forgotten = self.known.forgotten(state["run"]) if state["sort"] == "forgotten" else None
        distances = None
        if state["sort"] == "similar":
            distances = self.known.distances(state["like"])
        return sort_images(numbers, labels, said.probabilities, state["sort"], forgotten, distances)

    def shared(self, state: State) -> NDArray[np.int64]:
        """Numbers of the images that exactly so many seed replicates misclassify."""
        found = self.known.replicates(state["run"])
        assert found is not None, "of a run with seed replicates"
        mine = self.known.answered(state["run"], None).answers
        numbers = np.flatnonzero((mine != self.known.labels) & (found.misclassified == state["by"]))
        return numbers[np.argsort(-found.agreeing[numbers], kind="stable")]

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare what is drawn with what the address says."""
        told = Told()
        drawn = {
            "pictures": screen.seen["matrix"] is not None,
            "classes": "How well it knows each class" in screen.headings(3),
            "sure": "Is it as confident as it is accurate?" in screen.headings(3),
            "luck": "runs of this configuration make" in screen.text
            or "Which mistakes are systematic" in screen.text,
            "suspects": bool(screen.switch("Only those without a verdict")),
            "verdicts": "No verdicts yet" in screen.headings(3),
        }
        told.same("views drawn", [name for name, on in drawn.items() if on], [state["view"]])
        if not drawn[state["view"]]:
            return told.lines
        parts: dict[str, Callable[[State, Screen, Told], None]] = {
            "pictures": self._workbench,
            "classes": self._classes,
            "sure": self._calibration,
            "luck": self._seeds,
            "suspects": self._suspects,
        }
        if state["view"] in parts:
            parts[state["view"]](state, screen, told)
        return told.lines

    def _workbench(self, state: State, screen: Screen, told: Told) -> None:
        said = self.known.answered(state["run"], state["epoch"])
        matrix, table = said.matrices[said.epoch - 1], screen.seen["matrix"]
        assert table is not None, "the view is that of the matrix"
        similar = state["order"] == "similar"
        order = similar_order(said.matrices[-1]) if similar else np.arange(10)
        told.same("rows of the matrix", table["rows"], [CLASS_NAMES[place] for place in order])
        rows, columns = np.ix_(order, order)
        told.same(
            "numbers in the matrix",
            table["cells"],
            _written(matrix, state["scale"])[rows, columns].ravel().tolist(),
        )
        chosen = state["selection"].covers() & bool(state["selection"])
        told.same(
            "cells pressed",
            sorted(name.split(":")[0] for name in table["pressed"]),
            sorted(cell_name(*cell).rstrip(":") for cell in np.argwhere(chosen).tolist()),
        )
        if len(said.matrices) > 1:
            wrong = int(matrix.sum() - np.trace(matrix))
            told.same(
                "epoch",
                screen.seen["outputs"][:1],
                [f"Epoch {said.epoch} of {len(said.matrices)}: {wrong:,} wrong"],
            )
            told.same("epoch of the slider", screen.slider("Epoch"), [said.epoch])
        numbers = self.numbers(state)
        told.same(
            "“Back to the gallery”",
            screen.has_button("Back to the gallery"),
            not on_the_wall(state),
        )
        if on_the_wall(state):
            told.same("heading", screen.headings(3)[:1], [heading_of(len(numbers), state)])
            self._wall(state, screen, told, numbers)
        else:
            self._picture(state, screen, told, numbers)

    def _classes(self, state: State, screen: Screen, told: Told) -> None:
        said = self.known.answered(state["run"], state["epoch"])
        pairs = most_confused(said.matrices[said.epoch - 1], 10)
        drawn = [words for words in screen.seen["buttons"] if PAIR.search(words)]
        told.same(
            "pairs",
            [(_pair_of(words), words.rsplit("(")[-1].rstrip(")")) for words in drawn],
            [
                (Selection(int(pair.truth), int(pair.predicted)), f"{pair.images:,}")
                for pair in pairs.itertuples()
            ],
        )

    def _wall(self, state: State, screen: Screen, told: Told, numbers: NDArray[np.int64]) -> None:
        told.same(
            "“Show all mistakes”", screen.has_button("Show all mistakes"), bool(state["selection"])
        )
        usual = state["answers"] == usual_answers(state["selection"]) and state["sure"] == (0, 100)
        told.same("mark at “Sort and filter”", screen.has_button("Sort and filter •"), not usual)
        if hung(state["page"], numbers, PER_PAGE, screen, told):
            told.check(SORTED[state["sort"]] in screen.text, "the words for the order are others")

    def _picture(
        self, state: State, screen: Screen, told: Told, numbers: NDArray[np.int64]
    ) -> None:
        picture = state["picture"]
        tiles = screen.walls[0] if screen.walls else []
        told.same("open picture", numbers_of(tiles), [picture])
        said = self.known.answered(state["run"], state["epoch"]).answers[picture]
        heading = f"It says {CLASS_NAMES[said]}, "
        told.check(
            screen.headings(3)[0].startswith(heading), f"the heading does not begin {heading!r}"
        )
        bars = f"Probabilities of the ten classes for test picture {picture}"
        told.check(bars in screen.charts, f"the bars are not those of picture {picture}")
        places = np.flatnonzero(numbers == picture)
        among = heading_of(len(numbers), state).removeprefix("All ")
        where = f"{places[0] + 1:,} of {among}" if len(places) else ""
        where = where or "Not among the pictures of the gallery."
        told.check(where in screen.text, f"its place is not given as {where!r}")
        drawn = {
            "epochs": any(name.startswith("Probabilities of the classes over the epochs for "
                                          f"test picture {picture}") for name in screen.charts)
            or "This run kept only its last answers, so the way" in screen.text,
            "sight": "kept only its answers and not its network" in screen.text
            and not screen.choice("Similar by"),
            "nearest": bool(screen.choice("Similar by")),
            "others": "other runs get it right" in screen.text,
            "notes": "Tags" in screen.text,
        }  # fmt: skip
        on = [name for name, there in drawn.items() if there]
        told.same("parts drawn below the picture", on, [state["about"]])
        if state["about"] == "nearest" and state["near"] == "pixels":
            told.check("pixel by pixel, are labelled" in screen.text, "no neighbours by pixels")

    def _calibration(self, state: State, screen: Screen, told: Told) -> None:
        said = self.known.answered(state["run"], state["epoch"])
        confidence = said.probabilities[np.arange(len(said.answers)), said.answers]
        given, _ = count_answered(
            confidence, said.answers == self.known.labels, state["threshold"] / 100
        )
        if given:
            words = f"It answers for {given:,} of 10,000 pictures and gets"
            told.check(words in screen.text, f"the words do not say {words!r}")

    def _seeds(self, state: State, screen: Screen, told: Told) -> None:
        found = self.known.replicates(state["run"])
        if found is None:
            told.check("Which mistakes are systematic" in screen.text, "there are no twins to ask")
            return
        numbers, by = self.shared(state), state["by"]
        several, verb = "s" * (len(numbers) != 1), "s" * (by == 1)
        words = f"{len(numbers):,} picture{several} that {by} of {found.runs} runs get{verb} "
        told.same("heading", screen.headings(3)[:1], [f"{words}wrong"])
        hung(state["page"], numbers, PER_PAGE, screen, told)

    def _suspects(self, state: State, screen: Screen, told: Told) -> None:
        if state["of"] == "train":
            words = "No network can judge these pictures yet"
            told.check(words in screen.text, "training pictures are not what is looked at")
            return
        numbers = self.known.suspects.indices
        told.check(f"they contradict {len(numbers):,} " in screen.text, "not the test pictures")
        open_one = int(numbers[0]) if state["suspect"] is None else state["suspect"]
        told.check(
            f"Test picture {open_one}" in screen.text, f"open is not test picture {open_one}"
        )
        hung(state["page"], numbers, SUSPECTS_PER_PAGE, screen, told)
        pressed = [tile for tile in (screen.walls[0] if screen.walls else []) if tile["pressed"]]
        framed = [open_one] if open_one in numbers_of(screen.walls[0]) else []
        told.same("framed suspect", numbers_of(pressed), framed)

    def acts(self, state: State) -> list[Act]:
        """What can be done in this view."""
        found = []
        for control in self.controls(state):
            if state["view"] is UNKNOWN or not control.there(state):
                continue
            for act in choices(control, state):
                if control.part in ("truth", "predicted"):
                    act = _from_lists(control, act)
                if control.part == "run":
                    act = _of_another_run(act)
                if not control.needed and control.part != "by":
                    act = replace(act, first=FILTER)
                found.append(act)
        extra = {
            "pictures": self._acts_at_the_matrix,
            "classes": self._acts_at_pairs,
            "luck": self._acts_at_seeds,
            "suspects": self._acts_at_suspects,
        }.get(state["view"])
        return found + (extra(state) if extra else [])

    def _epochs(self, count: int) -> list[Act]:
        """The slider's places for so many epochs, and the button that plays them."""
        play = Act(
            "play",
            "Play",
            {"kind": "button", "name": "Play"},
            lambda *_: {"epoch": UNKNOWN, "page": UNKNOWN},
            view("pictures"),
            ("epoch", "page"),
        )
        return [*(self._epoch(epoch, count) for epoch in range(1, count + 1)), play]

    def _epoch(self, epoch: int, count: int) -> Act:
        def effect(state: State, _: dict[str, Any]) -> State:
            if state["run"] is UNKNOWN:
                return {"epoch": UNKNOWN, "page": UNKNOWN}
            # The slider may still be that of the run before; this one may not know so many epochs.
            kept = len(self.known.answered(state["run"], None).matrices)
            requested = None if epoch >= kept else epoch
            if state["epoch"] is UNKNOWN:
                return {"epoch": requested, "page": UNKNOWN}
            return {"epoch": requested, "page": state["page"] if requested == state["epoch"] else 1}

        return Act(
            "epoch",
            f"epoch {epoch}",
            {"kind": "slider", "name": "Epoch", "share": (epoch - 1) / (count - 1)},
            effect,
            view("pictures"),
            ("epoch", "page"),
        )

    def _acts_at_the_matrix(self, state: State) -> list[Act]:
        found = [*self._cells(), *self._epochs(6)]
        wall, picture = on_the_wall(state), at_a_picture(state)
        if wall:
            found += [_tile("wall", place, on_the_wall) for place in range(0, 40, 3)]
            found += [page_act(page, on_the_wall) for page in (1, 2, 3)]
            found.append(
                Act(
                    "all mistakes",
                    "Show all mistakes",
                    {"kind": "button", "name": "Show all mistakes"},
                    lambda *_: _chosen(Selection()),
                    on_the_wall,
                    ("selection", *OF_THE_WALL),
                )
            )
        if picture:
            found += [
                Act(
                    "back",
                    "Back to the gallery",
                    {"kind": "button", "name": "Back to the gallery"},
                    self._back,
                    at_a_picture,
                    ("picture", "page"),
                ),
                Act(
                    "similar",
                    "Sort the gallery by similarity to it",
                    {"kind": "button", "name": "Sort the gallery by similarity to it"},
                    lambda state, _: {
                        "sort": "similar", "like": state["picture"], "picture": None, "page": 1,
                    },
                    at_a_picture,
                    ("sort", "like", "picture", "page"),
                ),
                *(
                    Act(
                        "step",
                        name,
                        {"kind": "button", "name": name, "back": True},
                        self._by(by),
                        at_a_picture,
                        ("picture",),
                    )
                    for name, by in (("Previous", -1), ("Next", 1))
                ),
            ]  # fmt: skip
        return found

    def _cells(self) -> list[Act]:
        found = []
        for truth, predicted in ((6, 0), (0, 6), (2, 4), (4, 2), (6, 2), (6, 4), (5, 7), (6, 6)):
            for shift in (False, True):
                found.append(_cell(truth, predicted, shift))
        for number in (6, 0, 4):
            for line in ("row", "column"):
                found.append(_head(line, number))
        return found

    def _back(self, state: State, _: dict[str, Any]) -> State:
        try:
            places = np.flatnonzero(self.numbers(state) == state["picture"])
        except (TypeError, AttributeError, KeyError):
            return {"picture": None, "page": UNKNOWN}
        page = {"page": int(places[0]) // PER_PAGE + 1} if len(places) else {}
        return {"picture": None, **page}

    def _step(
        self,
        state: State,
        part: str,
        numbers: Callable[[State], NDArray[np.int64]],
        by: int,
    ) -> State:
        try:
            found = numbers(state)
            (place,) = np.flatnonzero(found == state[part])
        except (TypeError, AttributeError, KeyError, ValueError):
            return {part: UNKNOWN}
        to = place + by
        return {part: int(found[to])} if 0 <= to < len(found) else {}

    def _by(self, by: int) -> Callable[[State, dict[str, Any]], State]:
        return lambda state, _: self._step(state, "picture", self.numbers, by)

    def _acts_at_pairs(self, state: State) -> list[Act]:
        def effect(state: State, aimed: dict[str, Any]) -> State:
            # A list that is about to change leads where it says, and not where the next one does.
            return {"view": "pictures", **_chosen(_pair_of(aimed["words"]))}

        touches = ("view", "selection", *OF_THE_WALL)
        return [
            Act(
                "pair", f"pair {place + 1}", {"kind": "pair", "place": place}, effect,
                view("classes"), touches,
            )
            for place in range(4)
        ]  # fmt: skip

    def _acts_at_seeds(self, state: State) -> list[Act]:
        opens = {"view": "pictures", "page": 1}
        tiles = [_tile("wall", place, view("luck"), opens) for place in range(0, 30, 4)]
        return tiles + [page_act(page, view("luck")) for page in (1, 2)]

    def _acts_at_suspects(self, state: State) -> list[Act]:
        def there(state: State) -> bool:
            return bool(state["view"] == "suspects" and state["of"] == "test")

        def open_one(state: State) -> State:
            numbers = self.known.suspects.indices
            now = int(numbers[0]) if state["suspect"] is None else state["suspect"]
            return {**state, "suspect": now}

        def step(by: int) -> Callable[[State, dict[str, Any]], State]:
            return lambda state, _: self._step(
                open_one(state), "suspect", lambda _: self.known.suspects.indices, by
            )

        def about(state: State, _: dict[str, Any]) -> State:
            picture = open_one(state)["suspect"]
            return {"view": "pictures", "picture": picture, "page": 1}

        found = [
            Act(
                "suspect",
                f"suspect {place + 1} on the wall",
                {"kind": "tile", "wall": 0, "place": place},
                lambda _, aimed: {"suspect": aimed["picture"]},
                there,
                ("suspect",),
            )
            for place in range(0, 30, 4)
        ]
        found += [
            Act(
                "step",
                name,
                {"kind": "button", "name": name, "back": False},
                step(by),
                there,
                ("suspect",),
            )
            for name, by in (("Previous", -1), ("Next", 1))
        ]
        found.append(
            Act(
                "about it",
                "All about this picture",
                {"kind": "button", "name": "All about this picture"},
                about,
                there,
                ("view", "picture", "page"),
            )
        )
        return found + [page_act(page, there) for page in (1, 2)]

    def start(self, random: Any) -> Address:
        """A view, and in the first one now and then a selection, a page, an epoch or a picture."""
        run = random.choice([run for run in self.known.finished if run.name != "Another kind"])
        address = {"run": run.id}
        name = random.choice(["pictures"] * 5 + [*VIEWS])
        if name != "pictures":
            return {**address, "view": name}
        chance = random.random
        if chance() < 0.5:
            address |= random.choice(
                [{"truth": "6"}, {"predicted": "4"}, {"truth": "6", "predicted": "0"},
                 {"cells": "06-60"}, {"cells": "24-42-62"}]
            )  # fmt: skip
        if chance() < 0.2:
            address["epoch"] = str(random.randint(1, 5))
        if chance() < 0.2:
            address["sort"] = random.choice(["margin", "loss", "number"])
        if chance() < 0.4:
            numbers = self.numbers(self.state(address))
            address["picture"] = str(numbers[random.randrange(len(numbers))])
            address |= random.choice([{}, {"about": "nearest"}, {"about": "others"}])
        elif chance() < 0.3 and "predicted" not in address:
            address["page"] = "2"
        return address


def heading_of(count: int, state: State) -> str:
    """The heading over the gallery."""
    chosen, answers = state["selection"], state["answers"]
    pictures = f"{count:,} picture{'s' * (count != 1)}"
    that_are = "" if answers == "both" else f" that it gets {answers}"
    if chosen.cells:
        return f"{pictures} in {len(chosen.cells)} cells{that_are}"
    if chosen.truth is None and chosen.predicted is None:
        more = {"wrong": " it gets wrong", "right": " it gets right", "both": ""}[answers]
        return f"All {pictures}{more}"
    if chosen.truth is None:
        return f"{pictures} taken for {CLASS_NAMES[chosen.predicted]}{that_are}"
    noun = CLASS_NOUNS[chosen.truth]
    clothes = f"{count:,} {noun.one if count == 1 else noun.many}"
    if chosen.predicted is None:
        return f"{clothes}{that_are}"
    if chosen.truth == chosen.predicted:
        return f"{clothes} that it gets right"
    return f"{clothes} taken for {CLASS_NAMES[chosen.predicted]}"


def hung(
    page: int, numbers: NDArray[np.int64], per_page: int, screen: Screen, told: Told, wall: int = 0
) -> bool:
    """Compare a page of the gallery with the expected images; false where there are none."""
    pages = max(1, -(-len(numbers) // per_page))
    at = page if page <= pages else 1
    shown = screen.seen["pages"]
    if pages > 1:
        told.same("page", [one["on"] for one in shown], [str(at)])
        told.same("number of pages", [one["last"] for one in shown], [pages])
    else:
        told.same("page numbers", shown, [])
    wanted = numbers[(at - 1) * per_page : at * per_page].tolist()
    tiles = screen.walls[wall] if len(screen.walls) > wall else []
    hanging = numbers_of(tiles)
    same = sum(one == other for one, other in zip(hanging, wanted, strict=False))
    told.check(
        hanging == wanted,
        f"pictures on the wall: {len(hanging)} hang there, {hanging[:4]} …; expected are "
        f"{len(wanted)}, {wanted[:4]} …; {same} hang in their place",
    )
    return bool(len(numbers))


def _written(matrix: NDArray[np.int64], scale: str) -> NDArray[Any]:
    if scale == "counts":
        return np.where(matrix == 0, "", matrix.astype(str))
    totals = matrix.sum(axis=1 if scale == "truth" else 0, keepdims=True)
    totals = totals if scale == "truth" else totals.reshape(1, 10)
    shares = 100 * matrix / np.maximum(1, totals)
    # A half is rounded up by JavaScript and to the even digit by Python.
    texts = [f"{np.floor(10 * share + 0.5 + 1e-9) / 10:.1f}" for share in shares.ravel()]
    return np.where(matrix == 0, "", np.array(texts).reshape(10, 10))


def _of_another_run(act: Act) -> Act:
    """The same; another run may have another number of runs beside it."""

    def effect(state: State, aimed: dict[str, Any]) -> State:
        return {**act.effect(state, aimed), "by": UNKNOWN}

    return replace(act, effect=effect, touches=(*act.touches, "by"))


def _toggled(now: Selection, cell: tuple[int, int]) -> Selection:
    """The selection with a cell added, or removed where it was selected."""
    cells = set(now.cells)
    if not cells and now.truth is not None and now.predicted is not None:
        cells = {(now.truth, now.predicted)}
    left = tuple(sorted(cells ^ {cell}))
    return Selection(*left[0]) if len(left) == 1 else Selection(cells=left)


def _chosen(selection: Selection) -> State:
    return {
        "selection": selection,
        "truth": selection.truth,
        "predicted": selection.predicted,
        "answers": usual_answers(selection),
        "page": 1,
        "picture": None,
    }


def _from_lists(control: Control, act: Act) -> Act:
    """The two lists name a cell, a row or a column together; several cells are let go."""
    (value,) = (one for one, words in control.options.items() if words == act.aim["option"])

    def effect(state: State, _: dict[str, Any]) -> State:
        now = state["selection"]
        if now is UNKNOWN:
            return {"selection": UNKNOWN, **dict.fromkeys(OF_THE_WALL)}
        both = {"truth": now.truth, "predicted": now.predicted, control.part: value}
        return _chosen(Selection(both["truth"], both["predicted"]))

    touches = ("selection", "truth", "predicted", *OF_THE_WALL)
    return replace(act, effect=effect, touches=touches)


def _cell(truth: int, predicted: int, shift: bool) -> Act:
    def effect(state: State, _: dict[str, Any]) -> State:
        now = state["selection"]
        if now is UNKNOWN:
            return {**dict.fromkeys(("truth", "predicted"), UNKNOWN), **dict.fromkeys(OF_THE_WALL)}
        if shift:
            return _chosen(_toggled(now, (truth, predicted)))
        return _chosen(picked(now, Selection(truth, predicted)))

    name = cell_name(truth, predicted)
    return Act(
        "cell with Shift" if shift else "cell",
        f"cell {name.rstrip(':')}{' with Shift' * shift}",
        {"kind": "cell", "name": name},
        effect,
        view("pictures"),
        ("selection", "truth", "predicted", *OF_THE_WALL),
        shift=shift,
    )


def _pair_of(words: str) -> Selection:
    """The cell of a sentence such as ``"1 in 6 shirts is mistaken for a T-shirt (167)"``."""
    found = PAIR.search(words)
    assert found is not None, words
    # With the blank before it: T-shirts are no shirts.
    truths = [
        place for place, noun in enumerate(CLASS_NOUNS) if f" {found[1]}".endswith(f" {noun.many}")
    ]
    places = [place for place, noun in enumerate(CLASS_NOUNS) if noun.indefinite == found[2]]
    return Selection(truths[0], places[0])


def _head(line: str, number: int) -> Act:
    requested = Selection(number) if line == "row" else Selection(predicted=number)

    def effect(state: State, _: dict[str, Any]) -> State:
        if state["selection"] is UNKNOWN:
            return {**dict.fromkeys(("truth", "predicted"), UNKNOWN), **dict.fromkeys(OF_THE_WALL)}
        return _chosen(picked(state["selection"], requested))

    return Act(
        "line",
        f"{line} {CLASS_NAMES[number]}",
        {"kind": "head", "line": line, "name": CLASS_NAMES[number]},
        effect,
        view("pictures"),
        ("selection", "truth", "predicted", *OF_THE_WALL),
    )


def _tile(words: str, place: int, needs: Callable[[State], bool], more: State | None = None) -> Act:
    changes = more or {}
    return Act(
        "tile",
        f"picture {place + 1} on the {words}",
        {"kind": "tile", "wall": 0, "place": place},
        lambda _, aimed: {"picture": aimed["picture"], **changes},
        needs,
        ("picture", *changes),
    )


def page_act(page: int, needs: Callable[[State], bool]) -> Act:
    """A click on the number of a page of a gallery."""
    return Act(
        "page",
        f"page {page}",
        {"kind": "page", "page": page},
        # On a wall that was about to change the page belonged to the wall before.
        lambda state, aimed: {"page": UNKNOWN if aimed.get("late") else page},
        needs,
        ("page",),
    )
