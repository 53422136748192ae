"""Explore data: what its buttons do to the page and to the address."""

from __future__ import annotations

import re

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned

import ui.services
from fmnist_core.dataset import CLASS_NAMES, Attempt, Dataset, DatasetUnavailable, load
from fmnist_core.runs import RunStore
from ui.explore.view_state import VIEWS


def address(visit: Visit) -> dict[str, str]:
    """The address without what is empty; AppTest gives every value as a list."""
    parameters = visit.app.query_params
    return {k: v[0] if isinstance(v, list) else v for k, v in parameters.items()}


def test_a_class_goes_into_the_address_and_the_page_shows_only_it(
    visit: Visit, data: Dataset
) -> None:
    visit.open("explore")
    visit.choose("Classes", "Trouser")
    assert address(visit) == {"class": "1"}
    assert "1,000 pictures" in visit.text()
    first = int(np.flatnonzero(np.asarray(data.test_labels) == 1)[0])
    assert f"Test picture **{first}**, class 1." in visit.text()


def test_another_choice_starts_at_the_first_page_and_the_first_picture(visit: Visit) -> None:
    visit.open("explore", **{"class": "1", "page": "3", "picture": "1729"})
    visit.choose("Classes", "Trouser", "Ankle boot")
    assert address(visit) == {"class": "1-9"}
    visit.choose("Pictures for", "Training")
    assert address(visit) == {"split": "train", "class": "1-9"}
    assert "12,000 pictures" in visit.text()


def test_an_address_that_was_shared_fills_the_page_as_it_was(visit: Visit, data: Dataset) -> None:
    visit.open("explore", **{"split": "train", "class": "1-9", "page": "2", "picture": "4711"})
    assert visit.chosen("Pictures for") == ["Training"]
    assert visit.chosen("Classes") == ["Trouser", "Ankle boot"]
    name = CLASS_NAMES[int(data.train_labels[4711])]
    assert name in [header.value for header in visit.app.header]
    assert "Training picture **4,711**" in visit.text()
    assert address(visit)["page"] == "2"


@pytest.mark.parametrize("is_found", [True, False])
def test_try_again_looks_for_the_pictures_once_more_and_may_download(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, is_found: bool
) -> None:
    downloads: list[bool] = []

    def search(*, download: bool) -> Dataset:
        downloads.append(download)
        if is_found and any(downloads):
            return load(download=False)
        raise DatasetUnavailable((Attempt("the internet", "it could not be reached"),))

    monkeypatch.setattr(ui.services, "load", search)
    visit.open("explore")
    assert not any(downloads)
    visit.button("Try again").click()
    visit.run()
    assert any(downloads)
    assert ("10,000 pictures" in visit.text()) == is_found
    assert bool(visit.buttons("Try again")) != is_found


@pytest.mark.parametrize("view", ["gallery", "sheet", "classes", "map", "facts"])
def test_every_part_opens_by_its_address_without_an_engine(visit: Visit, view: str) -> None:
    visit.open("explore", view=view)
    assert visit.chosen("Look at") == [VIEWS[view]]


@pytest.mark.parametrize(
    "address",
    [
        {"view": "nowhere"},
        {"sort": "'; drop table", "seed": "-1", "size": "enormous"},
        {"picture": "17", "close": "1", "about": "zz", "trail": "x9-e99999-r-e17" * 40},
        {"picture": "17", "close": "1", "about": "changed", "shift": "99", "flip": "x"},
        {"close": "1"},
        {"view": "map", "loop": "zzz", "method": "umap", "color": "sound", "from": "../x"},
        {"view": "map", "color": "right", "run": "../../etc/passwd"},
        {"view": "classes", "of": "12", "and": "-3", "show": "all"},
    ],
    ids="-".join,
)
def test_nonsense_for_a_part_counts_as_absent(visit: Visit, address: dict[str, str]) -> None:
    visit.open("explore", **address)
    assert not visit.app.error
    assert "pictures" in visit.text()


def test_an_order_goes_into_the_address_and_another_page_starts(visit: Visit) -> None:
    visit.open("explore", **{"class": "6", "page": "3"})
    visit.choose("Sorted", "Most unusual first")
    assert address(visit) == {"class": "6", "sort": "odd"}
    assert "furthest" in visit.text()


def test_a_shuffle_can_be_drawn_again_and_shared(visit: Visit) -> None:
    visit.open("explore", sort="shuffled", seed="41")
    visit.button("Shuffle again").click()
    visit.run()
    assert address(visit) == {"sort": "shuffled", "seed": "42"}


