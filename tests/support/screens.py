"""Reads a page as a visitor perceives it: the states of its controls, its headings, its images.

Nothing here asks the program. Controls are found by their roles and names, so that what is read
stays the same whoever draws them: a single choice is a radio group, several are buttons that can
be pressed, a list is a combo box or a native list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import parse_qsl, urlsplit

Address = dict[str, str]

# The slider of the first layer follows a training as long as nobody holds it.
FIRST_LAYER_SLIDER = "Moment of the training"
# The helpers that reading a page and aiming at a part of it share.
HELPERS = """
const clean = (text) => (text ?? "").replace(/[\\s\\u00a0]+/g, " ").trim();
const shown = (part) => part.checkVisibility({ visibilityProperty: true })
  && part.getClientRects().length > 0;
// Signs of the icon font are text to a program, and nothing to a reader.
const words = (part) => {
  const copy = part.cloneNode(true);
  for (const sign of copy.querySelectorAll("[data-testid=stIconMaterial], kbd")) sign.remove();
  return clean(copy.textContent);
};
const named = (part) => clean(part.getAttribute("aria-label")
  || (part.getAttribute("aria-labelledby") ?? "").split(" ")
    .map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim()
  || part.labels?.[0]?.textContent) || words(part);
const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
const PICTURE = /^(Test|Train) picture \\d+: /;
const isTile = (button) => PICTURE.test(button.getAttribute("aria-label") ?? "");
const tilesOf = (group) => [...group.querySelectorAll("button")].filter(isTile);
const walls = () => all("[role=group]").filter((group) => tilesOf(group).length);
const severals = () => all(":is([role=group], [role=toolbar]):is([aria-label], [aria-labelledby])")
  .filter((group) => group.querySelector("button[aria-pressed]") && !tilesOf(group).length);
