"""Try your own: what one draws is recognised in the browser, without the dashboard."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from dashboards import Dashboard
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, Request, WebSocket, expect
from trained_network import train_preset, visiting
from visitors import PHONE, Visitors, box_of, settle, until

from fmnist_core.dataset import CLASS_NAMES, PIXEL_COUNT, Dataset
from fmnist_core.runs import Run, RunStore
from ui.own_image import pixels_of, text_of

Point = tuple[float, float]
# In pixels of the picture: a waistband and two legs.
TROUSER: list[list[Point]] = [
    [(9, 6), (18, 6), (9, 8), (18, 8)],
    [(10, 8), (9, 22)],
    [(17, 8), (18, 22)],
    [(11.5, 8), (10.5, 22)],
    [(15.5, 8), (16.5, 22)],
]
PRESET = "CNN with dropout"


@pytest.fixture(scope="module")
def run(
    learned_dashboard: Dashboard, data: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    store = RunStore(tmp_path_factory.mktemp("trained") / "runs")
    with visiting(train_preset(store, data, PRESET), learned_dashboard.runs) as run:
        yield run


@pytest.fixture
def address(learned_dashboard: Dashboard, run: Run) -> str:
    return f"{learned_dashboard.url}/try?runs={run.id}"


def pad_points(page: Page, points: list[Point]) -> list[Point]:
    """Points of the picture as points of the window."""
    box = box_of(page.get_by_role("application"))
    return [
        (box["x"] + box["width"] * x / 28, box["y"] + box["height"] * y / 28) for x, y in points
    ]


def draw_by_pointer(page: Page, strokes: list[list[Point]]) -> None:
    for stroke in strokes:
        first, *rest = pad_points(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for point in rest:
            page.mouse.move(*point, steps=6)
        page.mouse.up()


def draw_by_finger(page: Page, strokes: list[list[Point]]) -> None:
    devtools = page.context.new_cdp_session(page)

    def touch(kind: str, points: list[Point]) -> None:
        places = [{"x": x, "y": y} for x, y in points]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for stroke in strokes:
        corners = pad_points(page, stroke)
        touch("touchStart", corners[:1])
        for start, end in itertools.pairwise(corners):
            for share in (0.25, 0.5, 0.75, 1):
                point = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
                touch("touchMove", [(point[0], point[1])])
        touch("touchEnd", [])


def answer(page: Page) -> Callable[[str], None]:
    """What awaits an answer of the only network."""
    card = page.get_by_role("article", name=PRESET)

    def awaits(name: str) -> None:
        expect(card.locator(".fm-answer-words b")).to_have_text(name)

    return awaits


def in_hand(page: Page) -> np.ndarray:
    """The pixels (28, 28) that the networks get, as the thumbnail shows them."""
    return pixels_of_canvas(page.get_by_role("img", name="What the networks get"))


def pixels_of_canvas(canvas: Locator) -> np.ndarray:
    values: list[int] = canvas.evaluate(
        """(canvas) => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]
          .filter((_, index) => index % 4 === 0)"""
    )
    return np.array(values).reshape(28, 28)


def comes_to_hold(page: Page, image: np.ndarray) -> bool:
    """Whether the networks get an image (28, 28) soon: a change is drawn with the next frame."""
    return until(page, lambda: np.array_equal(in_hand(page), image))


class Traffic:
    """What a page asks of anybody, from now on; what it requested for may be read before."""

    def __init__(self, page: Page) -> None:
        self.sent: list[str] = []
        page.on("request", self._note)
        page.on("websocket", self._note_socket)

    def _note(self, request: Request) -> None:
        if not request.url.startswith(("blob:", "data:")):
            self.sent.append(f"{request.url} {request.post_data or ''}")

    def _note_socket(self, socket: WebSocket) -> None:
        self.sent.append(socket.url)
        socket.on("framesent", lambda frame: self.sent.append(str(frame)))


@pytest.mark.parametrize("by", ["pointer", "finger"])
def test_a_drawn_trouser_is_recognised_and_the_dashboard_is_told_nothing(
    visitors: Visitors, address: str, by: str
) -> None:
    page = visitors.open(address) if by == "pointer" else visitors.open_phone(address)
    awaits = answer(page)
    awaits("–")
    traffic = Traffic(page)
    page.reload()
    settle(page)
    awaits("–")
    traffic.sent.clear()
    # So that a finger that scrolled the page could do so in both ways.
    page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollBy(0, 40)")
    scrolled = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop")
    draw = draw_by_pointer if by == "pointer" else draw_by_finger
    draw(page, TROUSER)
    draw(page, [TROUSER[1][::-1]])
    awaits("Trouser")
    assert traffic.sent == []
    assert (
        page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == scrolled
    )
    heard = page.get_by_role("region", name="Answers").get_by_role("status")
    expect(heard).to_have_text(re.compile(rf"^{PRESET} says Trouser, .+ %\.$"))


def test_a_trouser_is_drawn_by_keys_and_taken_back(visitors: Visitors, address: str) -> None:
    page = visitors.open(address)
    awaits = answer(page)
    awaits("–")
    pad = page.get_by_role("application")
    pad.focus()
    # From the middle to the waist, across it, and down both legs.
    for key, count in (
        ("ArrowUp", 8),
        ("ArrowLeft", 4),
        (" ", 1),
        ("ArrowRight", 8),
        ("ArrowDown", 17),
        (" ", 1),
    ):
        for _ in range(count):
            pad.press(key)
    for key, count in (("ArrowLeft", 8), (" ", 1), ("ArrowUp", 17), (" ", 1)):
        for _ in range(count):
            pad.press(key)
    awaits("Trouser")
    drawn = in_hand(page)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    awaits("–")
    assert drawn.any()
    assert not in_hand(page).any()


def test_off_centre_is_as_good_as_centred(visitors: Visitors, address: str) -> None:
    page = visitors.open(address)
    answer(page)("–")
    small = [[(x / 2 + 13, y / 2 + 14) for x, y in stroke] for stroke in TROUSER]
    page.get_by_role("slider", name="Width").fill("2")
    draw_by_pointer(page, small)
    answer(page)("Trouser")
    rows = np.flatnonzero(in_hand(page).max(axis=1) > 25)
    assert (rows[0], rows[-1]) == (0, 27)
    page.get_by_role("checkbox").uncheck()
    rows = np.flatnonzero(in_hand(page).max(axis=1) > 25)
    assert rows[0] > 10


def test_a_picture_of_the_dataset_is_changed_and_goes_with_its_link(
    visitors: Visitors, address: str, data: Dataset
) -> None:
    page = visitors.open(f"{address}&picture=test-17")
    expect(page.locator(".fm-try-truth")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.fm-try-given canvas').width === 28")
    expect(page.get_by_role("spinbutton", name="Test picture")).to_have_value("17")
    image = np.asarray(data.test_images[17])
    assert comes_to_hold(page, image)
    page.get_by_role("button", name="Mirror").click()
    assert comes_to_hold(page, image[:, ::-1])
    page.get_by_role("slider", name="Sideways").fill("3")
    shifted = np.roll(image[:, ::-1], 3, axis=1)
    shifted[:, :3] = 0
    assert comes_to_hold(page, shifted)
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }"
    )
    page.get_by_role("button", name="Copy its link").click()
    expect(page.locator(".fm-try-told")).to_have_text("Link copied.")
    link: str = page.evaluate("() => window.copied")
    text = re.search(r"pixels=([\w-]+)", link)
    assert text is not None
    assert pixels_of(text[1]) == shifted.astype(np.uint8).tobytes()
    other = visitors.open(link, PHONE, touch=True)
    answer(other)(page.locator(".fm-answer-words b").inner_text())
    assert comes_to_hold(other, shifted)


@pytest.mark.parametrize(
    "broken", ["pixels=abc", "pixels=%00", "picture=test-10000", "picture=../x"]
)
def test_a_broken_picture_in_the_address_is_an_empty_sheet(
    visitors: Visitors, address: str, broken: str
) -> None:
    page = visitors.open(f"{address}&{broken}")
    answer(page)("–")
    expect(page.get_by_text("Draw something to wear")).to_be_visible()
    assert not in_hand(page).any()


def test_a_reload_keeps_what_was_drawn(visitors: Visitors, address: str) -> None:
    page = visitors.open(address)
    answer(page)("–")
    draw_by_pointer(page, TROUSER)
    answer(page)("Trouser")
    drawn = in_hand(page)
    page.reload()
    settle(page)
    answer(page)("Trouser")
    assert np.array_equal(in_hand(page), drawn)


def test_a_picture_saved_is_the_one_in_hand(visitors: Visitors, address: str) -> None:
    page = visitors.open(address)
    answer(page)("–")
    draw_by_pointer(page, TROUSER)
    answer(page)("Trouser")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as PNG").click()
    with Image.open(download.value.path()) as image:
        assert np.array_equal(np.asarray(image.convert("L")), in_hand(page))


def test_where_they_look_is_shown_for_the_answer(visitors: Visitors, address: str) -> None:
    page = visitors.open(f"{address}&picture=test-17")
    expect(page.locator(".fm-answer-words b")).to_have_text(re.compile("|".join(CLASS_NAMES)))
    page.get_by_role("button", name="Where they look").click()
    said = page.locator(".fm-answer-words b").inner_text()
    expect(page.get_by_text(f"speaks for {said}")).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('.fm-answer-picture canvas:last-child').width === 28"
    )


def choose_file(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").tap()
    chooser.value.set_files(path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Trousers on a light ground."""
    image = Image.new("RGB", (600, 800), (225, 222, 215))
    pen = ImageDraw.Draw(image)
    pen.rectangle((220, 180, 400, 260), fill=(40, 50, 90))
    pen.polygon([(220, 260), (305, 260), (285, 640), (205, 640)], fill=(40, 50, 90))
    pen.polygon([(315, 260), (400, 260), (415, 640), (335, 640)], fill=(40, 50, 90))
    image.save(tmp_path / "trousers.jpg")
    return tmp_path / "trousers.jpg"


