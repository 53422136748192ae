"""Page model of Mistakes: the state in its address, what it shows of it, what clicks change."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from controls import UNKNOWN, Act, Control, State, Told, choices
from knowledge import Knowledge
from numpy.typing import NDArray
from screens import Address, Screen, numbers_of

from fmnist_core.analysis.calibration import answered
from fmnist_core.analysis.filters import ImageFilter, Selection, arrange, image_filter
from fmnist_core.analysis.metrics import most_confused, similar_order
from fmnist_core.dataset import CLASS_NAMES

PER_PAGE, SUSPECTS_PER_PAGE = 60, 42
ALL = "All classes"
PAIR = re.compile(r"(.*) (?:is|are) called an? (.*) \(")
VIEWS = {
    "pictures": "Pictures",
    "classes": "Classes",
    "sure": "How sure",
    "luck": "Luck or system",
    "suspects": "Suspicious labels",
    "verdicts": "Verdicts",
}
SCALES = {"counts": "Pictures", "truth": "% of truth", "predicted": "% of predicted"}
CLASS_ORDERS = {"dataset": "Dataset", "similar": "Similarity"}
ORDERS = {
    "confidence": "Most sure first",
    "margin": "Largest lead first",
    "loss": "Largest loss first",
    "forgotten": "Most often forgotten first",
    "number": "By number",
}
ORDER_DESCRIPTIONS = {
    "confidence": "The network's most confident answers come first.",
    "margin": "First come the answers that lead most over the label",
    "loss": "First come the pictures whose label the network found least likely.",
    "forgotten": "First come the pictures that were most often named rightly after one epoch",
    "similar": "First come the pictures most similar to the chosen one",
    "number": "In the order of the dataset.",
}
IMAGE_PANELS = {
    "epochs": "Over the epochs",
    "sight": "What it looks at",
    "nearest": "Nearest pictures",
    "others": "Other runs",
    "notes": "Notes",
}
OUTCOMES = {"wrong": "Wrong", "right": "Right", "both": "Both"}
SPACES = {"pixels": "Pixels", "network": "The network's eyes"}
SPLITS = {"test": "Test pictures", "train": "Training pictures"}
FILTER = {"kind": "button", "name": "Sort and filter", "starts": True}
GALLERY_PARTS = ("answers", "page", "picture")


def shows_gallery(state: State) -> bool:
    return state["view"] == "pictures" and state["picture"] is None


def shows_image(state: State) -> bool:
    return state["view"] == "pictures" and isinstance(state["picture"], int)


def view(name: str) -> Callable[[State], bool]:
    return lambda state: state["view"] == name


def number_in(address: Address, name: str, highest: int) -> int | None:
    """A number of a parameter in the address; ``None`` where it is absent or nonsense."""
    text = address.get(name, "")
    value = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
    return value if value is not None and value <= highest else None


def option_in(address: Address, name: str, options: Any, usual: str) -> str:
    """An option of a parameter in the address, or the default."""
    return address[name] if address.get(name) in options else usual


def selection_in(address: Address) -> Selection:
    """The selection in the confusion matrix that an address describes."""
    parts = address.get("cells", "").split("-")
    cells = sorted({(int(one[0]), int(one[1])) for one in parts if re.fullmatch(r"\d\d", one)})
    if len(cells) > 1:
        return Selection(cells=tuple(cells))
    if cells:
        return Selection(*cells[0])
    return Selection(number_in(address, "truth", 9), number_in(address, "predicted", 9))


def default_outcome(selection: Selection) -> str:
    return "both" if selection else "wrong"


def clicked(current: Selection, target: Selection) -> Selection:
    """The selection after a click: its target, or none where that was selected already."""
    return Selection() if current == target else target


def cell_name(truth: int, predicted: int) -> str:
    if truth == predicted:
        return f"{CLASS_NAMES[truth]}, rightly named"
    return f"{CLASS_NAMES[truth]} called {CLASS_NAMES[predicted]}:"


class Mistakes:
    """Page model of Mistakes.

    Args:
        knowledge: the runs.
    """

    name, path = "Mistakes", "/mistakes"
    own = frozenset({"run"})
    names: ClassVar = {"selection": ("truth", "predicted", "cells")}
    hidden: frozenset[str] = frozenset()

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def state(self, address: Address) -> State:
        """The state of the page that an address describes."""
        selection = selection_in(address)
        run_ids = [run.id for run in self.knowledge.finished]
        like = number_in(address, "like", 9999)
        order = option_in(address, "sort", [*ORDERS, "similar"], "confidence")
        low, high = 0, 100
        if match := re.fullmatch(r"(\d{1,3})-(\d{1,3})", address.get("sure", "")):
            low, high = int(match[1]), int(match[2])
        run = address["run"] if address.get("run") in run_ids else run_ids[0]
        replicates = self.knowledge.replicates(run)
        return {
            "run": run,
            "view": option_in(address, "view", VIEWS, "pictures"),
            "selection": selection,
            "truth": selection.truth,
            "predicted": selection.predicted,
            "answers": option_in(address, "answers", OUTCOMES, default_outcome(selection)),
            "sort": "confidence" if order == "similar" and like is None else order,
            "like": like,
            "sure": (low, high),
            "epoch": number_in(address, "epoch", 9999) or None,
            "picture": number_in(address, "picture", 9999),
            "page": number_in(address, "page", 9999) or 1,
            "scale": option_in(address, "scale", SCALES, "counts"),
            "order": option_in(address, "order", CLASS_ORDERS, "dataset"),
            "about": option_in(address, "about", IMAGE_PANELS, "epochs"),
            "near": option_in(address, "near", SPACES, "pixels"),
            "by": number_in(address, "by", replicates.runs) or replicates.runs
            if replicates
            else None,
            "of": option_in(address, "of", SPLITS, "test"),
            "left": address.get("left") == "1",
            "suspect": number_in(address, "suspect", 59_999),
            "threshold": 80
            if (requested := number_in(address, "threshold", 100)) is None
            else requested,
        }

    def normal(self, state: State) -> State:
        """The state with reset parts at their defaults."""
        usual = {} if state["page"] is not None else {"page": 1}
        if state["answers"] is None:
            chosen = state["selection"]
            usual["answers"] = UNKNOWN if chosen is UNKNOWN else default_outcome(chosen)
        return {**state, **usual}

    def controls(self, state: State) -> Sequence[Control]:
        """All but the matrix and its epochs, which are read with the content."""
        runs = {run.id: f"· {run.id[:4]}" for run in self.knowledge.finished}
        names = {None: ALL, **dict(enumerate(CLASS_NAMES))}
        orders = dict(ORDERS)
        if state["like"] is not None and state["like"] is not UNKNOWN:
            orders["similar"] = f"Most similar to picture {state['like']} first"
        requested = state["run"] is not UNKNOWN and self.knowledge.answered(state["run"], None)
        if not requested or len(requested.by_epoch) < 2:
            del orders["forgotten"]
        return [
            Control("run", "list", "Run", runs, resets=("page", "epoch")),
            Control("view", "choice", "Look at", VIEWS, resets=("page", "suspect")),
            Control("scale", "choice", "Show", SCALES, view("pictures")),
            Control("order", "choice", "Ordered by", CLASS_ORDERS, view("pictures")),
            Control("truth", "list", "It is", names, shows_gallery, GALLERY_PARTS),
            Control("predicted", "list", "The network says", names, shows_gallery, GALLERY_PARTS),
            Control("sort", "list", "Sorted", orders, shows_gallery, ("page",), False),
            Control("answers", "choice", "Answers", OUTCOMES, shows_gallery, ("page",), False),
            Control("sure", "slider", "How sure it was, in %", {}, shows_gallery, ("page",), False),
            Control("about", "choice", "About this picture", IMAGE_PANELS, shows_image),
            Control("near", "choice", "Near in", SPACES, self._asks_for_neighbours),
            Control(
                "threshold", "slider", "It answers from so many percent on", {}, view("sure")
            ),
            Control(
                "by", "slider", "Mistakes made by so many of the runs", {}, self._has_replicates,
                ("page",), False,
            ),
            Control(
                "by", "choice", "Mistakes made by so many of the runs",
                {count: str(count) for count in range(1, self._runs(state) + 1)},
                self._has_replicates, ("page",), False,
            ),
            Control("of", "choice", "Pictures", SPLITS, view("suspects"), ("suspect", "page")),
            Control(
                "left", "switch", "Only those without a verdict", {}, view("suspects"), ("page",)
            ),
        ]  # fmt: skip

    def _asks_for_neighbours(self, state: State) -> bool:
        return shows_image(state) and state["about"] == "nearest"

    def _runs(self, state: State) -> int:
        """Number of seed replicates of the run, itself included; 0 without any."""
        replicates = None if state["run"] is UNKNOWN else self.knowledge.replicates(state["run"])
        return replicates.runs if replicates else 0

    def _has_replicates(self, state: State) -> bool:
        return state["view"] == "luck" and state["by"] is not None

    def image_indices(self, state: State) -> NDArray[np.int64]:
        """Indices of the images in the gallery, in its order; unknown while epochs are played."""
        if state["epoch"] is UNKNOWN:
            raise TypeError("it is not known which epoch is shown")
        predictions = self.knowledge.answered(state["run"], state["epoch"])
        labels = self.knowledge.labels
        filter_ = ImageFilter(state["selection"], state["answers"], *state["sure"])
        indices = image_filter(labels, predictions.answers, predictions.probabilities, filter_)
        forgotten = self.knowledge.forgotten(state["run"]) if state["sort"] == "forgotten" else None
        distances = None
        if state["sort"] == "similar":
            distances = self.knowledge.distances(state["like"])
        return arrange(
            indices, labels, predictions.probabilities, state["sort"], forgotten, distances
        )

    def shared(self, state: State) -> NDArray[np.int64]:
        """Indices of the mistakes that so many runs share."""
        agreement = self.knowledge.replicates(state["run"])
        predicted = self.knowledge.answered(state["run"], None).answers
        indices = np.flatnonzero(
            (predicted != self.knowledge.labels) & (agreement.wrong == state["by"])
        )
        return indices[np.argsort(-agreement.same[indices], kind="stable")]

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the screen with the state in the address; returns a line for each difference."""
        report = Told()
        drawn = {
            "pictures": screen.seen["matrix"] is not None,
            "classes": "How well it knows each class" in screen.headings(3),
            "sure": "Is it as sure as it is right?" in screen.headings(3),
            "luck": "runs of this configuration make" in screen.text
            or "To tell luck from system" in screen.text,
            "suspects": bool(screen.switch("Only those without a verdict")),
            "verdicts": "Nobody has said anything about a picture yet" in screen.text,
        }
        report.same("views drawn", [name for name, on in drawn.items() if on], [state["view"]])
        if not drawn[state["view"]]:
            return report.lines
        {
            "pictures": self._check_matrix_view,
            "classes": self._check_classes,
            "sure": self._check_calibration,
            "luck": self._check_seeds,
            "suspects": self._check_suspects,
        }.get(state["view"], lambda *_: None)(state, screen, report)
        return report.lines

    def _check_matrix_view(self, state: State, screen: Screen, report: Told) -> None:
        predictions = self.knowledge.answered(state["run"], state["epoch"])
        matrix, table = predictions.matrices[predictions.epoch - 1], screen.seen["matrix"]
        similar = state["order"] == "similar"
        order = similar_order(predictions.matrices[-1]) if similar else np.arange(10)
        report.same("rows of the matrix", table["rows"], [CLASS_NAMES[place] for place in order])
        rows, columns = np.ix_(order, order)
        report.same(
            "numbers in the matrix",
            table["cells"],
            _cell_texts(matrix, state["scale"])[rows, columns].ravel().tolist(),
        )
        chosen = state["selection"].covers() & bool(state["selection"])
        report.same(
            "cells pressed",
            sorted(name.split(":")[0] for name in table["pressed"]),
            sorted(cell_name(*cell).rstrip(":") for cell in np.argwhere(chosen).tolist()),
        )
        if len(predictions.matrices) > 1:
            wrong = int(matrix.sum() - np.trace(matrix))
            report.same(
                "epoch",
                screen.seen["outputs"][:1],
                [f"Epoch {predictions.epoch} of {len(predictions.matrices)}: {wrong:,} wrong"],
            )
            report.same("epoch of the slider", screen.slider("Epoch"), [predictions.epoch])
        indices = self.image_indices(state)
        heading = gallery_heading(len(indices), state)
        report.same("heading", screen.headings(3)[:1], [heading])
        report.same(
            "“Back to the wall”", screen.has_button("Back to the wall"), not shows_gallery(state)
        )
        if shows_gallery(state):
            self._check_gallery(state, screen, report, indices)
        else:
            self._check_image(state, screen, report, indices)

    def _check_classes(self, state: State, screen: Screen, report: Told) -> None:
        predictions = self.knowledge.answered(state["run"], state["epoch"])
        pairs = most_confused(predictions.matrices[predictions.epoch - 1], 10)
        drawn = [words for words in screen.seen["buttons"] if PAIR.search(words)]
        report.same(
            "pairs",
            [(_selection_in(words), words.rsplit("(")[-1].rstrip(")")) for words in drawn],
            [
                (Selection(int(pair.truth), int(pair.predicted)), f"{pair.pictures:,}")
                for pair in pairs.itertuples()
            ],
        )

    def _check_gallery(
        self, state: State, screen: Screen, report: Told, indices: NDArray[np.int64]
    ) -> None:
        report.same(
            "“Show all mistakes”", screen.has_button("Show all mistakes"), bool(state["selection"])
        )
        usual = state["answers"] == default_outcome(state["selection"]) and state["sure"] == (
            0,
            100,
        )
        report.same("mark at “Sort and filter”", screen.has_button("Sort and filter •"), not usual)
        if check_gallery(state["page"], indices, PER_PAGE, screen, report):
            report.check(
                ORDER_DESCRIPTIONS[state["sort"]] in screen.text,
                "the words for the order are others",
            )

    def _check_image(
        self, state: State, screen: Screen, report: Told, indices: NDArray[np.int64]
    ) -> None:
        picture = state["picture"]
        tiles = screen.walls[0] if screen.walls else []
        report.same("open picture", numbers_of(tiles), [picture])
        bars = f"Probabilities of the ten classes for test picture {picture}"
        report.check(bars in screen.charts, f"the bars are not those of picture {picture}")
        positions = np.flatnonzero(indices == picture)
        position_text = f"{positions[0] + 1:,} of {len(indices):,}" if len(positions) else ""
        position_text = position_text or "Not among the chosen pictures."
        report.check(position_text in screen.text, f"its place is not given as {position_text!r}")
        drawn = {
            "epochs": any(name.startswith("Probabilities of the classes over the epochs for "
                                          f"test picture {picture}") for name in screen.charts)
            or "This run kept only its last answers, so the way" in screen.text,
            "sight": "kept only its answers and not its network" in screen.text
            and not screen.choice("Near in"),
            "nearest": bool(screen.choice("Near in")),
            "others": "other runs name it rightly" in screen.text,
            "notes": bool(screen.several("Your verdict")),
        }  # fmt: skip
        drawn_parts = [name for name, is_drawn in drawn.items() if is_drawn]
        report.same("parts drawn below the picture", drawn_parts, [state["about"]])
        if state["about"] == "nearest" and state["near"] == "pixels":
            report.check("pixel by pixel, are labelled" in screen.text, "no neighbours by pixels")

    def _check_calibration(self, state: State, screen: Screen, report: Told) -> None:
        predictions = self.knowledge.answered(state["run"], state["epoch"])
        confidence = predictions.probabilities[
            np.arange(len(predictions.answers)), predictions.answers
        ]
        answered_count, _ = answered(
            confidence, predictions.answers == self.knowledge.labels, state["threshold"] / 100
        )
        if answered_count:
            words = f"It answers {answered_count:,} of 10,000 pictures and is right in"
            report.check(words in screen.text, f"the words do not say {words!r}")

    def _check_seeds(self, state: State, screen: Screen, report: Told) -> None:
        agreement = self.knowledge.replicates(state["run"])
        if agreement is None:
            report.check("To tell luck from system" in screen.text, "there are no twins to ask")
            return
        indices, by = self.shared(state), state["by"]
        several, verb = "s" * (len(indices) != 1), "s" * (by == 1)
        words = f"{len(indices):,} picture{several} that {by} of {agreement.runs} runs name{verb} "
        report.same("heading", screen.headings(3)[:1], [f"{words}wrongly"])
        check_gallery(state["page"], indices, PER_PAGE, screen, report)

    def _check_suspects(self, state: State, screen: Screen, report: Told) -> None:
        if state["of"] == "train":
            words = "No network can judge these pictures yet"
            report.check(words in screen.text, "training pictures are not what is looked at")
            return
        indices = self.knowledge.suspects.numbers
        report.check(f"they contradict {len(indices):,} " in screen.text, "not the test pictures")
        open_index = int(indices[0]) if state["suspect"] is None else state["suspect"]
        report.check(f"Test {open_index}" in screen.text, f"open is not test picture {open_index}")
        check_gallery(state["page"], indices, SUSPECTS_PER_PAGE, screen, report)
        pressed = [tile for tile in (screen.walls[0] if screen.walls else []) if tile["pressed"]]
        expected = [open_index] if open_index in numbers_of(screen.walls[0]) else []
        report.same("framed suspect", numbers_of(pressed), expected)

    def acts(self, state: State) -> list[Act]:
        """The acts that are possible in this state."""
        acts = []
        for control in self.controls(state):
            if state["view"] is UNKNOWN or not control.there(state):
                continue
            for act in choices(control, state):
                if control.part in ("truth", "predicted"):
                    act = _list_act(control, act)
                if control.part == "run":
                    act = _with_other_run(act)
                if not control.needed and control.part != "by":
                    act = replace(act, first=FILTER)
                acts.append(act)
        extra = {
            "pictures": self._matrix_acts,
            "classes": self._confusion_acts,
            "luck": self._seed_acts,
            "suspects": self._suspect_acts,
        }.get(state["view"])
        return acts + (extra(state) if extra else [])

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
            kept = len(self.knowledge.answered(state["run"], None).matrices)
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

    def _matrix_acts(self, state: State) -> list[Act]:
        acts = [*self._cells(), *self._epochs(6)]
        gallery_open, image_open = shows_gallery(state), shows_image(state)
        if gallery_open:
            acts += [_tile_act("wall", place, shows_gallery) for place in range(0, 40, 3)]
            acts += [_page(page, shows_gallery) for page in (1, 2, 3)]
            acts.append(
                Act(
                    "all mistakes",
                    "Show all mistakes",
                    {"kind": "button", "name": "Show all mistakes"},
                    lambda *_: _selection_changes(Selection()),
                    shows_gallery,
                    ("selection", *GALLERY_PARTS),
                )
            )
        if image_open:
            acts += [
                Act(
                    "back",
                    "Back to the wall",
                    {"kind": "button", "name": "Back to the wall"},
                    self._back,
                    shows_image,
                    ("picture", "page"),
                ),
                Act(
                    "similar",
                    "Show the wall by similarity to it",
                    {"kind": "button", "name": "Show the wall by similarity to it"},
                    lambda state, _: {
                        "sort": "similar", "like": state["picture"], "picture": None, "page": 1,
                    },
                    shows_image,
                    ("sort", "like", "picture", "page"),
                ),
                *(
                    Act(
                        "step",
                        name,
                        {"kind": "button", "name": name},
                        lambda state, _, by=by: self._step(
                            state, "picture", self.image_indices, by
                        ),
                        shows_image,
                        ("picture",),
                    )
                    for name, by in (("Previous", -1), ("Next", 1))
                ),
            ]  # fmt: skip
        return acts

    def _cells(self) -> list[Act]:
        acts = []
        for truth, predicted in ((6, 0), (0, 6), (2, 4), (4, 2), (6, 2), (6, 4), (5, 7), (6, 6)):
            for shift in (False, True):
                acts.append(_cell_act(truth, predicted, shift))
        for class_id in (6, 0, 4):
            for line in ("row", "column"):
                acts.append(_header_act(line, class_id))
        return acts

    def _back(self, state: State, _: dict[str, Any]) -> State:
        try:
            positions = np.flatnonzero(self.image_indices(state) == state["picture"])
        except (TypeError, AttributeError, KeyError):
            return {"picture": None, "page": UNKNOWN}
        page = {"page": int(positions[0]) // PER_PAGE + 1} if len(positions) else {}
        return {"picture": None, **page}

    def _step(
        self,
        state: State,
        part: str,
        numbers: Callable[[State], NDArray[np.int64]],
        by: int,
    ) -> State:
        try:
            indices = numbers(state)
            (position,) = np.flatnonzero(indices == state[part])
        except (TypeError, AttributeError, KeyError, ValueError):
            return {part: UNKNOWN}
        target = position + by
        return {part: int(indices[target])} if 0 <= target < len(indices) else {}

    def _confusion_acts(self, state: State) -> list[Act]:
        def effect(state: State, aimed: dict[str, Any]) -> State:
            # A list that is about to change leads where it says, and not where the next one does.
            return {"view": "pictures", **_selection_changes(_selection_in(aimed["words"]))}

        touches = ("view", "selection", *GALLERY_PARTS)
        return [
            Act(
                "pair", f"pair {place + 1}", {"kind": "pair", "place": place}, effect,
                view("classes"), touches,
            )
            for place in range(4)
        ]  # fmt: skip

    def _seed_acts(self, state: State) -> list[Act]:
        opens = {"view": "pictures", "page": 1}
        tiles = [_tile_act("wall", place, view("luck"), opens) for place in range(0, 30, 4)]
        return tiles + [_page(page, view("luck")) for page in (1, 2)]

    def _suspect_acts(self, state: State) -> list[Act]:
        def is_shown(state: State) -> bool:
            return state["view"] == "suspects" and state["of"] == "test"

        def with_open_suspect(state: State) -> State:
            numbers = self.knowledge.suspects.numbers
            suspect = int(numbers[0]) if state["suspect"] is None else state["suspect"]
            return {**state, "suspect": suspect}

        def about(state: State, _: dict[str, Any]) -> State:
            picture = with_open_suspect(state)["suspect"]
            return {"view": "pictures", "picture": picture, "page": 1}

        acts = [
            Act(
                "suspect",
                f"suspect {place + 1} on the wall",
                {"kind": "tile", "wall": 0, "place": place},
                lambda _, aimed: {"suspect": aimed["picture"]},
                is_shown,
                ("suspect",),
            )
            for place in range(0, 30, 4)
        ]
        acts += [
            Act(
                "step",
                name,
                {"kind": "button", "name": name},
                lambda state, _, by=by: self._step(
                    with_open_suspect(state),
                    "suspect",
                    lambda _: self.knowledge.suspects.numbers,
                    by,
                ),
                is_shown,
                ("suspect",),
            )
            for name, by in (("Previous", -1), ("Next", 1))
        ]
        acts.append(
            Act(
                "about it",
                "All about this picture",
                {"kind": "button", "name": "All about this picture"},
                about,
                is_shown,
                ("view", "picture", "page"),
            )
        )
        return acts + [_page(page, is_shown) for page in (1, 2)]

    def start(self, random: Any) -> Address:
        """A view, and in the first one now and then a selection, a page, an epoch or a picture."""
        run = random.choice([run for run in self.knowledge.finished if run.name != "Another kind"])
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
            indices = self.image_indices(self.state(address))
            address["picture"] = str(indices[random.randrange(len(indices))])
            address |= random.choice([{}, {"about": "nearest"}, {"about": "others"}])
        elif chance() < 0.3 and "predicted" not in address:
            address["page"] = "2"
        return address


def gallery_heading(count: int, state: State) -> str:
    """The heading of the gallery."""
    selection, answers = state["selection"], state["answers"]
    pictures = f"{count:,} picture{'s' * (count != 1)}"
    outcome_text = "" if answers == "both" else f", named {answers}ly"
    if selection.cells:
        return f"{pictures} in {len(selection.cells)} cells{outcome_text}"
    truth, predicted = (
        None if number is None else CLASS_NAMES[number]
        for number in (selection.truth, selection.predicted)
    )
    if truth is None and predicted is None:
        outcome_text = {"wrong": " it gets wrong", "right": " it gets right", "both": ""}[answers]
        return f"All {pictures}{outcome_text}"
    if predicted is None:
        return f"{pictures} of class {truth}{outcome_text}"
    if truth is None:
        return f"{pictures} called {predicted}{outcome_text}"
    if truth == predicted:
        return f"{pictures} of class {truth}, rightly named"
    return f"{pictures}: {truth}, called {predicted}"


def check_gallery(
    page: int,
    indices: NDArray[np.int64],
    per_page: int,
    screen: Screen,
    report: Told,
    wall: int = 0,
) -> bool:
    """Compare a page of the gallery with the expected images; returns whether there are any."""
    pages = max(1, -(-len(indices) // per_page))
    current = page if page <= pages else 1
    pagers = screen.seen["pages"]
    if pages > 1:
        report.same("page", [pager["on"] for pager in pagers], [str(current)])
        report.same("number of pages", [pager["last"] for pager in pagers], [pages])
    else:
        report.same("page numbers", pagers, [])
    expected = indices[(current - 1) * per_page : current * per_page].tolist()
    tiles = screen.walls[wall] if len(screen.walls) > wall else []
    displayed = numbers_of(tiles)
    same_count = sum(pager == other for pager, other in zip(displayed, expected, strict=False))
    report.check(
        displayed == expected,
        f"pictures on the wall: {len(displayed)} hang there, {displayed[:4]} …; expected are "
        f"{len(expected)}, {expected[:4]} …; {same_count} hang in their place",
    )
    return bool(len(indices))


def _cell_texts(matrix: NDArray[np.int64], scale: str) -> NDArray[Any]:
    if scale == "counts":
        return np.where(matrix == 0, "", matrix.astype(str))
    totals = matrix.sum(axis=1 if scale == "truth" else 0, keepdims=True)
    totals = totals if scale == "truth" else totals.reshape(1, 10)
    shares = 100 * matrix / np.maximum(1, totals)
    # A half is rounded up by JavaScript and to the even digit by Python.
    texts = [f"{np.floor(10 * share + 0.5 + 1e-9) / 10:.1f}" for share in shares.ravel()]
    return np.where(matrix == 0, "", np.array(texts).reshape(10, 10))


def _with_other_run(act: Act) -> Act:
    """The act with ``by`` unknown after it, because another run may have fewer replicates."""

    def effect(state: State, aimed: dict[str, Any]) -> State:
        return {**act.effect(state, aimed), "by": UNKNOWN}

    return replace(act, effect=effect, touches=(*act.touches, "by"))


def _with_cell_toggled(current: Selection, cell: tuple[int, int]) -> Selection:
    """The selection with a cell more, or without it where it was chosen."""
    cells = set(current.cells)
    if not cells and current.truth is not None and current.predicted is not None:
        cells = {(current.truth, current.predicted)}
    remaining = tuple(sorted(cells ^ {cell}))
    return Selection(*remaining[0]) if len(remaining) == 1 else Selection(cells=remaining)


def _selection_changes(selection: Selection) -> State:
    return {
        "selection": selection,
        "truth": selection.truth,
        "predicted": selection.predicted,
        "answers": default_outcome(selection),
        "page": 1,
        "picture": None,
    }


def _list_act(control: Control, act: Act) -> Act:
    """The two lists name a cell, a row or a column together; several cells are let go."""
    (value,) = (one for one, words in control.options.items() if words == act.aim["option"])

    def effect(state: State, _: dict[str, Any]) -> State:
        current = state["selection"]
        if current is UNKNOWN:
            return {"selection": UNKNOWN, **dict.fromkeys(GALLERY_PARTS)}
        classes = {"truth": current.truth, "predicted": current.predicted, control.part: value}
        return _selection_changes(Selection(classes["truth"], classes["predicted"]))

    touches = ("selection", "truth", "predicted", *GALLERY_PARTS)
    return replace(act, effect=effect, touches=touches)


def _cell_act(truth: int, predicted: int, shift: bool) -> Act:
    def effect(state: State, _: dict[str, Any]) -> State:
        current = state["selection"]
        if current is UNKNOWN:
            return {
                **dict.fromkeys(("truth", "predicted"), UNKNOWN),
                **dict.fromkeys(GALLERY_PARTS),
            }
        if shift:
            return _selection_changes(_with_cell_toggled(current, (truth, predicted)))
        return _selection_changes(clicked(current, Selection(truth, predicted)))

    name = cell_name(truth, predicted)
    return Act(
        "cell with Shift" if shift else "cell",
        f"cell {name.rstrip(':')}{' with Shift' * shift}",
        {"kind": "cell", "name": name},
        effect,
        view("pictures"),
        ("selection", "truth", "predicted", *GALLERY_PARTS),
        shift=shift,
    )


def _selection_in(words: str) -> Selection:
    """The cell of a sentence such as ``"1 in 6 Shirts is called a T-shirt/top (167)"``."""
    match = PAIR.search(words)
    assert match is not None, words
    plurals = {"T-shirt/top": "T-shirts/tops", "Dress": "Dresses"}
    truths = [
        place
        for place, name in enumerate(CLASS_NAMES)
        if match[1].endswith(plurals.get(name, f"{name}s"))
    ]
    return Selection(truths[0], CLASS_NAMES.index(match[2]))


def _header_act(line: str, class_id: int) -> Act:
    target = Selection(class_id) if line == "row" else Selection(predicted=class_id)

    def effect(state: State, _: dict[str, Any]) -> State:
        if state["selection"] is UNKNOWN:
            return {
                **dict.fromkeys(("truth", "predicted"), UNKNOWN),
                **dict.fromkeys(GALLERY_PARTS),
            }
        return _selection_changes(clicked(state["selection"], target))

    return Act(
        "line",
        f"{line} {CLASS_NAMES[class_id]}",
        {"kind": "head", "line": line, "name": CLASS_NAMES[class_id]},
        effect,
        view("pictures"),
        ("selection", "truth", "predicted", *GALLERY_PARTS),
    )


def _tile_act(
    words: str, place: int, needs: Callable[[State], bool], more: State | None = None
) -> Act:
    changes = more or {}
    return Act(
        "tile",
        f"picture {place + 1} on the {words}",
        {"kind": "tile", "wall": 0, "place": place},
        lambda _, aimed: {"picture": aimed["picture"], **changes},
        needs,
        ("picture", *changes),
    )


def _page(page: int, needs: Callable[[State], bool]) -> Act:
    return Act(
        "page",
        f"page {page}",
        {"kind": "page", "page": page},
        # On a wall that was about to change the page belonged to the wall before.
        lambda state, aimed: {"page": UNKNOWN if aimed.get("late") else page},
        needs,
        ("page",),
    )
