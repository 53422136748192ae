"""Pages and the network that answers them: in a thread of its own, the newest question first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from network_site import NETWORK, WORKER, NetworkSite, keras_logits, pixels_of, random_network
from numpy.typing import NDArray

from fmnist_core.dataset import SIDE, Dataset
from fmnist_core.export.network_bytes import network_bytes
from fmnist_core.presets import PRESETS
from fmnist_core.training.state import weights_of

FAST, SLOW = "Simple network", "Best CNN"
SQUARE = 4
SAME = 1e-3
JAVASCRIPT = "text/javascript"
NOT_COMPUTED = "This browser could not compute what the network answers."


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """The bytes of a network that answers at once, and of one that takes its time."""
    return {
        name: network_bytes(PRESETS[name], weights_of(random_network(PRESETS[name], 3)))
        for name in (FAST, SLOW)
    }


@pytest.fixture
def site(network_site: NetworkSite, contents: dict[str, bytes]) -> NetworkSite:
    """The page, with the fast network; nothing has gone wrong yet."""
    network_site.content = contents[FAST]
    network_site.answers.clear()
    network_site.problems.clear()
    return network_site


@pytest.fixture(scope="module")
def images(data: Dataset) -> list[list[int]]:
    """Test images as lists of pixels."""
    return pixels_of(np.asarray(data.test_images[:50]))


@pytest.mark.parametrize("network", [FAST, SLOW])
def test_a_network_in_a_thread_of_its_own_answers_the_same(
    site: NetworkSite, contents: dict[str, bytes], images: list[list[int]], network: str
) -> None:
    site.content = contents[network]
    assert [found["same"] for found in site.run("answers", images[:2])] == [True, True]
    assert site.problems == []


def test_a_shelf_that_is_cleared_while_it_opens_a_network_leaves_no_thread(
    site: NetworkSite, images: list[list[int]]
) -> None:
    found = site.run("clearedShelf", images[0])
    assert found["kept"] == site.run("answers", images[:1])[0]["answer"]
    assert (found["isOther"], found["old"], found["isSame"]) == (True, None, True)
    assert (found["open"], found["left"]) == (1, 0)
    assert site.problems == []


@pytest.mark.parametrize("network", [FAST, SLOW])
def test_of_a_burst_the_newest_question_is_answered_and_older_ones_end(
    site: NetworkSite, contents: dict[str, bytes], images: list[list[int]], network: str
) -> None:
    site.content = contents[network]
    *older, newest = site.run("burst", images)
    assert newest == site.run("answers", images[-1:])[0]["answer"]
    assert len(older) == len(images) - 1
    # What was already computed when the next one came, is an answer; all else was left out.
    assert older.count(None) >= 1


def test_of_a_burst_in_one_turn_nothing_is_computed_but_the_newest(
    site: NetworkSite, images: list[list[int]]
) -> None:
    told = site.run("burstHere", images)
    assert told == [[index, index == len(images) - 1] for index in range(len(images))]


def test_of_what_was_dropped_nothing_more_is_told(
    site: NetworkSite, images: list[list[int]]
) -> None:
    first, *rest = site.run("replaced", "occlusion", images[0])
    assert [first, *rest[:1], *rest[-1:]] == [1, 1, 2]
    assert rest.count(1) == 1


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "later"])
@pytest.mark.parametrize("following", ["answer", "activations", "occlusion", "fewest"])
def test_looking_ends_with_the_next_question(
    site: NetworkSite,
    contents: dict[str, bytes],
    images: list[list[int]],
    following: str,
    at_once: bool,
) -> None:
    # The slow one would look for half a minute, and shows nothing within two seconds.
    site.content = contents[SLOW if at_once else FAST]
    events = site.run("interrupted", images[0], following, at_once)
    assert events[events.index("ended") :] == ["ended", "next"]


def test_what_takes_long_ends_after_two_seconds(site: NetworkSite, images: list[list[int]]) -> None:
    """By a clock that makes each pass, and each piece, last so long."""
    assert site.run("slowly", "occlusion", images[0], 1)["told"] == 3
    for kind in ("occlusion", "fewest"):
        for tick_ms in (20, 90, 1_000):
            slow = site.run("slowly", kind, images[0], tick_ms)
            assert 2_000 < slow["elapsedMs"] <= 2_000 + 3 * tick_ms


def occlusion_of(model: Any, pixels: NDArray[Any], class_id: int, step: int) -> NDArray[Any]:
    """How much the logit falls where squares are covered: the mean over those on each pixel."""
    corners = [
        (row, column)
        for row in range(0, SIDE - SQUARE + 1, step)
        for column in range(0, SIDE - SQUARE + 1, step)
    ]
    covered = np.repeat(pixels[None], len(corners), axis=0)
    places = np.zeros((len(corners), SIDE, SIDE), bool)
    for image, place, (row, column) in zip(covered, places, corners, strict=True):
        place[row : row + SQUARE, column : column + SQUARE] = True
        image[place] = 0
    falls = (
        keras_logits(model, pixels[None])[0, class_id] - keras_logits(model, covered)[:, class_id]
    )
    means: NDArray[Any] = np.tensordot(falls, places, 1) / places.sum(axis=0)
    return means


@pytest.mark.parametrize("preset", [FAST, "LeNet"])
def test_where_it_looks_gets_finer_and_equals_keras(
    site: NetworkSite, data: Dataset, preset: str
) -> None:
    model = random_network(PRESETS[preset], 3)
    site.content = network_bytes(PRESETS[preset], weights_of(model))
    # A bag, which fills the picture, and a sandal, which leaves most of it empty.
    for index in (18, 8):
        image = np.asarray(data.test_images[index])
        class_id = int(data.test_labels[index])
        maps = site.run("occlusionMaps", image.ravel().tolist(), class_id)
        assert [found["step"] for found in maps] == [4, 2, 1]
        for found in maps:
            wanted = occlusion_of(model, image, class_id, found["step"])
            falls = np.reshape(found["falls"], (SIDE, SIDE))
            assert np.abs(falls - wanted).max() <= SAME * max(1.0, np.abs(wanted).max())


def test_coarse_maps_are_shown_before_fine_ones(site: NetworkSite, images: list[list[int]]) -> None:
    steps = site.run("shownSteps", images[0])
    assert steps
    assert steps == [4, 2, 1][: len(steps)]


def test_closing_ends_all_that_waits_and_all_that_comes(
    site: NetworkSite, contents: dict[str, bytes], images: list[list[int]]
) -> None:
    site.content = contents[SLOW]
    assert site.run("closed", images[0]) == [None] * 8
    assert site.problems == []


@pytest.mark.parametrize("worker", ["gone", "refused", "not found", "not for this browser"])
def test_without_a_thread_of_its_own_a_network_answers_on_the_page_and_says_nothing(
    site: NetworkSite, images: list[list[int]], worker: str
) -> None:
    if worker == "not found":
        site.answers = {WORKER: {"status": 404, "body": "gone"}}
    if worker == "not for this browser":
        # As a browser that knows no modules in workers takes one.
        site.answers = {WORKER: {"body": "export default import;", "content_type": JAVASCRIPT}}
    found = site.run("withoutWorker", worker, images[0])
    assert found["same"]
    assert "ended" in found["order"]
    assert found["ends"] == [None] * 8
    assert site.problems == []


@pytest.mark.parametrize("kind", ["answer", "activations", "occlusion", "fewest"])
@pytest.mark.parametrize("worker", ["", "gone"], ids=["in a thread", "on the page"])
def test_what_cannot_be_computed_ends_with_a_sentence_and_the_next_is_answered(
    site: NetworkSite, images: list[list[int]], kind: str, worker: str
) -> None:
    first, second = site.run("failing", kind, worker, images[0])
    assert first.startswith(NOT_COMPUTED)
    assert second == "answered"
    assert len(site.problems) == 1


@pytest.mark.parametrize("kind", ["answer", "occlusion"])
def test_nobody_waits_for_a_thread_that_has_died(
    site: NetworkSite, images: list[list[int]], kind: str
) -> None:
    dying = """onmessage = ({ data }) => {
      if (data.content) postMessage({ ends: true });
      else throw new Error("it died");
    };"""
    site.answers = {WORKER: {"body": dying, "content_type": JAVASCRIPT}}
    for said in site.run("failing", kind, "", images[0]):
        assert said.startswith(NOT_COMPUTED)


SENTENCE = "This run does not exist. It may have been deleted."
NOT_FETCHED = "The network could not be fetched: the dashboard does not answer."
TEXT, PAGE = "text/plain; charset=utf-8", "text/html"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 404, "content_type": TEXT, "body": SENTENCE}, SENTENCE),
        ({"status": 503, "content_type": TEXT, "body": SENTENCE}, SENTENCE),
        ({"status": 503, "content_type": TEXT, "body": ""}, NOT_FETCHED),
        ({"status": 502, "content_type": PAGE, "body": "<h1>Bad gateway</h1>"}, NOT_FETCHED),
        ({"status": 404, "content_type": PAGE, "body": "<h1>nginx</h1>"}, NOT_FETCHED),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(
    site: NetworkSite, answer: dict[str, Any], said: str
) -> None:
    site.answers = {NETWORK: answer}
    assert site.run("opening") == said
    assert site.problems == []


def test_a_dashboard_that_does_not_answer_is_told_in_a_sentence(site: NetworkSite) -> None:
    site.aborted.add(NETWORK)
    assert site.run("opening") == NOT_FETCHED
    site.aborted.clear()
    assert site.run("opening") == "opened"


@pytest.mark.parametrize("worker", ["in a thread", "on the page"])
@pytest.mark.parametrize("length", [0, 3, 40, -4])
def test_a_damaged_network_is_told_in_a_sentence(
    site: NetworkSite, worker: str, length: int
) -> None:
    site.content = site.content[:length]
    if worker == "on the page":
        site.answers = {WORKER: {"status": 404, "body": "gone"}}
    assert site.run("opening") == "This run's network cannot be read: its file was changed."
    assert site.problems == []