def test_a_photo_is_recognised_and_never_sent(
    visitors: Visitors, address: str, photo: Path, tmp_path: Path
) -> None:
    page = visitors.open_phone(address)
    answer(page)("–")
    traffic = Traffic(page)
    page.reload()
    settle(page)
    answer(page)("–")
    page.get_by_role("button", name="Photo", exact=True).tap()
    traffic.sent.clear()
    choose_file(page, photo)
    answer(page)("Trouser")
    image = in_hand(page)
    assert np.flatnonzero(image.max(axis=1) > 25)[[0, -1]].tolist() == [0, 27]
    assert not image[:, :4].any()
    (tmp_path / "no picture.jpg").write_bytes(b"%PDF-1.7")
    choose_file(page, tmp_path / "no picture.jpg")
    expect(page.get_by_role("alert").filter(has_text="PDF")).to_be_visible()
    answer(page)("Trouser")
    assert traffic.sent == []


def test_a_photo_stays_one_whatever_becomes_of_it(
    visitors: Visitors, address: str, photo: Path
) -> None:
    """By no way its pixels come into an address or to the engine that explains large networks."""
    page = visitors.open_phone(address)
    answer(page)("–")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(f"{request.method} {request.url}"))

    def check_privacy() -> None:
        answer(page)("Trouser")
        expect(page.get_by_role("button", name="Copy its link")).to_be_hidden()
        expect(page.get_by_text("A photo has no link")).to_be_visible()
        link = str(page.locator(".fm-answer-inside").get_attribute("href"))
        assert link.endswith("&pixels=photo")

    page.get_by_role("button", name="Where they look").tap()
    page.get_by_role("button", name="Photo", exact=True).tap()
    choose_file(page, photo)
    check_privacy()
    page.get_by_role("button", name="Clear").tap()
    answer(page)("–")
    page.get_by_role("button", name="Undo", exact=True).tap()
    check_privacy()
    page.get_by_role("slider", name="Brightness").fill("90")
    check_privacy()
    expect(page.get_by_text("speaks for Trouser")).to_be_visible()
    page.reload()
    settle(page)
    check_privacy()
    image = in_hand(page)
    page.get_by_role("link", name="Look inside").tap()
    expect(page.locator(".fm-in-says")).to_have_text(re.compile("^It says Trouser, "))
    assert np.array_equal(pixels_of_canvas(page.locator(".fm-in-shown canvas")), image)
    assert "pixels=photo" in page.url
    unkept = [one.replace("pixels=photo", "") for one in requested]
    assert not [one for one in unkept if "pixels=" in one or one.startswith("POST")]
    elsewhere = visitors.open_phone(page.url)
    expect(elsewhere.get_by_role("alert")).to_contain_text("a photo stays in the tab that took it")
    elsewhere.get_by_role("button", name="Shuffle").tap()
    expect(elsewhere.locator(".fm-in-says")).to_have_text(re.compile("^It says "))


