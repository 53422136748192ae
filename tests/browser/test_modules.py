"""How a component's module is loaded: the newest data count, and what does not come is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from dashboards import Dashboard
from playwright.sync_api import Browser, Page, Route, expect
from project_site import SITE, serve
from visitors import settle, until

from ui.components.modules import loader_script

# As Streamlit calls a component's script: from a blob, and waiting for what it returns.
PLACES = """(loader) => {
  const address = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  window.log = [];
  window.places = {};
  window.call = async (name, data) => {
    window.places[name] ??= document.body.appendChild(document.createElement("section"));
    const { default: loader } = await import(address);
    window.loader = loader;
    const cleanUp = await loader({ data, parentElement: window.places[name] });
    window.log.push(cleanUp ? cleanUp() : `${name} ${data.text}: nothing to clean up`);
  };
}"""
# What it does is told by the page that it is in.
PART = """
import { told } from "./other.js";
export default ({ data, parentElement }) => {
  window.log.push(told(data));
  parentElement.dataset.text = data.text;
  return () => `${data.text} has gone`;
};
"""
OTHER = "export const told = (data) => `called with ${data.text}`;"


class Loaded:
    """A page with the loader, and a site where the modules lie that it loads.

    Args:
        page: an empty page of a site.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        # How often the site does not answer for a file.
        self.refusals = {"part.js": 0, "other.js": 0}
        self.waiting: list[Route] | None = None
        page.route("**/assets/js/**", self._answer)
        page.goto(f"{SITE}/below/a/path")
        page.evaluate(PLACES, loader_script())

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        self.requests.append(path)
        if self.waiting is not None:
            self.waiting.append(route)
        else:
            self.deliver(route)

    def deliver(self, route: Route) -> None:
        """Answer a request."""
        name = route.request.url.rpartition("/")[2]
        if self.refusals[name]:
            self.refusals[name] -= 1
            route.abort()
        else:
            body = {"part.js": PART, "other.js": OTHER}[name]
            route.fulfill(body=body, content_type="text/javascript")

    def let_go(self) -> None:
        """Answer the one request that was held back, and hold back none any more."""
        assert self.waiting is not None
        assert until(self.page, lambda: bool(self.waiting))
        (route,), self.waiting = self.waiting, None
        self.deliver(route)

    def call(self, place: str, text: str) -> None:
        """Hand a component its data, as Streamlit does, without waiting for it."""
        data = {"text": text, "module": "/assets/js/0abc/part.js"}
        self.page.evaluate("([place, data]) => { window.call(place, data); }", [place, data])

    def log(self, length: int) -> list[str]:
        """What has happened, once so much has."""
        self.page.wait_for_function("(length) => window.log.length >= length", arg=length)
        log: list[str] = self.page.evaluate("() => window.log")
        return log

    def is_busy(self, place: str) -> bool:
        """Whether a place is said to be waiting."""
        busy = "(place) => window.places[place].getAttribute('aria-busy') === 'true'"
        return bool(self.page.evaluate(busy, place))

    def says(self, place: str) -> str:
        """What stands in a place."""
        text: str = self.page.evaluate("(place) => window.places[place].textContent", place)
        return text


@pytest.fixture
def loaded(browser: Browser) -> Iterator[Loaded]:
    context = browser.new_context()
    context.route("**/*", serve)
    # Its time goes by when a test says so.
    page = context.new_page()
    page.clock.install()
    yield Loaded(page)
    context.close()


def test_a_component_is_called_with_its_module_and_its_clean_up_is_handed_on(
    loaded: Loaded,
) -> None:
    loaded.call("one", "first")
    assert loaded.log(2) == ["called with first", "first has gone"]
    assert loaded.requests == ["/assets/js/0abc/part.js", "/assets/js/0abc/other.js"]


def test_a_module_that_is_there_is_called_at_once_and_not_loaded_again(loaded: Loaded) -> None:
    loaded.call("one", "first")
    loaded.log(2)
    kinds, log = loaded.page.evaluate(
        """() => {
          window.log = [];
          const { one } = window.places;
          const two = document.body.appendChild(document.createElement("section"));
          const call = (text, parentElement) =>
            window.loader({ data: { text, module: "/assets/js/0abc/part.js" }, parentElement });
          const results = [call("second", one), call("third", two), call("fourth", one)];
          return [results.map((result) => typeof result), window.log];
        }"""
    )
    assert kinds == ["function"] * 3
    assert log == [f"called with {text}" for text in ("second", "third", "fourth")]
    assert len(loaded.requests) == 2


