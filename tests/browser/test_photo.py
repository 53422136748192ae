"""A photo of one's own becomes a picture as the dataset has them, in the browser alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import numpy as np
import psutil
import pytest
from accessible import violations
from numpy.typing import NDArray
from photo_files import (
    File,
    blank_png,
    boot_image,
    boot_photo,
    damaged_files,
    encoded,
    turned,
)
from playwright.sync_api import Browser, Error, Locator, Page, Request, expect
from project_site import SITE, serve
from sweep import THOROUGH

from ui.theme import style_sheet

FILES = 500 if THOROUGH else 40
FILES_AT_ONCE = 20
# Beyond what a browser keeps for the next picture; a single photo that stayed would be larger.
MOST_LEFT_BYTES = 150 * 2**20
BUILD = """async () => {
  const place = document.createElement("main");
  place.innerHTML = "<h1>Try your own</h1>";
  document.body.className = "stApp";
  document.documentElement.lang = "en";
  const meta = document.head.appendChild(document.createElement("meta"));
  Object.assign(meta, { name: "viewport", content: "width=device-width" });
  document.body.replaceChildren(place);
  const { photoTool } = await import("/ui/components/photo/photo_tool.js");
  window.tool = photoTool(place, (pixels) => { window.pixels = [...pixels]; });
}"""
# What becomes of files: "640 × 480", or the sentence that refuses them.
OPEN = """async (files) => {
  const { readPhoto } = await import("/ui/components/photo/read.js");
  const { PhotoRefused } = await import("/ui/components/photo/header.js");
  const { prepare } = await import("/ui/components/photo/prepare.js");
  const outcomes = [];
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    try {
      const photo = await readPhoto(new File([bytes], name));
      const { small } = prepare(photo);
      const isWhole = photo.data.length === 4 * photo.width * photo.height
        && small.values.length === 784 && small.values.every((value) => value >= 0 && value <= 255);
      outcomes.push(isWhole ? `${photo.width} × ${photo.height}` : "no picture");
    } catch (error) {
      outcomes.push(error instanceof PhotoRefused ? error.message : `${error}`);
    }
  }
  return outcomes;
}"""
GIVE = """([event, name, content]) => {
  const files = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  files.items.add(new File([bytes], name, { type: "image/png" }));
  const carries = event === "paste" ? { clipboardData: files } : { dataTransfer: files };
  const type = event === "paste" ? ClipboardEvent : DragEvent;
  const given = new type(event, { bubbles: true, cancelable: true, ...carries });
  document.body.dispatchEvent(given);
  return given.defaultPrevented;
}"""
# How many values the pixels of a canvas have.
VALUES = """(canvas) => {
  const pen = canvas.getContext("2d");
  return new Set(pen.getImageData(0, 0, canvas.width, canvas.height).data).size;
}"""
PICTURE = re.compile(r"(\d+) × (\d+)")
SENTENCE = re.compile(r"[A-Z][^\n]+[.?]")


class Tool:
    """A page with the tool and nothing else."""

    def __init__(self, browser: Browser, **options: object) -> None:
        self.page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        # What it has requested since it was built, and what went wrong.
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.page.route("**/*", serve)
        self.page.goto(f"{SITE}/")
        self.page.add_style_tag(content=style_sheet())
        self.page.evaluate(BUILD)
        self.page.on("request", self._note_request)
        self.page.on("pageerror", self._note_problem)

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _note_problem(self, error: Error) -> None:
        self.problems.append(str(error))

    def close(self) -> None:
        self.page.context.close()
        assert self.problems == []

    def choose(self, file: File) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose a picture").click()
        chooser.value.set_files(
            {"name": file.name, "mimeType": "image/png", "buffer": file.content}
        )

    def image(self, file: File) -> NDArray[np.float64]:
        """The image (28, 28) that a file becomes."""
        self.page.evaluate("delete window.pixels")
        self.choose(file)
        self.page.wait_for_function("window.pixels")
        return self.pixels()

    def pixels(self) -> NDArray[np.float64]:
        return np.array(self.page.evaluate("window.pixels"), float).reshape(28, 28)

    def give(self, event: str, file: File) -> bool:
        content = base64.b64encode(file.content).decode()
        given: bool = self.page.evaluate(GIVE, [event, file.name, content])
        return given

    @property
    def refusal(self) -> Locator:
        return self.page.get_by_role("alert")


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Tool]:
    tool = Tool(browser, viewport={"width": 1000, "height": 800})
    yield tool
    tool.close()


@pytest.fixture
def tool(shared: Tool) -> Iterator[Tool]:
    """The tool without a photo; nothing that a test does with it requests anything."""
    shared.page.evaluate("tool.clear()")
    shared.requests.clear()
    yield shared
    assert shared.requests == []


# Dark on light is inverted, relative to the ground's white; light on dark stays as it is.
DARK = boot_photo(240, (30, 90))
DARK_IMAGE = boot_image((255 - 255 * 30 / 240, 255 - 255 * 90 / 240))
LIGHT = boot_photo(20, (220, 150))
LIGHT_IMAGE = boot_image((220, 150))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WebP"])
def test_dark_boot_on_light_ground_becomes_the_authors_image(tool: Tool, kind: str) -> None:
    options = {"lossless": True} if kind == "WebP" else {}
    image = tool.image(File("boot", encoded(DARK, kind, **options)))
    assert np.abs(image - DARK_IMAGE).max() < 1
    assert np.flatnonzero(image.any(axis=0))[[0, -1]].tolist() == [0, 27]
    rows = np.flatnonzero(image.any(axis=1))
    assert (rows[0], 27 - rows[-1]) in [(8, 8), (9, 8)]


def test_light_boot_on_dark_ground_is_not_inverted(tool: Tool) -> None:
    image = tool.image(File("boot.png", encoded(LIGHT, "PNG")))
    assert np.abs(image - LIGHT_IMAGE).max() < 1
    expect(tool.page.get_by_label("Inverted")).not_to_be_checked()
    tool.page.get_by_label("Inverted").check()
    middle = 14 * 28 + 14
    tool.page.wait_for_function(
        f"(before) => window.pixels[{middle}] !== before", arg=image.ravel()[middle]
    )
    assert np.abs(tool.pixels() - image).max() > 50


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_turned_upright(tool: Tool, orientation: int) -> None:
    image = tool.image(File("photo.jpg", turned(DARK, orientation)))
    assert np.abs(image - DARK_IMAGE).mean() < 2


def test_what_is_transparent_is_white(tool: Tool) -> None:
    alpha = np.where(DARK[..., :1] == 240, 0, 255).astype(np.uint8)
    transparent = np.concatenate([np.where(alpha > 0, DARK, 0), alpha], axis=2)
    white = boot_image((255 - 30, 255 - 90))
    assert np.abs(tool.image(File("a.png", encoded(transparent, "PNG"))) - white).max() < 1
    lossless = encoded(transparent, "WebP", lossless=True)
    assert np.abs(tool.image(File("a.webp", lossless)) - white).max() < 1


def test_of_a_gif_the_first_frame_counts(tool: Tool) -> None:
    from PIL import Image

    second = [Image.fromarray(LIGHT[::-1].copy())]
    animated = encoded(DARK, "GIF", save_all=True, append_images=second, duration=20, loop=0)
    assert np.abs(tool.image(File("a.gif", animated)) - DARK_IMAGE).max() < 1


def test_large_photo_is_scaled_down_first(tool: Tool) -> None:
    large = np.kron(DARK, np.ones((6, 6, 1), np.uint8))
    image = tool.image(File("large.jpg", encoded(large, "JPEG", quality=85)))
    assert np.abs(image - DARK_IMAGE).mean() < 5
    sides = tool.page.locator("canvas").evaluate_all(
        "(all) => all.flatMap(({ width, height }) => [width, height])"
    )
    assert max(sides) == 640


def test_every_step_is_shown_in_its_order(tool: Tool) -> None:
    tool.image(File("boot.png", encoded(DARK, "PNG")))
    steps = tool.page.get_by_role("listitem")
    captions = ["Your photo", "Grey", "Inverted", "Background gone", "Cropped", "28 × 28"]
    expect(steps).to_have_text(captions)
    for place in range(len(captions)):
        drawn = steps.nth(place).locator("canvas").evaluate(VALUES)
        assert drawn > 1, captions[place]
    tool.image(File("boot.png", encoded(LIGHT, "PNG")))
    expect(steps.nth(2)).to_have_text("Bright already")


def test_what_is_refused_says_why_and_leaves_the_photo_before(tool: Tool) -> None:
    before = tool.image(File("boot.png", encoded(DARK, "PNG")))
    for content, sentence in [
        (b"", "This file is empty."),
        (b"%PDF-1.7", "This is a PDF, which cannot be opened here."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is an SVG drawing"),
        (encoded(DARK, "PNG")[:60], "This PNG file cannot be opened: it seems to be damaged."),
        (blank_png(8_000, 8_000), "This picture has 8,000 × 8,000 pixels"),
    ]:
        tool.choose(File("photo.jpg", content))
        expect(tool.refusal).to_contain_text(sentence)
        expect(tool.page.get_by_role("listitem")).to_have_count(6)
    tool.page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(20_000_001)], "large.png"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: files, cancelable: true }));
        }"""
    )
    expect(tool.refusal).to_have_text("This file has 21 MB. The most that can be opened is 20 MB.")
    assert np.array_equal(tool.pixels(), before)
    tool.choose(File("boot.png", encoded(DARK, "PNG")))
    expect(tool.refusal).to_be_empty()


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_photo_comes_by_drop_and_by_paste(tool: Tool, event: str) -> None:
    file = File("boot.png", encoded(DARK, "PNG"))
    tool.page.evaluate("delete window.pixels")
    assert tool.give(event, file)
    tool.page.wait_for_function("window.pixels")
    assert np.abs(tool.pixels() - DARK_IMAGE).max() < 1