def test_undo_brings_back_what_belonged_to_the_picture(visitors: Visitors, address: str) -> None:
    page = visitors.open(address)
    answer(page)("–")
    draw_by_pointer(page, TROUSER)
    answer(page)("Trouser")
    drawn, fits = in_hand(page), page.get_by_role("checkbox", name=re.compile("^Centred"))
    page.get_by_role("button", name="A picture of the dataset").click()
    expect(page.locator(".fm-try-truth")).to_have_text(re.compile("."))
    expect(fits).not_to_be_checked()
    page.get_by_role("button", name="Undo", exact=True).click()
    answer(page)("Trouser")
    expect(fits).to_be_checked()
    assert np.array_equal(in_hand(page), drawn)
    card = page.get_by_role("article", name=PRESET)
    assert card.get_attribute("data-tone") is None
    expect(page.get_by_role("region", name="Fix it")).to_be_hidden()


def test_a_picture_of_the_dataset_is_the_same_after_a_reload(
    visitors: Visitors, address: str, data: Dataset
) -> None:
    page = visitors.open(f"{address}&picture=test-17")
    expect(page.locator(".fm-try-truth")).to_have_text(re.compile("."))
    page.get_by_role("button", name="Mirror").click()
    page.reload()
    settle(page)
    expect(page.locator(".fm-try-truth")).to_have_text(re.compile("."))
    assert comes_to_hold(page, np.asarray(data.test_images[17])[:, ::-1])
    expect(page.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "true")