def test_an_order_that_waits_for_the_engine_shows_the_pictures_meanwhile(visit: Visit) -> None:
    visit.open("explore", sort="twins")
    assert "in the order of the dataset" in visit.text()
    assert "Test picture **0**, class 9." in visit.text()


def test_a_picture_is_looked_at_closely_and_left_again(visit: Visit, data: Dataset) -> None:
    visit.open("explore", picture="17")
    visit.button("Look closer").click()
    visit.run()
    assert address(visit) == {"picture": "17", "close": "1"}
    name = CLASS_NAMES[int(data.test_labels[17])]
    assert name in [header.value for header in visit.app.header]
    assert "18 of 10,000 in the gallery" in visit.text()
    visit.walk("next")
    assert address(visit) == {"picture": "18", "close": "1"}
    visit.walk("left")
    assert address(visit) == {"picture": "18"}


def test_a_whole_class_does_not_heed_the_classes_of_the_gallery(visit: Visit) -> None:
    visit.open("explore", **{"view": "sheet", "class": "3", "of": "6"})
    assert "All 1,000 pictures, row by row" in visit.text()
    ((_, sheet),) = visit.components("image_map")
    assert sheet["label"].startswith("All 1,000 pictures of class Shirt")
    assert not any(button.proto.disabled for button in visit.app.get("download_button"))


def test_the_way_back_leads_from_what_was_requested_last(visit: Visit) -> None:
    """A similar picture may be clicked, and Back before the page has drawn it."""
    visit.open("explore", picture="17", close="1")
    visit.walk("left", picture=5)
    assert address(visit) == {"picture": "17"}


LINE = "0000" + "zz00" + "zzzz" + "00zz"


@pytest.mark.parametrize(
    ("view", "back", "place"),
    [
        ({"view": "map", "loop": LINE}, "Back to the map", "18 of 10,000 test pictures"),
        ({"view": "sheet", "of": "4"}, "Back to the whole class", "4 of 1,000 of this class"),
        ({"view": "sheet", "of": "3"}, "Back to the whole class", "Of another class"),
        ({"view": "classes", "of": "4"}, "Back to the classes", "18 of 10,000 test pictures"),
        ({"class": "1"}, "Back to the gallery", "Not in the gallery"),
    ],
)
def test_the_way_back_is_named_for_where_it_leads(
    visit: Visit, view: dict[str, str], back: str, place: str
) -> None:
    visit.open("explore", picture="17", close="1", **view)
    ((_, steps),) = visit.components("steps")
    assert steps["back"] == back
    assert place in visit.text()
    visit.walk("left")
    assert address(visit) == {"picture": "17", **view}


def test_the_map_is_as_it_was_after_a_walk_to_the_other_split(visit: Visit) -> None:
    visit.open("explore", view="map", loop=LINE, picture="17", close="1", trail="e3-e5", page="2")
    element = next(
        element
        for element, gallery in visit.components("gallery")
        if all(tile["split"] == "train" for tile in gallery["tiles"])
    )
    visit.act(element, "clicked", "train 4711")
    assert address(visit)["split"] == "train"
    visit.walk("left")
    assert address(visit) == {"view": "map", "loop": LINE, "picture": "3", "page": "2"}


def test_only_what_is_notable_is_said_of_a_picture(visit: Visit, data: Dataset) -> None:
    """“More unusual than 63 % of its class” says nothing; “than 100 %” cannot be."""
    dresses = np.flatnonzero(np.asarray(data.test_labels) == 3)
    images = np.asarray(data.test_images)[dresses].reshape(len(dresses), -1).astype(float)
    average = np.asarray(data.train_images)[np.asarray(data.train_labels) == 3].mean(axis=0)
    order = dresses[np.argsort(((images - average.reshape(-1)) ** 2).sum(axis=1))]
    said = []
    for place in (0, 500, 850, -1):
        visit.open("explore", picture=str(order[place]))
        said.append(re.findall(r"More .* than .* of dresses", visit.text()))
    percent = "99\N{NO-BREAK SPACE}%"
    typical, unusual = (f"More {word} than {percent} of dresses" for word in ("typical", "unusual"))
    assert said == [[typical], [], [], [unusual]]


def test_a_near_duplicate_across_the_split_is_named(visit: Visit, data: Dataset) -> None:
    visit.open("explore", picture=str(duplicate_of_a_training_picture(data)), close="1")
    (warning,) = visit.app.warning
    assert "nearly the same, on the other side of the split" in warning.value


def duplicate_of_a_training_picture(data: Dataset) -> int:
    """A test picture whose nearest training picture differs by less than 5 %, found by hand."""
    image_index = 436
    difference = np.asarray(data.train_images[51_970]).astype(float) - data.test_images[image_index]
    assert np.sqrt((difference**2).mean()) < 0.05 * 255
    return image_index


