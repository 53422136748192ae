"""The pure functions of the components' JavaScript.

Their tests are in ``tests/javascript``, each a case here. No dashboard runs: the page gets the
files of the project as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from project_site import PROJECT, SITE, serve

from ui.components.gallery import _COLUMNS
from ui.components.image_map import LOOP_SCALE, _packed, is_loop, loop_corners

TESTS = PROJECT / "tests" / "javascript"
NAME = re.compile(r'^test\("(.+)", ', re.MULTILINE)
CASES = [
    (file.name, name)
    for file in sorted(TESTS.glob("test_*.js"))
    for name in NAME.findall(file.read_text())
]
RUN = """async ([file, name]) => {
  const { run } = await import("/tests/javascript/testing.js");
  await import(`/tests/javascript/${file}`);
  return run(name);
}"""
CALL = """async ([file, name, ...values]) => {
  const module = await import(`/ui/components/${file}`);
  const result = module[name](...values);
  return ArrayBuffer.isView(result) ? [...result] : result;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page of a site that holds the project's files."""
    context = browser.new_context()
    context.route("**/*", serve)
    page = context.new_page()
    page.goto(f"{SITE}/")
    yield page
    context.close()


@pytest.mark.parametrize(("file", "name"), CASES)
def test_of_a_pure_function(page: Page, file: str, name: str) -> None:
    problem = page.evaluate(RUN, [file, name])
    assert problem is None, problem


def test_every_test_of_a_pure_function_is_a_case_here() -> None:
    for file in sorted(TESTS.glob("test_*.js")):
        names = [name for other, name in CASES if other == file.name]
        assert len(names) == file.read_text().count("test("), file.name
    assert len(CASES) > 40


def test_a_line_on_the_map_is_the_same_in_python_and_in_the_browser(page: Page) -> None:
    corners = np.random.default_rng(8).uniform(-0.1, 1.1, (200, 2))
    text: str = page.evaluate(CALL, ["image_map_loop.js", "writeLoop", corners.tolist()])
    assert is_loop(text)
    seen = page.evaluate(CALL, ["image_map_loop.js", "readLoop", text])
    assert np.allclose(loop_corners(text), np.array(seen) * 65_535)
    # Every fifth of 200 corners is kept, within half a step of where it was and on the map.
    kept = corners[::5].clip(0, 1)
    assert np.abs(np.array(seen) - kept).max() <= 0.5 / LOOP_SCALE + 1e-9


@pytest.mark.parametrize(
    ("function", "values"),
    [
        ("wordsOf", np.array([0, 1, 255, 256, 9_999, 65_535], np.uint16)),
        ("wordsOf", np.array([[1, 2], [3, 4]], np.uint16)),
        ("bytesOf", np.array([0, 127, 128, 255], np.uint8)),
    ],
)
def test_packed_numbers_are_the_same_in_the_browser(
    page: Page, function: str, values: np.ndarray
) -> None:
    assert page.evaluate(CALL, ["bytes.js", function, _packed(values)]) == values.ravel().tolist()


def test_an_image_of_a_sprite_is_where_python_has_put_it(page: Page) -> None:
    offset = page.evaluate(CALL, ["gallery_layout.js", "spriteOffset", 59, _COLUMNS])
    assert offset == [59 % _COLUMNS, 59 // _COLUMNS]