def test_a_picture_that_does_not_come_says_why(visitors: Visitors, address: str) -> None:
    page = visitors.open(address)
    answer(page)("–")
    sentence = "The Fashion-MNIST pictures could not be found on this machine."
    page.route(
        "**/pixels/**",
        lambda route: route.fulfill(status=503, body=sentence, content_type="text/plain"),
    )
    page.get_by_role("button", name="A picture of the dataset").click()
    expect(page.get_by_text(sentence).first).to_be_visible()
    said = "the server responded with a status of 503"
    visitors.problems = [problem for problem in visitors.problems if said not in problem]


def test_a_mistake_is_fixed_by_hand_and_by_a_search(
    visitors: Visitors, address: str, run: Run, learned_dashboard: Dashboard, data: Dataset
) -> None:
    probabilities = learned_dashboard.store.predictions(run.id)["test_probabilities"]
    labels = np.asarray(data.test_labels)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    # One that is almost right, so that few pixels are enough.
    lead = probabilities.max(axis=1) - probabilities[np.arange(len(labels)), labels]
    index = int(wrong[lead[wrong].argmin()])
    label, said = CLASS_NAMES[labels[index]], CLASS_NAMES[int(probabilities[index].argmax())]
    page = visitors.open(f"{address}&picture=test-{index}")
    panel = page.get_by_role("region", name="Fix it")
    words = panel.get_by_role("paragraph")
    expect(words).to_have_text(re.compile(f"{PRESET} says {said}.*until it says {label}"))
    draw_by_pointer(page, [[(0.5, 0.5)]])
    expect(words).to_have_text(re.compile(r"^\d+ pixels? changed, and|^Fixed with"))
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(words).to_have_text(re.compile("^This is"))
    panel.get_by_role("button", name="Show the fewest").click()
    fixed = re.compile(
        rf"^Fixed with (\d+) pixels? changed: {re.escape(f'{PRESET} says {label}')}\."
    )
    expect(words).to_have_text(fixed)
    found = fixed.match(words.inner_text())
    assert found is not None
    image = np.asarray(data.test_images[index])
    assert np.count_nonzero(in_hand(page) != image) == int(found[1])
    answer(page)(label)


def test_without_a_worker_it_answers_all_the_same(visitors: Visitors, address: str) -> None:
    page = visitors.open(address.partition("/try")[0])
    page.context.add_init_script("delete window.Worker;")
    page.goto(address)
    settle(page)
    answer(page)("–")
    assert page.evaluate("() => typeof Worker") == "undefined"
    draw_by_pointer(page, TROUSER)
    answer(page)("Trouser")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "This run does not exist. It may have been deleted."),
        pytest.param(
            *(503, "This run's network cannot be read: the file is missing or was changed."),
            marks=pytest.mark.very_slow,
        ),
    ],
)
def test_a_network_that_does_not_come_says_why_and_the_others_answer(
    visitors: Visitors,
    address: str,
    run: Run,
    learned_store: RunStore,
    status: int,
    sentence: str,
) -> None:
    broken = next(one for one in learned_store.list() if one.id != run.id)
    page = visitors.open(address.partition("/try")[0])
    page.route(
        f"**/networks/{broken.id}/**",
        lambda route: route.fulfill(status=status, body=sentence, content_type="text/plain"),
    )
    page.goto(f"{address},{broken.id}")
    settle(page)
    expect(page.get_by_text(sentence)).to_be_visible()
    draw_by_pointer(page, TROUSER)
    answer(page)("Trouser")
    # That a file did not come, a browser writes by itself.
    said = f"the server responded with a status of {status}"
    visitors.problems = [problem for problem in visitors.problems if said not in problem]


@pytest.mark.very_slow
def test_how_like_its_training_pictures_it_is_says_a_sentence(
    visitors: Visitors, address: str
) -> None:
    page = visitors.open(f"{address}&picture=test-1")
    likeness = page.locator(".fm-answer-likeness")
    expect(likeness).to_have_text(re.compile("^Much like the .+ it was trained on\\.$"))
    page.goto(f"{address}&pixels={text_of(bytes([255]) * PIXEL_COUNT)}")
    expect(likeness).to_have_text(re.compile("^Unlike any .+ it was trained on\\.$"))
