"""Text that somebody typed, or that an import brought, does nothing and is shown as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from dashboards import NO_ENGINE, Dashboard, StartDashboard
from made_histories import learned
from made_runs import failed
from playwright.sync_api import Locator, Page, expect
from sweep import sampled
from typed import TEXTS, packed
from visitors import DESKTOP, LARGE, PHONE, Visitors, scrolls_sideways, settle, until

from fmnist_core.annotations import LONGEST_NOTE, LONGEST_TAG, Annotation, Annotations
from fmnist_core.dataset import Dataset
from fmnist_core.export import RunWithEvents
from fmnist_core.export.report import report_html
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.model import MAX_NAME, MAX_NOTES, MAX_TAG
from fmnist_core.runs.portable import export_run, import_run
from fmnist_core.text import shortened

NAMES = packed(MAX_NAME)
NOTES = packed(LONGEST_NOTE)
# Short enough for a tag, and without what parts tags.
TAGS = [text for text in TEXTS if len(text) <= MAX_TAG and "," not in text]
WORDS = [word.casefold() for text in TEXTS for word in text.split() if len(word) <= LONGEST_TAG]

# What shows a text, and nothing but it: elements without content may stand in it, such as those
# that part it, and the lines of a chart.
SHOWN = """(text) => {
  const same = (said) => said.replace(/\\s+/g, " ").trim();
  const wanted = same(text);
  const has = (element) => same(element.textContent).includes(wanted);
  const found = [...document.querySelectorAll("body *")].filter((element) =>
    !element.closest("script, style") && has(element) && ![...element.children].some(has));
  return found.map((element) => [...element.querySelectorAll("*")]
    .filter((part) => part.localName !== "tspan" && (part.localName !== "span" || part.textContent))
    .map((part) => part.outerHTML));
}"""
# What a text of ours would make if it were read, and what would be left of its escaping.
MADE = """() => {
  const made = 'a[href*="e.example"], [src*="e.example"], a[href^="mailto"], a[href^="javascript"],'
    + '.katex, [alt="Streamlit logo"], [onerror], svg a, .stMarkdownColoredText, del';
  const found = [...document.querySelectorAll(made)].map((one) => one.outerHTML);
  const rest = /:color\\[\\]|&#(?!42;)\\d+;/;
  for (const element of document.querySelectorAll("body, body *")) {
    if (element.closest("script, style")) continue;
    for (const { name, value } of element.attributes) {
      if (name !== "data-unformatted" && rest.test(value)) found.push(`${name}="${value}"`);
    }
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE && rest.test(node.data)) found.push(node.data);
    }
  }
  return found;
}"""


class Site(NamedTuple):
    """A dashboard whose runs say what the texts say; the last one failed with such a reason."""

    dashboard: Dashboard
    runs: list[Run]
    failed: Run

    @property
    def url(self) -> str:
        return self.dashboard.url

    def ids(self, count: int | None = None) -> str:
        return ",".join(run.id for run in self.runs[:count])


@pytest.fixture(scope="module")
def site(
    start_dashboard: StartDashboard, tmp_path_factory: pytest.TempPathFactory, data: Dataset
) -> Site:
    """Every other run was imported."""
    folder = tmp_path_factory.mktemp("typed")
    store, elsewhere = RunStore(folder / "runs"), RunStore(folder / "elsewhere")
    labels = np.asarray(data.test_labels)
    runs = []
    for place, name in enumerate(NAMES):
        home = elsewhere if place % 2 else store
        run = learned(home, labels, 2, seed=place, name=name)
        tags = TAGS[2 * place % len(TAGS) :][:2]
        home.describe(run.id, tags=tags, notes=NOTES[place % len(NOTES)], by=Actor.owner())
        runs.append(
            import_run(store, export_run(home, run.id), by=Actor.owner()) if place % 2 else run
        )
    broken = failed(store, NOTES[0])
    kept = Annotations(store.root)
    for picture, note in enumerate(NOTES):
        about = tuple(WORDS[8 * picture :][:8])
        kept.annotate(
            picture,
            Annotation("label wrong", note, about),
            "train" if picture % 2 else "test",
            by=Actor.owner(),
        )
    return Site(start_dashboard(store.root, {"FMNIST_SCHEDULER": NO_ENGINE}), runs, broken)


def shows(page: Page, *texts: str) -> None:
    """The page shows every text as it is, and none of them made anything."""
    for text in texts:
        page.wait_for_function(f"(text) => ({SHOWN})(text).length > 0", arg=text)
        assert not [part for parts in page.evaluate(SHOWN, text) for part in parts], text
    assert page.evaluate(MADE) == []


def drawn(page: Page, label: str) -> Locator:
    chart = page.get_by_label(label)
    expect(chart.locator(".legend").first).to_be_visible()
    return chart


def names(runs: list[Run]) -> list[str]:
    return [run.name for run in runs]


@pytest.mark.very_slow
def test_every_page_shows_names_as_typed(site: Site, visitors: Visitors) -> None:
    page = visitors.open(site.url)
    shows(page, *[run.name for run in site.runs[-5:]])
    page = visitors.open(f"{site.url}/train?run={site.runs[7].id}")
    shows(page, site.runs[7].name)
    page = visitors.open(f"{site.url}/train?run={site.failed.id}")
    shows(page, NOTES[0])
    page = visitors.open(f"{site.url}/train?new=1")
    shows(page, *[run.name for run in site.runs])
    for run in site.runs[2:12:3]:
        page.get_by_label("or change an earlier run and train again").select_option(run.id)
        shows(page, f"Begun from the run “{run.name}”. Change what you like.")
    page = visitors.open(f"{site.url}/explore?view=map")
    shows(page, *[run.name for run in site.runs])


@pytest.mark.parametrize(
    "label",
    sampled(
        ("Accuracy and loss of the selected runs", "Test accuracy of the selected runs against"), 1
    ),
)
def test_charts_show_names_as_typed(site: Site, visitors: Visitors, label: str) -> None:
    view = "curves" if "loss" in label else "costs"
    # A phone has a legend in place of names at the ends of the lines.
    page = visitors.open(f"{site.url}/compare?view={view}&runs={site.ids()}", PHONE)
    chart = drawn(page, label)
    said = [one.text_content() for one in chart.locator(".legendtext").all()]
    assert [same(one) for one in said if one in said[-len(site.runs) :]] == names(site.runs)
    for number, name in enumerate(names(site.runs)):
        curve = 2 * number if view == "curves" else number + 1
        chart.evaluate(
            "(node, curve) => Plotly.Fx.hover(node, [{curveNumber: curve, pointNumber: 0}])", curve
        )
        expect(chart.locator(".hoverlayer .hovertext").first).to_contain_text(name)
    shows(page)


def same(text: str | None) -> str:
    return " ".join((text or "").split())


def shows_in_tables(page: Page, *texts: str) -> None:
    """The text stands in a table to read, or in the list of runs."""
    said = """(text) => [...document.querySelectorAll(":is(.fm-table, .fm-runs) :is(th, td, span)")]
      .some((cell) => cell.textContent.replace(/\\s+/g, " ").includes(text))"""
    for text in texts:
        page.wait_for_function(said, arg=same(text))


@pytest.mark.very_slow
def test_tables_show_names_as_typed(site: Site, visitors: Visitors) -> None:
    three = site.ids(3)
    for view, wanted in {
        "settings": names(site.runs[:3]),
        "seeds": [site.runs[0].name],
        "pair": names(site.runs[:3]),
    }.items():
        page = visitors.open(f"{site.url}/compare?view={view}&runs={three}", LARGE)
        if view == "pair":
            shows(page, *names(site.runs[:3]))
            page.get_by_text("All 3 pairs", exact=True).click()
        page.get_by_role("button", name="Choose runs").click()
        shows_in_tables(page, *wanted, *[run.name for run in site.runs[4:8]])
        shows(page)
    page = visitors.open(f"{site.url}/compare?view=together&runs={site.ids()}")
    page.get_by_text("The best alone").hover()
    shows(page)


@pytest.mark.very_slow
def test_what_is_done_with_runs_names_them_as_typed(
    site: Site, visitors: Visitors, tmp_path: Path
) -> None:
    """The menus of Compare: what is downloaded, deleted, brought back and brought in."""
    page = visitors.open(f"{site.url}/compare?runs={site.ids(6)}")
    page.get_by_role("button", name="Download", exact=True).click()
    shows(page, *(f"Whole run: {name} (ZIP)" for name in names(site.runs[:6])))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Name, tags, notes").click()
    shows(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete", exact=True).click()
    shows(page, *names(site.runs[:6]))
    page = visitors.open(f"{site.url}/compare?runs={site.runs[3].id}")
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole run").click()
    assert re.fullmatch(r"run-[0-9a-f]{8}\.zip", download.value.suggested_filename)
    path = tmp_path / "run.zip"
    download.value.save_as(path)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete", exact=True).click()
    shows(page, f"Delete “{site.runs[3].name}”? Undo is possible for 15 minutes.")
    page.get_by_role("button", name="Delete now").click()
    shows(page, f"Deleted: {site.runs[3].name}")
    settle(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator("input[type=file]").set_input_files(path)
    shows(page, f"“{site.runs[3].name}” is here.")


def test_what_is_typed_in_the_browser_is_kept_and_shown(site: Site, visitors: Visitors) -> None:
    run, store = site.failed, site.dashboard.store
    page = visitors.open(f"{site.url}/compare?runs={run.id}", LARGE)
    page.get_by_role("button", name="Name, tags, notes").click()
    notes = "\n".join(TEXTS)
    typed: dict[str, str] = {"Name": NAMES[5], "Tags, with commas between": ", ".join(TAGS[:8])}
    for field, text in {**typed, "Notes": notes}.items():
        page.get_by_label(field, exact=True).fill(text)
    page.get_by_role("button", name="Save").click()
    # Another run bears the name already, so it is not in the table that the save shows.
    until(page, lambda: store.get(run.id).user.name == NAMES[5])
    user = store.get(run.id).user
    assert (user.name, user.tags, user.notes) == (NAMES[5], tuple(TAGS[:8]), notes)
    shows_in_tables(page, NAMES[5])
    shows(page)


@pytest.mark.very_slow
def test_what_is_said_of_pictures_is_shown_as_typed(site: Site, visitors: Visitors) -> None:
    run = site.runs[-1].id
    page = visitors.open(f"{site.url}/mistakes?run={run}&view=verdicts")
    for picture, note in enumerate(NOTES):
        split = "train" if picture % 2 else "test"
        tile = page.locator(f'.fm-tile[data-split="{split}"][data-number="{picture}"]')
        tags = ", ".join(dict.fromkeys(WORDS[8 * picture :][:8]))
        expect(tile.locator(".fm-caption")).to_contain_text(f"✎ label wrong, {tags}")
        assert note.rstrip(" .") in (tile.get_attribute("title") or "")
    shows(page, *[one.name for one in site.runs])
    page = visitors.open(f"{site.url}/mistakes?run={run}&picture=17&about=notes")
    page.get_by_label("Note", exact=True).fill(NOTES[0])
    page.get_by_label("Tags", exact=True).fill(" ".join(WORDS[:6]))
    page.get_by_label("Note", exact=True).click()
    wanted = Annotation("", NOTES[0], tuple(dict.fromkeys(WORDS[:6])))
    kept = Annotations(site.dashboard.runs)
    until(page, lambda: kept.all().get(17) == wanted)
    assert kept.all().get(17) == wanted
    shows(page)
    page = visitors.open(f"{site.url}/mistakes?run={run}&view=suspects&of=train")
    shows(page)


@pytest.mark.very_slow
def test_what_the_address_says_comes_back_as_typed(site: Site, visitors: Visitors) -> None:
    for said in ("![x](http://e.example/x.png)", "<b>b</b> https://e.example", "$x$ `y` :smile:"):
        link = f'{{"training":{{"epochs":"{said}"}}}}'
        page = visitors.open(f"{site.url}/train?new=1&config={link.replace('&', '%26')}")
        shows(page, f"the link says “{said}”")
    page = visitors.open(f"{site.url}/train?run=<img src=x onerror=alert(1)>")
    expect(page.get_by_text("This run does not exist.")).to_be_visible()
    shows(page)


def test_the_report_shows_names_and_notes_as_typed(
    site: Site, visitors: Visitors, data: Dataset, tmp_path: Path
) -> None:
    store = site.dashboard.store
    runs = [store.get(run.id) for run in site.runs]
    environment = {"python": "<b>b</b>", "keras": "</script><script>alert(1)</script>"}
    record = runs[0].record.model_copy(update={"environment": environment})
    runs[0] = replace(runs[0], record=record)
    answers = {run.id: store.predictions(run.id)["test_probabilities"] for run in runs[:6]}
    followed = [RunWithEvents(run, store.events(run.id)) for run in runs]
    path = tmp_path / "report.html"
    path.write_text(report_html(followed, answers, data))
    page = visitors.read(path)
    shows(page, *names(runs), *[run.user.notes for run in runs], *environment.values())
    shows(page, *(f"Mistakes of {name}" for name in names(runs[:6])))
    # At the ends of the lines, each after its marker.
    said = {same(one)[2:] for one in page.locator(".y3tick text").all_text_contents()}
    assert said
    assert said <= {same(shortened(name, 32)) for name in names(runs)}


SIZES = (LARGE, DESKTOP, PHONE)


def nothing_sticks_out(page: Page, what: str) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        # A table follows the window a moment later: what is told is what was last looked at.
        found: list[str] = []

        def holds(found: list[str] = found) -> bool:
            wide = ["the page scrolls to the side"] if scrolls_sideways(page) else []
            found[:] = [*page.evaluate(OUTSIDE), *wide]
            return not found

        until(page, holds)
        assert not found, (what, width)


@pytest.mark.very_slow
def test_a_long_word_breaks_lines_not_layouts(site: Site, visitors: Visitors) -> None:
    store, run = site.dashboard.store, site.runs[-1]
    assert run.name == "w" * MAX_NAME
    store.describe(
        run.id, tags=["x" * MAX_TAG, "y" * MAX_TAG], notes="n" * MAX_NOTES, by=Actor.owner()
    )
    Annotations(store.root).annotate(
        42, Annotation("label wrong", "z" * LONGEST_NOTE, ("t" * LONGEST_TAG,)), by=Actor.owner()
    )
    two = f"runs={run.id},{site.runs[0].id}"
    for address in (
        "",
        f"train?run={run.id}",
        f"compare?{two}",
        f"compare?view=pair&{two}",
        f"mistakes?run={run.id}",
        f"mistakes?run={run.id}&view=verdicts",
    ):
        nothing_sticks_out(visitors.open(f"{site.url}/{address}", LARGE), address)
    page = visitors.open(f"{site.url}/compare?runs={run.id}", LARGE)
    for menu in ("Download", "Delete", "Name, tags, notes"):
        page.get_by_role("button", name=menu, exact=True).click()
        page.get_by_test_id("stPopoverBody").wait_for()
        nothing_sticks_out(page, menu)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()


# What sticks out of the window to the side, and is not meant to be scrolled there.
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const { left, right, width } = element.getBoundingClientRect();
  if (!width || (left >= -1 && right <= innerWidth + 1)) return false;
  for (let parent = element; parent; parent = parent.parentElement) {
    const style = getComputedStyle(parent);
    if (style.visibility === "hidden" || style.clipPath !== "none") return false;
    const page = parent.dataset.testid === "stMain";
    if (parent !== element && style.overflowX !== "visible" && !page) return false;
  }
  return element.textContent.trim().length > 0;
}).map((one) => `${one.localName}.${one.className}: ${one.textContent.slice(0, 60)}`)"""
