"""The page Explore data for the bursts: state from its address, contents, possible clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from controls import UNKNOWN, Act, Control, State, Told, choices
from knowledge import Knowledge
from numpy.typing import NDArray
from page_mistakes import hung, page_act, whole, word
from screens import Address, Screen, numbers_of

from fmnist_core.dataset import CLASS_NAMES, Split

VIEWS = {
    "gallery": "Gallery",
    "sheet": "A whole class",
    "classes": "Classes",
    "map": "Map",
    "facts": "The facts",
}
BACK = {
    "gallery": "Back to the gallery",
    "sheet": "Back to the whole class",
    "classes": "Back to the classes",
    "map": "Back to the map",
    "facts": "Back to the facts",
}
# What the pictures are called that are stepped through.
WHERE = {"gallery": "in the gallery", "sheet": "of this class"}
SPLITS: dict[Split, str] = {"test": "Test", "train": "Training"}
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
SORTED = {
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
ABOUT = {
    "alike": "Similar pictures",
    "changed": "Changed for training",
    "runs": "Other runs",
}
KINDS = {"mean": "Average", "spread": "How much they vary"}
METHODS = {"pca": "Overall shape (PCA)", "tsne": "Neighbourhoods (t-SNE)"}
COLORS = {"class": "Class", "right": "Right or wrong", "sure": "Confidence"}
NAMES: dict[int | str, str] = dict(enumerate(CLASS_NAMES))
SHIRT, COAT = 6, 4
OF_THE_WALL = ("page", "picture")
# Where the address names no class, it follows from what else is chosen.
USUALLY = "usually"
USUAL = {"page": 1, "trail": (), "close": False, "loop": ""}


def close_by(state: State) -> bool:
    return state["close"] is True


def at_the_wall(state: State) -> bool:
    return state["view"] == "gallery" and state["close"] is False


def in_view(*names: str) -> Callable[[State], bool]:
    return lambda state: state["view"] in names and state["close"] is False


def open_one(state: State, aimed: dict[str, Any]) -> State:
    """Effect of a click that opens an image closely, in place of the view."""
    return {
        "split": aimed["split"],
        "picture": aimed["picture"],
        "close": True,
        "trail": (),
    }


OPENED = ("split", "picture", "close", "trail")


class Explore:
    """Explore data: the page of the images.

    Args:
        known: the images and the runs.
    """

    name, path = "Explore", "/explore"
    own: frozenset[str] = frozenset()
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "classes": ("class",),
        "other": ("and",),
        "source": ("from",),
    }
    hidden: frozenset[str] = frozenset()

    def __init__(self, known: Knowledge) -> None:
        self.known = known

    def state(self, address: Address) -> State:
        """What an address says."""
        split = word(address, "split", SPLITS, "test")
        picture = whole(address, "picture", len(self.known.data.labels(split)) - 1)
        able = [run.id for run in self.known.finished]
        parts = address.get("class", "").split("-")
        shown = sorted({int(one) for one in parts if re.fullmatch(r"\d", one)})
        view = word(address, "view", VIEWS, "gallery")
        of, other = whole(address, "of", 9), whole(address, "and", 9)
        shift = whole(address, "shift", 4)
        return {
            "view": view,
            "split": split,
            "classes": tuple(shown),
            "sort": word(address, "sort", ORDERS, "number"),
            "seed": whole(address, "seed", 9999) or 0,
            "size": word(address, "size", SIZES, "medium"),
            "picture": picture,
            "close": picture is not None and address.get("close") == "1",
            "about": word(address, "about", ABOUT, "alike"),
            "trail": tuple(filter(None, address.get("trail", "").split("-"))),
            "page": whole(address, "page", 99_999) or 1,
            "of": USUALLY if of is None else of,
            "other": USUALLY if other is None else other,
            "show": word(address, "show", KINDS, "mean"),
            "method": word(address, "method", METHODS, "tsne"),
            "source": word(address, "from", able, "pixels"),
            "color": word(address, "color", COLORS, "class"),
            "run": word(address, "run", able, able[0]),
            "loop": address.get("loop", ""),
            "shift": 2 if shift is None else shift,
            "flip": address.get("flip") != "0",
            "roll": whole(address, "roll", 999) or 0,
        }

    def normal(self, state: State) -> State:
        """What is reset is as usual."""
        changed = {part: usual for part, usual in USUAL.items() if state[part] is None}
        return {**state, **changed}

    def controls(self, state: State) -> Sequence[Control]:
        """All controls but the buttons."""
        runs = self.known.options()
        sources = {"pixels": "Pixels", **{run_id: f"As {name}" for run_id, name in runs.items()}}
        of = {USUALLY: CLASS_NAMES[self.of(state)], **NAMES}
        other = {USUALLY: CLASS_NAMES[self.other(state)], **NAMES}
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
                "classes", "several", "Classes", NAMES, at_the_wall, ("page", "picture", "trail")
            ),
            Control("sort", "list", "Sorted", ORDERS, at_the_wall, OF_THE_WALL),
            Control("sort", "list", "Sorted", ORDERS, sheet, OF_THE_WALL),
            Control("size", "choice", "Size of the pictures", SIZES, at_the_wall, OF_THE_WALL),
            Control("about", "choice", "About this picture", ABOUT, close_by),
            Control("shift", "slider", "Shift by up to … px", {}, _is_changed),
            Control("flip", "switch", "Mirror half of them", {}, _is_changed),
            Control("of", "choice", "Class", of, in_view("sheet", "classes")),
            Control("show", "choice", "Show of each pixel", KINDS, classes),
            Control("other", "list", "Compare with", other, classes),
            Control("method", "choice", "Laid out by", METHODS, atlas, moved),
            Control(
                "source", "list", "Seen by", sources, atlas, moved, False
            ),
            Control("color", "choice", "Coloured by", COLORS, _has_colors),
            Control("run", "list", "Answers of", runs, _has_answers),
        ]  # fmt: skip

    def of(self, state: State) -> int:
        """The class that the view shows."""
        if state["of"] is UNKNOWN or state["of"] != USUALLY:
            return state["of"] or 0
        return state["classes"][0] if state["view"] == "sheet" and state["classes"] else SHIRT

    def other(self, state: State) -> int:
        """The class that the shown one is compared with."""
        if state["other"] is UNKNOWN or state["other"] != USUALLY:
            return state["other"] or 0
        return SHIRT if self.of(state) == COAT else COAT

    def numbers(self, state: State) -> NDArray[np.int64]:
        """Numbers of the images in the gallery, in their order."""
        return self.known.ordered(
            state["split"],
            state["classes"],
            state["sort"],
            state["seed"] if state["sort"] == "shuffled" else 0,
        )

    def around(self, state: State) -> NDArray[np.int64]:
        """Numbers of the images that are stepped through from the view, in their order."""
        if state["view"] == "gallery":
            return self.numbers(state)
        if state["view"] == "sheet":
            return self.numbers({**state, "classes": (self.of(state),)})
        return self.numbers({**state, "classes": (), "sort": "number"})

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare what is drawn with what the address says."""
        told = Told()
        back = [view for view, name in BACK.items() if screen.has_button(name)]
        closely = bool(back)
        drawn = {
            "gallery": bool(screen.several("Classes")),
            "sheet": any(" on one sheet. " in name for name in screen.canvases),
            "classes": "Ten classes at a glance" in screen.headings(3),
            "map": any(name.startswith("Map of ") for name in screen.canvases),
            "facts": "Four arrays" in screen.headings(3),
        }
        told.same("a picture is looked at closely", closely, state["close"])
        if closely != state["close"]:
            return told.lines
        views = back or [name for name, on in drawn.items() if on]
        told.same("views drawn, or led back to", views, [state["view"]])
        if views != [state["view"]]:
            return told.lines
        if closely:
            self._closely(state, screen, told)
            return told.lines
        parts: dict[str, Callable[[State, Screen, Told], None]] = {
            "gallery": self._wall,
            "sheet": self._sheet,
            "classes": self._classes,
        }
        if state["view"] in parts:
            parts[state["view"]](state, screen, told)
        return told.lines

    def _wall(self, state: State, screen: Screen, told: Told) -> None:
        numbers, per_page = self.numbers(state), PER_PAGE[state["size"]]
        told.same(
            "“Shuffle again”", screen.has_button("Shuffle again"), state["sort"] == "shuffled"
        )
        words = f"{len(numbers):,} pictures, {per_page} on a page"
        told.check(words in screen.text, f"the words do not say {words!r}")
        told.check(SORTED[state["sort"]] in screen.text, "the words for the order are others")
        hung(state["page"], numbers, per_page, screen, told)
        pages = -(-len(numbers) // per_page)
        first = ((state["page"] if state["page"] <= pages else 1) - 1) * per_page
        picture = int(numbers[first]) if state["picture"] is None else state["picture"]
        self._named(state, screen, told, picture)
        if screen.walls:
            pressed = numbers_of([tile for tile in screen.walls[0] if tile["pressed"]])
            there = [picture] if picture in numbers_of(screen.walls[0]) else []
            told.same("framed picture", pressed, there)

    def _named(self, state: State, screen: Screen, told: Told, picture: int) -> None:
        label = int(self.known.data.labels(state["split"])[picture])
        told.same("name of the picture", screen.headings(2)[:1], [CLASS_NAMES[label]])
        words = f"{SPLITS[state['split']]} picture {picture:,}, class {label}."
        told.check(words in screen.text, f"the words do not say {words!r}")

    def _closely(self, state: State, screen: Screen, told: Told) -> None:
        picture = state["picture"]
        self._named(state, screen, told, picture)
        name = f"{SPLITS[state['split']]} picture {picture}: "
        told.check(
            any(one.startswith(name) for one in screen.canvases),
            f"the pixels are not those of {name}",
        )
        numbers, where = (
            self.around(state),
            WHERE.get(state["view"], f"{SPLITS[state['split']].lower()} pictures"),
        )
        places = np.flatnonzero(numbers == picture)
        if len(places):
            where = f"{places[0] + 1:,} of {len(numbers):,} {where}"
            told.check(where in screen.text, f"the words do not say {where!r}")
        walls = [[tile["name"] for tile in wall] for wall in screen.walls]
        drawn = {
            "alike": "pictures most like it:" in screen.text,
            "changed": any("changed copy 1" in name for wall in walls for name in wall),
            "runs": "finished run" in screen.text or "Networks are asked about" in screen.text,
        }
        on = [name for name, there in drawn.items() if there]
        told.same("parts drawn beside it", on, [state["about"]])
        told.same("a trail", "You came from" in screen.text, bool(state["trail"]))
        for step in state["trail"]:
            words = f"{'test' if step[0] == 'e' else 'training'} {int(step[1:]):,}"
            told.check(
                any(button.endswith(f"· {words}") for button in screen.seen["buttons"]),
                f"the trail does not lead back to {words}",
            )

    def _sheet(self, state: State, screen: Screen, told: Told) -> None:
        name = f"pictures of class {CLASS_NAMES[self.of(state)]} on one sheet."
        told.check(any(name in one for one in screen.canvases), f"the sheet has no {name}")
        count = 1000 if state["split"] == "test" else 6000
        told.check(f"All {count:,} pictures, row by row." in screen.text, "the other split")

    def _classes(self, state: State, screen: Screen, told: Told) -> None:
        of, other = CLASS_NAMES[self.of(state)], CLASS_NAMES[self.other(state)]
        told.same("class", screen.headings(2)[:1], [of])
        told.check(
            f"Where do {of} and {other} differ?" in screen.headings(3),
            f"the pair is not {of} and {other}",
        )
        kind = KINDS[state["show"]]
        if told.check(bool(screen.walls), "no averages"):
            told.check(f"{kind} of " in screen.walls[0][0]["name"], f"the averages are no {kind}")
            pressed = numbers_of([tile for tile in screen.walls[0] if tile["pressed"]])
            told.same("framed average", pressed, [self.of(state)])
            split = screen.walls[0][0]["name"].split()[0]
            told.same("split of the averages", split.lower(), state["split"])

    def acts(self, state: State) -> list[Act]:
        """What can be done in this view."""
        found = []
        for control in self.controls(state):
            if state["view"] is not UNKNOWN and control.there(state):
                found += choices(control, state)
        if close_by(state):
            return found + self._acts_closely(state)
        extra = {
            "gallery": self._acts_at_the_wall,
            "classes": self._acts_at_classes,
            "sheet": self._acts_at_the_sheet,
            "facts": self._acts_at_facts,
        }.get(state["view"])
        return found + (extra() if extra else [])

    def _acts_at_the_wall(self) -> list[Act]:
        found = [
            Act(
                "tile",
                f"picture {place + 1} on the wall",
                {"kind": "tile", "wall": 0, "place": place},
                self._clicked,
                at_the_wall,
                # Look-alikes may hang there instead.
                ("picture", "split", "close", "trail"),
            )
            for place in range(0, 48, 5)
        ]
        found += [page_act(page, at_the_wall) for page in (1, 2, 3, 4)]
        return [
            *found,
            _button("Shuffle again", self._shuffle, at_the_wall, ("seed", *OF_THE_WALL)),
            _button("Look closer", self._closer, at_the_wall, ("picture", "close")),
        ]

    def _shuffle(self, state: State, _: dict[str, Any]) -> State:
        seed = UNKNOWN if state["seed"] is UNKNOWN else state["seed"] + 1
        return {"seed": seed, **dict.fromkeys(OF_THE_WALL)}

    def _clicked(self, state: State, aimed: dict[str, Any]) -> State:
        if aimed["closely"]:
            # The wall was not there yet: it was one of the look-alikes.
            return {**open_one(state, aimed), "trail": UNKNOWN}
        if aimed["split"] == state["split"]:
            return {"picture": aimed["picture"]}
        # The other pictures were chosen, and did not hang there yet.
        return {**open_one(state, aimed), "close": False, "page": 1}

    def _closer(self, state: State, aimed: dict[str, Any]) -> State:
        # Which picture stands there without a choice depends on the wall that is drawn.
        picture = state["picture"]
        return {"close": True, "picture": UNKNOWN if picture is None else picture}

    def _acts_closely(self, state: State) -> list[Act]:
        def step(by: int) -> Callable[[State, dict[str, Any]], State]:
            return lambda state, _: self._beside(state, by)

        def walk(state: State, aimed: dict[str, Any]) -> State:
            if not aimed["closely"]:
                # Another wall was still there.
                return dict.fromkeys(("split", "picture", "close", "trail", "of"), UNKNOWN)
            moved = {"split": aimed["split"], "picture": aimed["picture"], "close": True}
            if UNKNOWN in (state["trail"], state["split"], state["picture"]):
                return {**moved, "trail": UNKNOWN}
            to = _step(aimed["split"], aimed["picture"])
            steps = [one for one in state["trail"] if one != to]
            steps = [*steps, _step(state["split"], state["picture"])][-8:]
            return {**moved, "trail": tuple(steps)}

        found = [
            *(
                _button(name, _back, _is_closed_to(view), ("close", "trail", "split", "picture"))
                for view, name in BACK.items()
            ),
            _button("Shuffle", _draw_again, _is_changed, ("roll",)),
            *(
                Act(
                    "step",
                    name,
                    {"kind": "button", "name": name},
                    step(by),
                    close_by,
                    ("picture", "trail"),
                )
                for name, by in (("Previous", -1), ("Next", 1))
            ),
        ]  # fmt: skip
        if state["about"] == "alike":
            for wall in (0, 1):
                for place in (0, 3, 7):
                    found.append(
                        Act(
                            "look-alike",
                            f"look-alike {place + 1} on wall {wall + 1}",
                            {"kind": "tile", "wall": wall, "place": place},
                            walk,
                            lambda state: close_by(state) and state["about"] == "alike",
                            ("split", "picture", "trail", "close", "of"),
                        )
                    )
        return found

    def _beside(self, state: State, by: int) -> State:
        try:
            numbers = self.around(state)
            (place,) = np.flatnonzero(numbers == state["picture"])
        except (TypeError, KeyError, ValueError):
            return {"picture": UNKNOWN, "trail": UNKNOWN}
        if not 0 <= place + by < len(numbers):
            return {}
        return {"picture": int(numbers[place + by]), "trail": ()}

    def _acts_at_classes(self) -> list[Act]:
        found = [
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
        return found + [
            Act(
                "extreme",
                f"picture {place + 1} on wall {wall + 1}",
                {"kind": "tile", "wall": wall, "place": place},
                open_one,
                in_view("classes"),
                OPENED,
            )
            for wall in (1, 2)
            for place in (0, 4)
        ]

    def _acts_at_the_sheet(self) -> list[Act]:
        return [
            _button("Shuffle again", lambda state, _: {"seed": state["seed"] + 1},
                    in_view("sheet"), ("seed",))
        ]  # fmt: skip

    def _acts_at_facts(self) -> list[Act]:
        oddest = {"view": "gallery", "sort": "odd", "split": "train", "page": 1, "picture": None}
        found = [
            _button("See the oddest pictures", lambda *_: oddest, in_view("facts"), tuple(oddest))
        ]
        return found + [
            Act(
                "typical",
                f"typical picture of {CLASS_NAMES[place]}",
                {"kind": "tile", "wall": 0, "place": place},
                open_one,
                in_view("facts"),
                OPENED,
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
            numbers = self.numbers(self.state(address))
            address["picture"] = str(numbers[random.randrange(10, len(numbers) - 10)])
            address["close"] = "1"
            address |= random.choice([{}, {"about": "changed"}, {"about": "runs"}])
        elif chance() < 0.3:
            address["page"] = "3"
        return address


def _not_close(state: State) -> bool:
    return not close_by(state)


def _has_split(state: State) -> bool:
    return _not_close(state) and state["view"] != "facts"


def _is_closed_to(view: str) -> Callable[[State], bool]:
    return lambda state: close_by(state) and state["view"] == view


def _back(state: State, _: dict[str, Any]) -> State:
    left: State = {"close": False, "trail": ()}
    if state["view"] == "gallery" or not state["trail"]:
        return left
    if state["trail"] is UNKNOWN:
        return {**left, "split": UNKNOWN, "picture": UNKNOWN}
    first = state["trail"][0]
    return {**left, "split": "test" if first[0] == "e" else "train", "picture": int(first[1:])}


def _is_changed(state: State) -> bool:
    return close_by(state) and state["about"] == "changed"


def _has_colors(state: State) -> bool:
    return bool(state["view"] == "map" and state["split"] == "test")


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