def test_of_data_that_come_before_the_module_the_last_ones_count(loaded: Loaded) -> None:
    loaded.waiting = []
    for text in ("first", "second", "third"):
        loaded.call("one", text)
    loaded.call("two", "other")
    assert until(loaded.page, lambda: loaded.is_busy("two"))
    assert loaded.is_busy("one")
    loaded.let_go()
    log = loaded.log(6)
    assert not loaded.is_busy("one")
    assert sorted(line for line in log if line.startswith("called")) == [
        "called with other",
        "called with third",
    ]
    assert "one first: nothing to clean up" in log


def test_a_component_that_has_gone_before_its_module_came_is_not_called(loaded: Loaded) -> None:
    loaded.waiting = []
    loaded.call("one", "first")
    assert until(loaded.page, lambda: loaded.is_busy("one"))
    loaded.page.evaluate("() => window.places.one.remove()")
    loaded.let_go()
    assert loaded.log(1) == ["one first: nothing to clean up"]


@pytest.mark.parametrize("missing", ["part.js", "other.js"])
def test_where_a_module_does_not_come_a_sentence_says_so_until_it_comes(
    loaded: Loaded, missing: str
) -> None:
    """Also where only what it imports did not come: a browser remembers that, too."""
    loaded.refusals[missing] = 2
    loaded.call("one", "first")
    notice = loaded.page.get_by_role("status")
    notice.wait_for()
    assert loaded.says("one").startswith("This part of the page could not be loaded: ")
    assert not loaded.is_busy("one")
    loaded.call("one", "second")
    loaded.call("two", "other")
    loaded.page.clock.run_for(10_000)
    log = loaded.log(5)
    assert sorted(line for line in log if line.startswith("called")) == [
        "called with other",
        "called with second",
    ]
    assert (loaded.says("one"), loaded.says("two")) == ("", "")
    folders = {path.rsplit("/", 1)[0] for path in loaded.requests}
    assert folders <= {f"/assets/js/0abc{again}" for again in ("", ".1", ".2", ".3")}


def test_a_place_whose_module_never_comes_asks_ever_more_seldom_and_stops_when_it_has_gone(
    loaded: Loaded,
) -> None:
    loaded.refusals["part.js"] = 1_000
    loaded.call("one", "first")
    loaded.page.get_by_role("status").wait_for()
    for _ in range(30):
        loaded.page.clock.run_for(1_000)
    assert 3 <= len(loaded.requests) <= 8
    assert loaded.page.get_by_role("status").count() == 1
    loaded.page.evaluate("() => window.places.one.remove()")
    before = len(loaded.requests)
    loaded.page.clock.run_for(60_000)
    assert loaded.log(1) == ["one first: nothing to clean up"]
    assert len(loaded.requests) == before


def test_a_page_whose_modules_do_not_come_says_so_and_is_whole_once_they_come(
    empty_dashboard: Dashboard, browser: Browser
) -> None:
    context = browser.new_context()
    is_cut = True

    def answer(route: Route) -> None:
        if is_cut:
            route.abort()
        else:
            route.continue_()

    context.route("**/assets/js/**", answer)
    page = context.new_page()
    page.goto(f"{empty_dashboard.url}/explore")
    notices = page.get_by_text("This part of the page could not be loaded")
    expect(page.get_by_role("main").get_by_role("status").first).to_be_visible()
    # Those of parts that are out of sight are, too, once the style sheet is there.
    assert until(page, lambda: notices.filter(visible=True).count() < notices.count())
    is_cut = False
    expect(page.get_by_role("button", name=re.compile("^Test picture")).first).to_be_visible()
    expect(page.get_by_role("radio", name="Gallery")).to_be_visible()
    expect(notices).to_have_count(0)
    context.close()


# Names, and how many bytes came for each: none where the browser had it.
MODULES_OF_PAGE = """() => performance.getEntriesByType("resource")
  .filter((entry) => entry.name.includes("/assets/js/"))
  .map((entry) => [entry.name.split("/").at(-1), entry.transferSize])"""


def test_a_page_asks_for_each_module_once_and_the_next_time_for_none(
    empty_dashboard: Dashboard, browser: Browser
) -> None:
    context = browser.new_context()
    page = context.new_page()
    for time in ("first", "second"):
        page.goto(f"{empty_dashboard.url}/explore?view=map")
        settle(page)
        entries: list[tuple[str, int]] = page.evaluate(MODULES_OF_PAGE)
        names = [name for name, _ in entries]
        assert {"acts.js", "elements.js", "image_map.js", "image_map_view.js"} <= set(names)
        assert len(names) == len(set(names))
        assert [name for name, size in entries if (size == 0) == (time == "first")] == []
    context.close()