def test_the_way_from_look_alike_to_look_alike_is_walked_back(visit: Visit) -> None:
    visit.open("explore", picture="5", split="train", close="1", trail="e17-r4711")
    (first,) = [button for button in visit.app.button if button.label.endswith("test 17")]
    assert [button for button in visit.app.button if button.label.endswith("training 4,711")]
    first.click()
    visit.run()
    assert address(visit) == {"picture": "17", "close": "1"}


def test_finished_runs_say_what_they_see_and_lead_to_the_biography(
    visit: Visit, data: Dataset, store: RunStore
) -> None:
    visit.open("explore", picture="17", close="1", about="runs")
    assert "No network has been trained yet" in visit.text()
    labels = np.asarray(data.test_labels)
    runs = [learned(store, labels, 2, seed=seed) for seed in (1, 2)]
    visit.open("explore", picture="17", close="1", about="runs")
    predicted = [store.predictions(run.id)["test_probabilities"][17].argmax() for run in runs]
    (table,) = visit.tables()
    assert sorted(table["Says"]) == sorted(CLASS_NAMES[class_id] for class_id in predicted)
    assert "epoch by epoch" in visit.text()
    visit.open("explore", split="train", picture="17", close="1", about="runs")
    assert "test pictures alone" in visit.text()


def test_a_line_on_the_map_collects_what_lies_inside(visit: Visit) -> None:
    visit.open("explore", view="map", loop="0000" + "zz00" + "zzzz" + "00zz")
    # The point furthest to the right lies on the line itself.
    assert "9,999 pictures inside the line" in [line.value for line in visit.app.subheader]
    visit.open("explore", view="map", loop="0000" + "0100" + "0001")
    assert "No point lies inside the line." in visit.text()


def test_the_map_begins_with_the_neighbourhoods_and_shows_the_shape_until_they_are_there(
    visit: Visit,
) -> None:
    visit.open("explore", view="map")
    assert visit.chosen("Laid out by") == ["Neighbourhoods (t-SNE)"]
    # What is said meanwhile, or where nothing can be computed, moves no map.
    order = [
        getattr(getattr(one, "proto", None), "component_name", "") or getattr(one, "value", "")
        for one in visit.app
    ]
    meanwhile = "Meanwhile, this is the overall shape of the pixels (PCA)."
    assert order.index("atelier_image_map") < order.index(meanwhile)
    visit.choose("Laid out by", "Overall shape (PCA)")
    assert address(visit) == {"view": "map", "method": "pca"}
    assert "Meanwhile" not in visit.text()
    visit.open("explore", view="map", method="pca")
    assert visit.chosen("Laid out by") == ["Overall shape (PCA)"]


def test_the_newest_runs_own_map_is_one_click_away(
    visit: Visit, data: Dataset, store: RunStore
) -> None:
    labels = np.asarray(data.test_labels)
    newest = [learned(store, labels, 2, seed=seed) for seed in (1, 2)][-1]
    visit.open("explore", view="map")
    visit.button("As the newest run sees it").click()
    visit.run()
    assert address(visit) == {"view": "map", "from": newest.id}
    assert not visit.buttons("As the newest run sees it")


def test_a_point_coloured_by_an_answer_says_label_and_answer(
    visit: Visit, data: Dataset, store: RunStore
) -> None:
    run = learned(store, np.asarray(data.test_labels), 2)
    visit.open("explore", view="map", color="right")
    ((_, drawn),) = visit.components("image_map")
    assert drawn["classNames"] == list(CLASS_NAMES)
    assert drawn["kindNames"] == ["Right", "Wrong"]
    probabilities = store.predictions(run.id)["test_probabilities"][17]
    said = f"It says {CLASS_NAMES[int(probabilities.argmax())]}, "
    assert drawn["notes"][17].startswith(said)
    assert "100\N{NO-BREAK SPACE}%" not in "".join(drawn["notes"])


def test_a_caption_keeps_a_number_with_its_sign(visit: Visit) -> None:
    """“Dress 100 / %” stood under a picture."""
    visit.open("explore", picture="17", close="1")
    captions = [
        tile["caption"] for _, shown in visit.components("gallery") for tile in shown["tiles"]
    ]
    assert len(captions) == 24
    assert all(re.fullmatch(r"[\w/ -]+\n\d+\xa0%", caption) for caption in captions)


def test_two_classes_are_compared_in_words(visit: Visit) -> None:
    visit.open("explore", **{"view": "classes", "of": "6", "and": "4"})
    assert "Where do Shirt and Coat differ?" in [line.value for line in visit.app.subheader]
    assert "more ink in *Coat*" in visit.text()