def test_tool_that_is_hidden_takes_nothing(tool: Tool) -> None:
    file = File("boot.png", encoded(DARK, "PNG"))
    tool.page.evaluate("tool.root.hidden = true")
    assert not tool.give("drop", file)
    tool.page.evaluate("tool.root.hidden = false")
    assert tool.give("dragover", file)


def test_frame_leaves_out_what_else_is_on_the_photo(tool: Tool) -> None:
    """Drawn with the pointer, and its edges moved by keys."""
    photo = DARK.copy()
    # As large as the boot, and darker.
    photo[20:190, 330:470] = 0
    both = tool.image(File("two.png", encoded(photo, "PNG")))
    assert np.abs(both - DARK_IMAGE).mean() > 20
    box = tool.page.get_by_role("group", name="Frame around the garment").bounding_box()
    assert box is not None
    mouse = tool.page.mouse
    mouse.move(box["x"] + 0.66 * box["width"], box["y"] + 0.93 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"])
    mouse.move(box["x"] + 0.03 * box["width"], box["y"] + 0.55 * box["height"])
    mouse.up()
    edges = tool.page.get_by_role("slider", name=re.compile("edge of the frame"))
    expect(edges.first).to_have_attribute("aria-valuetext", "3 %")
    shares = [int(edge.get_attribute("aria-valuenow") or "") for edge in edges.all()]
    assert shares == [3, 55, 66, 93]
    tool.page.wait_for_function("window.pixels[14 * 28 + 27] > 0")
    assert np.abs(tool.pixels() - DARK_IMAGE).max() < 1
    tool.page.get_by_role("button", name="Guess again").click()
    expect(edges.first).to_have_attribute("aria-valuenow", "0")
    right = tool.page.get_by_role("slider", name="Right edge of the frame")
    for key in ("PageUp", "PageUp", "PageUp", "ArrowLeft", "ArrowLeft"):
        right.press(key)
    expect(right).to_have_attribute("aria-valuetext", "68 %")
    tool.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert np.abs(tool.pixels() - DARK_IMAGE).max() < 1


def test_threshold_can_be_moved_and_guessed_again(tool: Tool) -> None:
    guessed = tool.image(File("boot.png", encoded(DARK, "PNG")))
    again = tool.page.get_by_role("button", name="Guess again")
    expect(again).to_be_disabled()
    slider = tool.page.get_by_role("slider", name="Threshold")
    guess = slider.input_value()
    slider.fill("70")
    expect(tool.page.locator(".fm-photo-figure")).to_have_text("70 %")
    # Only the darker shade stands out so far.
    assert (tool.pixels() > 0).sum() < (guessed > 0).sum()
    again.click()
    expect(slider).to_have_value(guess)
    assert np.array_equal(tool.pixels(), guessed)
    slider.fill("100")
    expect(tool.page.get_by_role("status")).to_contain_text("Nothing stands out")
    assert not tool.pixels().any()


def test_photo_is_forgotten(tool: Tool) -> None:
    tool.image(File("boot.png", encoded(DARK, "PNG")))
    tool.page.evaluate("tool.clear()")
    expect(tool.page.get_by_role("list")).to_be_hidden()
    sizes = tool.page.locator("canvas").evaluate_all("(all) => all.map(({ width }) => width)")
    assert set(sizes) == {0}
    assert tool.page.evaluate("tool.close()") is None
    assert not tool.give("drop", File("boot.png", encoded(DARK, "PNG")))
    tool.page.evaluate("tool.root.remove()")
    tool.page.evaluate(BUILD)
    tool.requests.clear()


def test_phone_has_a_button_for_its_camera(browser: Browser) -> None:
    tool = Tool(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = tool.page
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").tap()
    camera = chooser.value.element
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == (
        "environment",
        "image/*",
    )
    chooser.value.set_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": encoded(DARK, "PNG")}
    )
    page.wait_for_function("window.pixels")
    assert np.abs(tool.pixels() - DARK_IMAGE).max() < 1
    for size in ((390, 844), (240, 700), (1440, 900)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
    # A finger that draws the frame does not scroll the page.
    frame = page.get_by_role("group", name="Frame around the garment")
    assert frame.evaluate("(frame) => getComputedStyle(frame).touchAction") == "none"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    tool.close()


def test_older_browser_decodes_without_the_word_for_upright(browser: Browser) -> None:
    tool = Tool(browser)
    tool.page.evaluate(
        """() => {
          const decode = window.createImageBitmap;
          window.createImageBitmap = async (file, options) => {
            if (options) throw new TypeError("'from-image' is no valid enum value");
            return decode(file);
          };
        }"""
    )
    image = tool.image(File("photo.jpg", turned(DARK, 6)))
    assert np.abs(image - DARK_IMAGE).mean() < 2
    tool.close()


def test_picture_that_takes_too_long_to_decode_is_given_up(browser: Browser) -> None:
    """A JPEG of thousands of scans keeps a browser busy for minutes; what comes of it is closed."""
    tool = Tool(browser)
    page = tool.page
    page.clock.install()
    page.evaluate(
        """() => {
          const decode = window.createImageBitmap;
          window.createImageBitmap = (file) => new Promise((resolve) => {
            window.finish = async () => {
              window.late = await decode(file);
              resolve(window.late);
            };
          });
        }"""
    )
    tool.choose(File("slow.jpg", encoded(DARK, "JPEG")))
    page.wait_for_function("window.finish !== undefined")
    page.clock.fast_forward(11_000)
    expect(tool.refusal).to_have_text("This JPEG file takes too long to open.")
    # A bitmap that was closed has no width.
    page.evaluate("finish()")
    page.wait_for_function("late.width === 0")
    assert page.evaluate("window.pixels === undefined")
    tool.close()


def test_damaged_files_get_a_sentence_or_become_a_picture(browser: Browser) -> None:
    """The page lives on, and what was decoded is let go of."""
    tool = Tool(browser)
    # What a browser takes for the largest pictures, it keeps for the next ones.
    large = [File("large.png", blank_png(6_300, 6_300)), File("wide.png", blank_png(8_000, 5_000))]
    open_files(tool.page, [*large, *damaged_files(FILES_AT_ONCE, seed=7)])
    before = bytes_of_renderers(browser, tool.page)
    outcomes: dict[str, set[str]] = {}
    files = list(damaged_files(FILES, seed=20))
    for start in range(0, len(files), FILES_AT_ONCE):
        part = files[start : start + FILES_AT_ONCE]
        for file, outcome in zip(part, open_files(tool.page, part), strict=True):
            outcomes.setdefault(outcome, set()).add(file.name)
            if picture := PICTURE.fullmatch(outcome):
                assert max(map(int, picture.groups())) <= 640, (file.name, outcome)
            else:
                assert SENTENCE.fullmatch(outcome), (file.name, outcome)
    assert any(PICTURE.fullmatch(outcome) for outcome in outcomes)
    assert sum(not PICTURE.fullmatch(outcome) for outcome in outcomes) > 5
    left = bytes_of_renderers(browser, tool.page) - before
    assert left < MOST_LEFT_BYTES, f"{left / 2**20:.0f} MiB are left"
    assert np.abs(tool.image(File("boot.png", encoded(DARK, "PNG"))) - DARK_IMAGE).max() < 1
    assert tool.requests == []
    tool.close()


def open_files(page: Page, files: list[File]) -> list[str]:
    """What becomes of each file."""
    given = [[file.name, base64.b64encode(file.content).decode()] for file in files]
    outcomes: list[str] = page.evaluate(OPEN, given)
    return outcomes


def bytes_of_renderers(browser: Browser, page: Page) -> int:
    """The memory of all pages of the browser, after what nobody refers to is gone."""
    session = page.context.new_cdp_session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(200)
    session.detach()
    system = browser.new_browser_cdp_session()
    processes = system.send("SystemInfo.getProcessInfo")["processInfo"]
    system.detach()
    renderers = [process["id"] for process in processes if process["type"] == "renderer"]
    return sum(psutil.Process(renderer).memory_info().rss for renderer in renderers)