// A slider over a list counts its options from 0, and says which one it is.
const thumb = (slider) => {
  const said = Number(slider.getAttribute("aria-valuetext") || NaN);
  return Number.isNaN(said) ? Number(slider.value) : said;
};
const matrix = () => all("table[aria-label^='Confusion matrix']")[0];
"""

_READ = """
const app = document.querySelector("[data-testid=stApp]");
const table = matrix();
const pages = all("[role=navigation][aria-label=Pagination], nav[aria-label=Pagination]");
const seen = {
  url: location.href,
  choices: all("[role=radiogroup]").map((group) => ({
    name: named(group),
    options: [...group.querySelectorAll("[role=radio]")].map(named),
    on: [...group.querySelectorAll("[role=radio][aria-checked=true]")].map(named),
  })),
  several: severals().map((group) => ({
    name: named(group),
    on: [...group.querySelectorAll("button[aria-pressed=true]")].map(named),
  })),
  lists: [
    ...all("input[role=combobox]").map((list) => ({ name: named(list), value: clean(list.value) })),
    ...all("select").map((list) => ({
      name: named(list), value: clean(list.selectedOptions[0]?.textContent),
    })),
  ],
  sliders: all("input[type=range]").map((slider) => ({
    name: clean(slider.getAttribute("aria-label")), value: thumb(slider),
  })),
  switches: all("input[role=switch]").map((one) => ({ name: named(one), on: one.checked })),
  numbers: all("input[type=number]").map((one) => ({ name: named(one), value: Number(one.value) })),
  headings: all("h1, h2, h3, h4").map((one) => [Number(one.tagName[1]), words(one)]),
  matrix: table ? {
    rows: [...table.querySelectorAll("tbody th")].map(words),
    cells: [...table.querySelectorAll("tbody td button")].map((one) => words(one)),
    pressed: [...table.querySelectorAll("tbody td button[aria-pressed=true]")].map(named),
  } : null,
  outputs: all("output").map(words).filter(Boolean),
  walls: walls().map((group) => tilesOf(group).map((tile) => ({
    name: tile.getAttribute("aria-label"),
    pressed: tile.getAttribute("aria-pressed") === "true",
    caption: words(tile),
  }))),
  charts: all(".fm-chart[aria-label]").map((chart) => ({
    name: named(chart),
    titles: [...chart.querySelectorAll(".xtitle, .x2title, .ytitle, .y2title")]
      .map((title) => clean(title.textContent)),
    lines: [...new Set([...chart.querySelectorAll(".js-line")]
      .map((line) => parseFloat(line.style.strokeWidth)))],
  })),
  canvases: all("canvas:is([role=img], [role=application])").map(named),
  pages: pages.map((one) => ({
    on: clean(one.querySelector("[aria-current=page]")?.textContent),
    last: Math.max(0, ...[...one.querySelectorAll("button")]
      .map((button) => Number(clean(button.textContent))).filter(Boolean)),
  })),
  runs: all(".fm-runs-chip [data-away]").map((one) => one.dataset.away),
  buttons: all("button").filter((one) => !isTile(one) && !table?.contains(one)).map(named),
  alerts: all("[role=alert]").map(words),
};
"""

READ = f"() => {{ {HELPERS} {_READ} seen.text = clean(document.querySelector('main')?.innerText);"
READ += " return seen; }"
# The same without what moves by itself during a training, and whether a script is at work.
LOOK = (
    f"() => {{ {HELPERS} {_READ} delete seen.alerts; delete seen.outputs;"
    " for (const chart of seen.charts) delete chart.lines;"
    f" seen.sliders = seen.sliders.filter((one) => one.name !== {FIRST_LAYER_SLIDER!r});"
    " return [app?.dataset.testScriptState ?? '',"
    " app?.dataset.testConnectionState === 'CONNECTED' && seen.headings.length > 0"
    " && !document.querySelector('[data-testid=stSkeleton]'), JSON.stringify(seen)]; }"
)


class Group(TypedDict):
    """A radio group, or a group of buttons that can be pressed, with what is chosen in it."""

    name: str
    on: list[str]


class ListBox(TypedDict):
    """A list with what it says."""

    name: str
    value: str


class NumberField(TypedDict):
    """A thumb of a slider, or a field for numbers."""

    name: str
    value: float


class Toggle(TypedDict):
    """A switch."""

    name: str
    on: bool


class Matrix(TypedDict):
    """The confusion matrix: its rows, the words in its cells, the names of the pressed ones."""

    rows: list[str]
    cells: list[str]
    pressed: list[str]


class Tile(TypedDict):
    """An image in a gallery."""

    name: str
    pressed: bool
    caption: str


class Chart(TypedDict):
    """A chart with the titles of its axes and the widths of its lines, in pixels."""

    name: str
    titles: list[str]
    lines: list[float]


class Pagination(TypedDict):
    """The number of the open page of a gallery and of its last one."""

    on: str
    last: int


class Seen(TypedDict, total=False):
    """What ``READ`` finds; of a page that is not read yet the address alone is known."""

    url: str
    text: str
    choices: list[Group]
    several: list[Group]
    lists: list[ListBox]
    sliders: list[NumberField]
    switches: list[Toggle]
    numbers: list[NumberField]
    headings: list[tuple[int, str]]
    matrix: Matrix | None
    outputs: list[str]
    walls: list[list[Tile]]
    charts: list[Chart]
    canvases: list[str]
    pages: list[Pagination]
    runs: list[str]
    buttons: list[str]
    alerts: list[str]


@dataclass(frozen=True)
class Screen:
    """What ``READ`` found on a page, with words to ask for its parts."""

    seen: Seen

    @property
    def address(self) -> Address:
        """The parameters in the address bar."""
        return dict(parse_qsl(urlsplit(self.seen["url"]).query, keep_blank_values=True))

    @property
    def path(self) -> str:
        """Which page it is."""
        return urlsplit(self.seen["url"]).path

    @property
    def text(self) -> str:
        """All that can be read on it."""
        return self.seen["text"] or ""

    def choice(self, name: str) -> list[list[str]]:
        """What is chosen in each radio group of that name."""
        return [group["on"] for group in self.seen["choices"] if group["name"] == name]

    def several(self, name: str) -> list[list[str]]:
        """What is pressed in each group of buttons of that name."""
        return [group["on"] for group in self.seen["several"] if group["name"] == name]

    def listed(self, name: str) -> list[str]:
        """What each list of that name says."""
        return [each["value"] for each in self.seen["lists"] if each["name"] == name]

    def slider(self, name: str) -> list[float]:
        """Where the thumbs of a slider stand."""
        return [each["value"] for each in self.seen["sliders"] if each["name"] == name]

    def switch(self, name: str) -> list[bool]:
        """Whether each switch of that name is on."""
        return [each["on"] for each in self.seen["switches"] if each["name"] == name]

    def number(self, name: str) -> list[float]:
        """What each field for numbers of that name says."""
        return [each["value"] for each in self.seen["numbers"] if each["name"] == name]

    def headings(self, level: int) -> list[str]:
        """The headings of a level."""
        return [text for depth, text in self.seen["headings"] if depth == level]

    @property
    def walls(self) -> list[list[Tile]]:
        """The image tiles of each gallery."""
        return self.seen["walls"]

    @property
    def charts(self) -> list[str]:
        """What the charts are called."""
        return [chart["name"] for chart in self.seen["charts"]]

    def chart(self, name: str) -> Chart | None:
        """A chart by the beginning of its name."""
        found = (chart for chart in self.seen["charts"] if chart["name"].startswith(name))
        return next(found, None)

    @property
    def canvases(self) -> list[str]:
        """What the canvases are called."""
        return self.seen["canvases"]

    def has_button(self, name: str) -> bool:
        """Whether there is a button of that name."""
        return name in self.seen["buttons"]


def numbers_of(tiles: list[Tile]) -> list[int]:
    """The image numbers of the tiles of a gallery."""
    return [int(tile["name"].split(":")[0].split()[-1]) for tile in tiles]
