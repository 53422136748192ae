"""Page model of Explore: the state in its address, what it shows of it, and what clicks change."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from controls import UNKNOWN, Act, Control, State, Told, choices
from knowledge import Knowledge
from numpy.typing import NDArray
from page_mistakes import check_gallery, number_in, option_in
from screens import Address, Screen, numbers_of

from fmnist_core.dataset import CLASS_NAMES

VIEWS = {
    "gallery": "Gallery",
    "sheet": "A whole class",
    "classes": "Classes",
    "map": "Map",
    "facts": "The facts",
}
SPLITS = {"test": "Test", "train": "Training"}
SIZES = {"small": "Small", "medium": "Medium", "large": "Large"}
PER_PAGE = {"small": 216, "medium": 96, "large": 48}
ORDERS = {
    "number": "By number",
    "shuffled": "Shuffled",
    "typical": "Most typical first",
    "odd": "Oddest first",
    "crowded": "Commonest looks first",
    "lonely": "Rarest looks first",
    "twins": "Near-duplicates first",
    "bright": "Brightest first",
    "dark": "Darkest first",
    "full": "Most ink first",
    "sparse": "Least ink first",
}
ORDER_DESCRIPTIONS = {
    "number": "In the order of the dataset.",
    "shuffled": "In an order drawn by chance",
    "typical": "First come the pictures closest, pixel by pixel, to the average",
    "odd": "First come the pictures furthest, pixel by pixel, from the average",
    "crowded": "First come the pictures with the closest look-alikes",
    "lonely": "First come the pictures that no other of their class is near.",
    "twins": "First come the pictures whose nearest look-alike",
    "bright": "First come the pictures with the highest mean",
    "dark": "First come the pictures with the lowest mean",
    "full": "First come the pictures with the most pixels that are not blank.",
    "sparse": "First come the pictures with the fewest pixels that are not blank.",
}
IMAGE_PANELS = {
    "alike": "Look-alikes",
    "changed": "Changed for training",
    "runs": "What networks say",
}
KINDS = {"mean": "Average", "spread": "How much they vary"}
METHODS = {"pca": "Main directions (PCA)", "tsne": "Neighbourhoods (t-SNE)"}
COLORS = {"class": "Class", "right": "Right or wrong", "sure": "How sure"}
NAMES = dict(enumerate(CLASS_NAMES))
SHIRT, COAT = 6, 4
GALLERY_PARTS = ("page", "picture")
# Where the address names no class, it follows from what else is chosen.
DEFAULT = "usually"
RESET_VALUES = {"page": 1, "trail": (), "close": False, "loop": ""}


def shows_detail(state: State) -> bool:
    return state["view"] == "gallery" and state["close"] is True


def shows_gallery(state: State) -> bool:
    return state["view"] == "gallery" and state["close"] is False


def in_view(*names: str) -> Callable[[State], bool]:
    return lambda state: state["view"] in names


def open_detail(state: State, aimed: dict[str, Any]) -> State:
    """The changes of a click that opens an image in detail."""
    return {
        "view": "gallery",
        "split": aimed["split"],
        "picture": aimed["picture"],
        "close": True,
        "trail": (),
    }


OPENED_PARTS = ("view", "split", "picture", "close", "trail")


class Explore:
    """Page model of Explore.

    Args:
        knowledge: the pictures and the runs.
    """

    name, path = "Explore", "/explore"
    own: frozenset[str] = frozenset()
    names: ClassVar = {"classes": ("class",), "other": ("and",), "source": ("from",)}
    hidden: frozenset[str] = frozenset()

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def state(self, address: Address) -> State:
        """The state of the page that an address describes."""
        split = option_in(address, "split", SPLITS, "test")
        picture = number_in(address, "picture", len(self.knowledge.data.labels(split)) - 1)
        run_ids = [run.id for run in self.knowledge.finished]
        parts = address.get("class", "").split("-")
        shown = sorted({int(one) for one in parts if re.fullmatch(r"\d", one)})
        view = option_in(address, "view", VIEWS, "gallery")
        of, other = number_in(address, "of", 9), number_in(address, "and", 9)
        shift = number_in(address, "shift", 4)
        return {
            "view": view,
            "split": split,
            "classes": tuple(shown),
            "sort": option_in(address, "sort", ORDERS, "number"),
            "seed": number_in(address, "seed", 9999) or 0,
            "size": option_in(address, "size", SIZES, "medium"),
            "picture": picture,
            "close": picture is not None and address.get("close") == "1",
            "about": option_in(address, "about", IMAGE_PANELS, "alike"),
            "trail": tuple(filter(None, address.get("trail", "").split("-"))),
            "page": number_in(address, "page", 99_999) or 1,
            "of": DEFAULT if of is None else of,
            "other": DEFAULT if other is None else other,
            "show": option_in(address, "show", KINDS, "mean"),
            "method": option_in(address, "method", METHODS, "pca"),
            "source": option_in(address, "from", run_ids, "pixels"),
            "color": option_in(address, "color", COLORS, "class"),
            "run": option_in(address, "run", run_ids, run_ids[0]),
            "loop": address.get("loop", ""),
            "shift": 2 if shift is None else shift,
            "flip": address.get("flip") != "0",
            "roll": number_in(address, "roll", 999) or 0,
        }

    def normal(self, state: State) -> State:
        """The state with reset parts at their defaults."""
        changed = {part: usual for part, usual in RESET_VALUES.items() if state[part] is None}
        return {**state, **changed}

    def controls(self, state: State) -> Sequence[Control]:
        """All controls but the buttons."""
        runs = {run.id: f"· {run.id[:4]}" for run in self.knowledge.finished}
        of = {DEFAULT: CLASS_NAMES[self.of(state)], **NAMES}
        other = {DEFAULT: CLASS_NAMES[self.other(state)], **NAMES}
        sheet, classes, atlas = in_view("sheet"), in_view("classes"), in_view("map")
        moved = ("loop", "page")
        return [
            Control(
                "view", "choice", "Look at", VIEWS, _not_close, ("page", "close", "trail")
            ),
            Control(
                "split", "choice", "Pictures for", SPLITS, _has_split,
                ("page", "picture", "trail", "loop"),
            ),
            Control(
                "classes", "several", "Classes", NAMES, shows_gallery, ("page", "picture", "trail")
            ),
            Control("sort", "list", "Sorted", ORDERS, shows_gallery, GALLERY_PARTS),
            Control("sort", "list", "Sorted", ORDERS, sheet, GALLERY_PARTS),
            Control("size", "choice", "Size of the pictures", SIZES, shows_gallery, GALLERY_PARTS),
            Control("about", "choice", "About this picture", IMAGE_PANELS, shows_detail),
            Control("shift", "slider", "Moved by up to so many pixels", {}, _is_changed),
            Control("flip", "switch", "Half of them mirrored", {}, _is_changed),
            Control("of", "choice", "Class", of, in_view("sheet", "classes")),
            Control("show", "choice", "Show of each pixel", KINDS, classes),
            Control("other", "list", "Compare with", other, classes),
            Control("method", "choice", "Laid out by", METHODS, atlas, moved),
            Control(
                "source", "list", "Seen by", {"pixels": "Pixels", **runs}, atlas, moved, False
            ),
            Control("color", "choice", "Coloured by", COLORS, _has_colors),
            Control("run", "list", "Answers of", runs, _has_answers),
        ]  # fmt: skip

    def of(self, state: State) -> int:
        """The selected class."""
        if state["of"] is UNKNOWN or state["of"] != DEFAULT:
            return state["of"] or 0
        return state["classes"][0] if state["view"] == "sheet" and state["classes"] else SHIRT

    def other(self, state: State) -> int:
        """The class that the selected one is compared with."""
        if state["other"] is UNKNOWN or state["other"] != DEFAULT:
            return state["other"] or 0
        return SHIRT if self.of(state) == COAT else COAT

    def image_indices(self, state: State) -> NDArray[np.int64]:
        """Indices of the images in the gallery, in its order."""
        return self.knowledge.ordered(
            state["split"],
            state["classes"],
            state["sort"],
            state["seed"] if state["sort"] == "shuffled" else 0,
        )

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the screen with the state in the address; returns a line for each difference."""
        report = Told()
        closely = screen.has_button("Back to the wall")
        drawn = {
            "gallery": closely or bool(screen.several("Classes")),
            "sheet": any(" on one sheet. " in name for name in screen.canvases),
            "classes": "Ten classes at a glance" in screen.headings(3),
            "map": any(name.startswith("Map of ") for name in screen.canvases),
            "facts": "Four arrays" in screen.headings(3),
        }
        report.same("views drawn", [name for name, on in drawn.items() if on], [state["view"]])
        if not drawn[state["view"]]:
            return report.lines
        if state["view"] == "gallery":
            report.same("a picture is looked at closely", closely, state["close"])
            if closely != state["close"]:
                return report.lines
        {
            "gallery": self._check_detail if closely else self._check_gallery,
            "sheet": self._check_sheet,
            "classes": self._check_classes,
        }.get(state["view"], lambda *_: None)(state, screen, report)
        return report.lines

    def _check_gallery(self, state: State, screen: Screen, report: Told) -> None:
        indices, per_page = self.image_indices(state), PER_PAGE[state["size"]]
        report.same(
            "“Shuffle again”", screen.has_button("Shuffle again"), state["sort"] == "shuffled"
        )
        words = f"{len(indices):,} pictures, {per_page} on a page"
        report.check(words in screen.text, f"the words do not say {words!r}")
        report.check(
            ORDER_DESCRIPTIONS[state["sort"]] in screen.text, "the words for the order are others"
        )
        check_gallery(state["page"], indices, per_page, screen, report)
        pages = -(-len(indices) // per_page)
        first = ((state["page"] if state["page"] <= pages else 1) - 1) * per_page
        picture = int(indices[first]) if state["picture"] is None else state["picture"]
        self._check_name(state, screen, report, picture)
        if screen.walls:
            pressed = numbers_of([tile for tile in screen.walls[0] if tile["pressed"]])
            there = [picture] if picture in numbers_of(screen.walls[0]) else []
            report.same("framed picture", pressed, there)

    def _check_name(self, state: State, screen: Screen, report: Told, picture: int) -> None:
        label = int(self.knowledge.data.labels(state["split"])[picture])
        report.same("name of the picture", screen.headings(2)[:1], [CLASS_NAMES[label]])
        words = f"{SPLITS[state['split']]} picture {picture:,}, class {label}."
        report.check(words in screen.text, f"the words do not say {words!r}")

    def _check_detail(self, state: State, screen: Screen, report: Told) -> None:
        picture = state["picture"]
        self._check_name(state, screen, report, picture)
        name = f"{SPLITS[state['split']]} picture {picture}: "
        report.check(
            any(one.startswith(name) for one in screen.canvases),
            f"the pixels are not those of {name}",
        )
        positions = np.flatnonzero(self.image_indices(state) == picture)
        if len(positions):
            position_text = (
                f"{positions[0] + 1:,} of {len(self.image_indices(state)):,} on the wall"
            )
            report.check(position_text in screen.text, f"the words do not say {position_text!r}")
        walls = [[tile["name"] for tile in wall] for wall in screen.walls]
        drawn = {
            "alike": "pictures most like it:" in screen.text,
            "changed": any("changed copy 1" in name for wall in walls for name in wall),
            "runs": "finished run" in screen.text or "Networks are asked about" in screen.text,
        }
        drawn_panels = [name for name, is_drawn in drawn.items() if is_drawn]
        report.same("parts drawn beside it", drawn_panels, [state["about"]])
        report.same("a trail", "You came from" in screen.text, bool(state["trail"]))
        for step in state["trail"]:
            words = f"{'test' if step[0] == 'e' else 'training'} {int(step[1:]):,}"
            report.check(
                any(button.endswith(f"· {words}") for button in screen.seen["buttons"]),
                f"the trail does not lead back to {words}",
            )

    def _check_sheet(self, state: State, screen: Screen, report: Told) -> None:
        name = f"pictures of class {CLASS_NAMES[self.of(state)]} on one sheet."
        report.check(any(name in one for one in screen.canvases), f"the sheet has no {name}")
        count = 1000 if state["split"] == "test" else 6000
        report.check(f"All {count:,} pictures, row by row." in screen.text, "the other split")

    def _check_classes(self, state: State, screen: Screen, report: Told) -> None:
        of, other = CLASS_NAMES[self.of(state)], CLASS_NAMES[self.other(state)]
        report.same("class", screen.headings(2)[:1], [of])
        report.check(
            f"Where do {of} and {other} differ?" in screen.headings(3),
            f"the pair is not {of} and {other}",
        )
        kind = KINDS[state["show"]]
        if report.check(bool(screen.walls), "no averages"):
            report.check(f"{kind} of " in screen.walls[0][0]["name"], f"the averages are no {kind}")
            pressed = numbers_of([tile for tile in screen.walls[0] if tile["pressed"]])
            report.same("framed average", pressed, [self.of(state)])
            split = screen.walls[0][0]["name"].split()[0]
            report.same("split of the averages", split.lower(), state["split"])

    def acts(self, state: State) -> list[Act]:
        """The acts that are possible in this state."""
        acts = []
        for control in self.controls(state):
            if state["view"] is not UNKNOWN and control.there(state):
                acts += choices(control, state)
        if shows_detail(state):
            return acts + self._detail_acts(state)
        extra = {
            "gallery": self._gallery_acts,
            "classes": self._class_acts,
            "sheet": self._sheet_acts,
            "facts": self._dataset_acts,
        }.get(state["view"])
        return acts + (extra() if extra else [])

    def _gallery_acts(self) -> list[Act]:
        acts = [
            Act(
                "tile",
                f"picture {place + 1} on the wall",
                {"kind": "tile", "wall": 0, "place": place},
                self._tile_clicked,
                shows_gallery,
                # Look-alikes may hang there instead.
                ("picture", "split", "close", "trail"),
            )
            for place in range(0, 48, 5)
        ]
        acts += [
            Act(
                "page",
                f"page {page}",
                {"kind": "page", "page": page},
                lambda _, aimed, page=page: {"page": UNKNOWN if aimed.get("late") else page},
                shows_gallery,
                ("page",),
            )
            for page in (1, 2, 3, 4)
        ]
        return [
            *acts,
            _button("Shuffle again", self._shuffle, shows_gallery, ("seed", *GALLERY_PARTS)),
            _button("Look closer", self._look_closer, shows_gallery, ("picture", "close")),
        ]

    def _shuffle(self, state: State, _: dict[str, Any]) -> State:
        seed = UNKNOWN if state["seed"] is UNKNOWN else state["seed"] + 1
        return {"seed": seed, **dict.fromkeys(GALLERY_PARTS)}

    def _tile_clicked(self, state: State, aimed: dict[str, Any]) -> State:
        if aimed["closely"]:
            # The wall was not there yet: it was one of the look-alikes.
            return {**open_detail(state, aimed), "trail": UNKNOWN}
        if aimed["split"] == state["split"]:
            return {"picture": aimed["picture"]}
        # The other pictures were chosen, and did not hang there yet.
        return {**open_detail(state, aimed), "close": False, "page": 1}

    def _look_closer(self, state: State, aimed: dict[str, Any]) -> State:
        # Which picture stands there without a choice depends on the wall that is drawn.
        picture = state["picture"]
        return {"close": True, "picture": UNKNOWN if picture is None else picture}

    def _detail_acts(self, state: State) -> list[Act]:
        def step(state: State, by: int) -> State:
            try:
                numbers = self.image_indices(state)
                (place,) = np.flatnonzero(numbers == state["picture"])
            except (TypeError, KeyError, ValueError):
                return {"picture": UNKNOWN, "trail": UNKNOWN}
            if not 0 <= place + by < len(numbers):
                return {}
            return {"picture": int(numbers[place + by]), "trail": ()}

        def walk(state: State, aimed: dict[str, Any]) -> State:
            if not aimed["closely"]:
                # Another wall was still there.
                return dict.fromkeys(("split", "picture", "close", "trail", "of"), UNKNOWN)
            moved = {"split": aimed["split"], "picture": aimed["picture"], "close": True}
            if UNKNOWN in (state["trail"], state["split"], state["picture"]):
                return {**moved, "trail": UNKNOWN}
            to = _step(aimed["split"], aimed["picture"])
            trail = [one for one in state["trail"] if one != to]
            trail = [*trail, _step(state["split"], state["picture"])][-8:]
            return {**moved, "trail": tuple(trail)}

        acts = [
            _button("Back to the wall", lambda *_: {"close": False, "trail": ()}, shows_detail,
                    ("close", "trail")),
            _button("Draw again", _draw_again, _is_changed, ("roll",)),
            *(
                Act(
                    "step",
                    name,
                    {"kind": "button", "name": name},
                    lambda state, _, by=by: step(state, by),
                    shows_detail,
                    ("picture", "trail"),
                )
                for name, by in (("Previous", -1), ("Next", 1))
            ),
        ]  # fmt: skip
        if state["about"] == "alike":
            for wall in (0, 1):
                for place in (0, 3, 7):
                    acts.append(
                        Act(
                            "look-alike",
                            f"look-alike {place + 1} on wall {wall + 1}",
                            {"kind": "tile", "wall": wall, "place": place},
                            walk,
                            lambda state: shows_detail(state) and state["about"] == "alike",
                            ("split", "picture", "trail", "close", "of"),
                        )
                    )
        return acts

    def _class_acts(self) -> list[Act]:
        acts = [
            Act(
                "average",
                f"average of {CLASS_NAMES[place]}",
                {"kind": "tile", "wall": 0, "place": place},
                lambda _, aimed: {"of": aimed["picture"]},
                in_view("classes"),
                ("of",),
            )
            for place in range(10)
        ]
        return acts + [
            Act(
                "extreme",
                f"picture {place + 1} on wall {wall + 1}",
                {"kind": "tile", "wall": wall, "place": place},
                open_detail,
                in_view("classes"),
                OPENED_PARTS,
            )
            for wall in (1, 2)
            for place in (0, 4)
        ]

    def _sheet_acts(self) -> list[Act]:
        return [
            _button("Shuffle again", lambda state, _: {"seed": state["seed"] + 1},
                    in_view("sheet"), ("seed",))
        ]  # fmt: skip

    def _dataset_acts(self) -> list[Act]:
        oddest = {"view": "gallery", "sort": "odd", "split": "train", "page": 1, "picture": None}
        acts = [
            _button("See the oddest pictures", lambda *_: oddest, in_view("facts"), tuple(oddest))
        ]
        return acts + [
            Act(
                "typical",
                f"typical picture of {CLASS_NAMES[place]}",
                {"kind": "tile", "wall": 0, "place": place},
                open_detail,
                in_view("facts"),
                OPENED_PARTS,
            )
            for place in (0, 5, 9)
        ]

    def start(self, random: Any) -> Address:
        """A view, or the wall with a choice, or a picture closely."""
        name = random.choice(["gallery"] * 3 + ["close"] * 2 + [*VIEWS])
        chance = random.random
        address: Address = {}
        if name not in ("gallery", "close"):
            address["view"] = name
            if chance() < 0.3:
                address["split"] = "train"
            return address
        if chance() < 0.4:
            address["class"] = random.choice(["6", "0-6", "2-4-6"])
        if chance() < 0.3:
            address["sort"] = random.choice(["shuffled", "odd", "bright"])
        if name == "close":
            indices = self.image_indices(self.state(address))
            address["picture"] = str(indices[random.randrange(10, len(indices) - 10)])
            address["close"] = "1"
            address |= random.choice([{}, {"about": "changed"}, {"about": "runs"}])
        elif chance() < 0.3:
            address["page"] = "3"
        return address


def _not_close(state: State) -> bool:
    return not shows_detail(state)


def _has_split(state: State) -> bool:
    return _not_close(state) and state["view"] != "facts"


def _is_changed(state: State) -> bool:
    return shows_detail(state) and state["about"] == "changed"


def _has_colors(state: State) -> bool:
    return state["view"] == "map" and state["split"] == "test"


def _has_answers(state: State) -> bool:
    return _has_colors(state) and state["color"] != "class"


def _step(split: str, picture: int) -> str:
    return f"{'e' if split == 'test' else 'r'}{picture}"


def _draw_again(state: State, _: dict[str, Any]) -> State:
    return {"roll": UNKNOWN if state["roll"] is UNKNOWN else (state["roll"] + 1) % 1000}


def _button(
    name: str,
    effect: Callable[[State, dict[str, Any]], State],
    needs: Callable[[State], bool],
    touches: tuple[str, ...],
) -> Act:
    return Act(name, name, {"kind": "button", "name": name}, effect, needs, touches)
