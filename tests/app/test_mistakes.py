"""Mistakes without a browser: what its sentences say, and what the address keeps."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import done
from numpy.typing import NDArray

from fmnist_core.annotations import Annotation, Annotations
from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.files import write_arrays
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from ui.formatting import confidence_text


@pytest.fixture
def labels(data: Dataset) -> NDArray[np.uint8]:
    return np.asarray(data.test_labels)


def count_of(
    store: RunStore, run_id: str, labels: np.ndarray, epoch: int, cell: tuple[int, int]
) -> int:
    predicted = store.predictions(run_id)["test_predictions_by_epoch"][epoch - 1]
    return int(((labels == cell[0]) & (predicted == cell[1])).sum())


def test_every_epoch_has_its_own_counts(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 3)
    counts = [count_of(store, run.id, labels, epoch, (6, 0)) for epoch in (1, 2, 3)]
    assert len(set(counts)) == 3
    for epoch, count in enumerate(counts, 1):
        visit.open("mistakes", run=run.id, truth="6", predicted="0", epoch=str(epoch))
        assert f"{count} shirts taken for T-shirt/top" in visit.text()
        assert (f"After epoch {epoch} it gets" in visit.text()) == (epoch < 3)


def test_without_an_epoch_the_one_that_the_run_kept_is_shown(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 4, result_epoch=2)
    correct = (store.predictions(run.id)["test_predictions_by_epoch"] == labels).sum(axis=1)
    assert len(set(correct)) == 4
    for epoch, names in (
        (None, "It gets"),
        (2, "It gets"),
        (4, "After epoch 4 it gets"),
        (9, "It gets"),
    ):
        visit.open("mistakes", run=run.id, **({} if epoch is None else {"epoch": str(epoch)}))
        count = correct[3 if epoch == 4 else 1]
        assert f"{names} **{count / 100:.1f} % (±" in visit.text()
        assert "It kept the network of epoch 2, the best by validation loss." in visit.text()
        assert visit.app.query_params.get("epoch", [None])[0] == ("4" if epoch == 4 else None)


def test_several_cells_stand_in_the_address(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 2)
    count = sum(count_of(store, run.id, labels, 2, cell) for cell in ((6, 0), (0, 6)))
    visit.open("mistakes", run=run.id, cells="60-06-zz-٣٣")
    assert f"{count} pictures in 2 cells" in visit.text()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ({"answers": "right"}, "it gets right"),
        ({"answers": "both"}, "All 10,000 pictures"),
        ({"truth": "6", "answers": "wrong"}, "shirts that it gets wrong"),
        ({"truth": "6"}, "1,000 shirts\n"),
        ({"truth": "6", "predicted": "6"}, "shirts that it gets right"),
        ({"predicted": "6", "answers": "right"}, "pictures taken for Shirt that it gets right"),
    ],
    ids=str,
)
def test_the_heading_says_what_is_shown(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8], address: dict[str, str], words: str
) -> None:
    run = learned(store, labels, 1)
    visit.open("mistakes", run=run.id, **address)
    assert words in visit.text()


def test_a_filter_keeps_only_what_it_says(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    probabilities = store.predictions(run.id)["test_probabilities"]
    confidence = 100 * probabilities.max(axis=1)
    misclassified = probabilities.argmax(axis=1) != labels
    expected = int((misclassified & (confidence >= 40) & (confidence <= 50)).sum())
    address = {"run": run.id, "sure": "40-50"}
    visit.open("mistakes", **address)
    assert f"All {expected:,} pictures it gets wrong" in visit.text()


@pytest.mark.parametrize("text", ["90-10", "x", "-", "1-2-3", "٣-٩", "0-1000", "9" * 99])
def test_nonsense_ranges_count_as_absent(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8], text: str
) -> None:
    run = learned(store, labels, 1)
    address = {"run": run.id, "sure": text}
    visit.open("mistakes", **address)
    assert "pictures it gets wrong" in visit.text()
    assert visit.app.slider[0].value == (0, 100)


def test_sort_and_filter_change_the_address_and_start_at_page_one(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 2)
    visit.open("mistakes", run=run.id, page="3")
    visit.choose("Sorted", "Largest loss first")
    assert visit.app.query_params == {"run": run.id, "sort": "loss"}
    visit.app.slider[0].set_range(30, 60)
    visit.run()
    assert visit.app.query_params["sure"] == "30-60"
    assert "label the network found least likely" in visit.text()


def test_the_gallery_is_sorted_by_similarity_to_a_picture(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8], data: Dataset
) -> None:
    run = learned(store, labels, 1)
    predicted = store.predictions(run.id)["test_predictions_by_epoch"][-1]
    mistakes = np.flatnonzero(predicted != labels)
    image_index = int(mistakes[50])
    visit.open("mistakes", run=run.id, picture=str(image_index), page="2")
    visit.button("Sort the gallery by similarity to it").click()
    visit.run()
    assert visit.app.query_params == {"run": run.id, "sort": "similar", "like": str(image_index)}
    assert "most similar to the chosen one" in visit.text()
    differences = data.test_images[mistakes].astype(float) - data.test_images[image_index].astype(
        float
    )
    order = mistakes[np.argsort((differences**2).sum(axis=(1, 2)), kind="stable")]
    visit.open("mistakes", **visit.app.query_params, picture=str(order[0]))
    assert f"1 of {len(mistakes):,}" in visit.text()
    visit.walk("next")
    assert visit.app.query_params["picture"] == str(order[1])
    visit.open("mistakes", run=run.id, sort="similar")
    assert "most confident answers come first" in visit.text()


def with_network(run: Run, name: str = "weights.npz") -> str:
    """Add a network to the record of a run; returns what names tasks on that network."""
    file = run.path / "run.json"
    record = json.loads(file.read_text())
    record["artifacts"][name] = "ab" * 32
    file.write_text(json.dumps(record))
    return f"{run.id}-{'ab' * 8}"


def cache_result(store: RunStore, key: str, **arrays: np.ndarray) -> None:
    """Put the result of a task into the cache of the engine."""
    folder = store.root / ".shared" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder / f"{key}.npz", arrays)


def test_a_picture_shows_what_the_network_looks_at(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8], data: Dataset
) -> None:
    run = learned(store, labels, 2)
    visit.open("mistakes", run=run.id, picture="17", about="sight")
    assert "kept only its answers and not its network" in visit.text()
    with_network(run, "model.keras")
    visit.open("mistakes", run=run.id, picture="17", about="sight")
    assert "an earlier version, whose networks can no longer be opened" in visit.text()
    assert "Its answers and curves are kept. Train it again" in visit.text()
    key = with_network(run)
    visit.open("mistakes", run=run.id, picture="17", about="sight")
    assert "Waiting for the engine" in visit.text()
    strength = np.where(data.test_images[17] > 0, 0.3, 0.1).astype(np.float32)
    cache_result(store, f"saliency-{key}-17", saliency=strength, answer=np.array(6))
    visit.open("mistakes", run=run.id, picture="17", about="sight", epoch="1")
    share = 100 * strength[data.test_images[17] > 0].sum() / strength.sum()
    assert "the answer *Shirt* would change" in visit.text()
    assert f"**{share:.0f} %** of the strength lies on the clothes" in visit.text()
    assert "the network as it ended, not after this epoch" in visit.text()


def test_near_in_the_networks_eyes_is_another_question_than_near_in_pixels(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8], data: Dataset
) -> None:
    run = learned(store, labels, 1)
    indices = np.tile(np.flatnonzero(data.train_labels == labels[17])[:12], (10_000, 1))
    indices[17, :5] = np.flatnonzero(data.train_labels != labels[17])[:5]
    cache_result(
        store,
        f"feature-neighbours-{with_network(run)}",
        numbers=indices.astype(np.uint16),
        distances=np.ones((10_000, 12), np.float32),
    )
    visit.open("mistakes", run=run.id, picture="17", about="nearest")
    assert "most similar to it, pixel by pixel" in visit.text()
    visit.choose("Similar by", "The network's features")
    assert visit.app.query_params["near"] == "network"
    assert "**7 of the 12** training pictures most similar to it, by the network's features" in (
        visit.text()
    )


def test_page_and_filter_survive_going_to_a_picture_and_back(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 2)
    address = {"run": run.id, "page": "2", "sort": "number", "sure": "20-90"}
    visit.open("mistakes", **address, picture="17")
    assert "Test picture" not in visit.text()
    visit.walk("left")
    assert visit.app.query_params == address


def test_next_and_previous_walk_along_the_wall(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    predicted = store.predictions(run.id)["test_predictions_by_epoch"][-1]
    mistakes = np.flatnonzero(predicted != labels)
    visit.open("mistakes", run=run.id, sort="number", picture=str(mistakes[0]))
    visit.walk("next")
    assert visit.app.query_params["picture"] == str(mistakes[1])
    assert f"2 of {len(mistakes):,}" in visit.text()
    visit.walk("previous")
    assert visit.app.query_params["picture"] == str(mistakes[0])


def test_another_run_keeps_the_selection_and_drops_the_epoch(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    first, second = (learned(store, labels, 3, seed) for seed in (1, 2))
    visit.open("mistakes", run=first.id, truth="6", predicted="0", epoch="2", page="2")
    (_, runs) = next(one for one in visit.components("choice") if one[1]["label"] == "Run")
    named = {option["id"]: option["text"] for option in runs["options"]}
    visit.choose("Run", named[second.id])
    assert visit.app.query_params == {"run": second.id, "truth": "6", "predicted": "0"}
    count = count_of(store, second.id, labels, 3, (6, 0))
    assert f"{count} shirts taken for T-shirt/top" in visit.text()


def test_an_empty_cell_says_so(visit: Visit, store: RunStore, labels: NDArray[np.uint8]) -> None:
    run = learned(store, labels, 1)
    visit.open("mistakes", run=run.id, truth="1", predicted="8")
    assert "0 trousers taken for Bag" in visit.text()
    assert "No picture falls into this cell" in visit.text()


def test_a_perfect_class_says_so(visit: Visit, store: RunStore, labels: NDArray[np.uint8]) -> None:
    run = learned(store, labels, 1, perfect=(1,))
    visit.open("mistakes", run=run.id, truth="1", answers="wrong")
    assert "It gets all trousers right." in visit.text()


def test_a_perfect_run_has_no_mistake_to_show(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1, perfect=tuple(range(10)))
    visit.open("mistakes", run=run.id)
    assert "all of the 10,000 test pictures right" in visit.text()
    assert "there is no mistake to show" in visit.text()


def test_a_range_without_pictures_says_how_to_widen_it(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    address = {"run": run.id, "sure": "0-1"}
    visit.open("mistakes", **address)
    assert "Widen the range" in visit.text()


def test_runs_with_one_epoch_and_with_none_kept_say_so(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    visit.open("mistakes", run=learned(store, labels, 1).id)
    assert "It trained for one epoch" in visit.text()
    visit.open("mistakes", run=done(store, labels).id)
    assert "kept only its last answers" in visit.text()


def test_a_run_stopped_before_its_first_epoch_says_so(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    from fmnist_core.runs import RunWriter

    learned(store, labels, 1)
    run = store.create(PRESETS["LeNet"], by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    writer.start(0, {})
    writer.finish("stopped", None)
    visit.open("mistakes", run=run.id)
    assert "It was stopped before its first epoch ended." in visit.text()
    assert visit.button("Look at the newest run instead")


def test_an_epoch_whose_file_is_lost_says_so_and_breaks_nothing(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 3)
    (run.path / "epochs" / "0002.npz").write_bytes(b"PK")
    visit.open("mistakes", run=run.id, epoch="2")
    (error,) = visit.app.error
    assert "predictions after epoch 2 cannot be read" in error.value
    assert "Its result is shown instead." in error.value
    assert "of the 10,000 test pictures right" in visit.text()
    assert str(run.path) not in visit.text()


def test_a_picture_tells_its_story_and_what_others_say(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 4)
    for seed in (2, 3):
        learned(store, labels, 1, seed)
    predicted = store.predictions(run.id)["test_predictions_by_epoch"]
    correct = predicted == labels
    image_index = int(np.flatnonzero(correct[0] & ~correct[1] & ~correct[2] & correct[3])[0])
    visit.open("mistakes", run=run.id, picture=str(image_index))
    assert "It was learned twice and forgotten once." in visit.text()
    other_ids = [other_run.id for other_run in store.list() if other_run.id != run.id]
    count = sum(
        store.predictions(other_id)["test_probabilities"][image_index].argmax()
        == labels[image_index]
        for other_id in other_ids
    )
    visit.open("mistakes", run=run.id, picture=str(image_index), about="others")
    assert f"**{count} of 2** other runs get it right." in visit.text()
    visit.open("mistakes", run=run.id, picture=str(image_index), about="nearest")
    assert "training pictures most similar to it" in visit.text()


def test_a_damaged_other_run_is_counted_and_breaks_nothing(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    broken, run = learned(store, labels, 1, 2), learned(store, labels, 1)
    (broken.path / "predictions.npz").write_bytes(b"PK")
    visit.open("mistakes", run=run.id, picture="17", about="others")
    assert "**0 of 0** other runs" in visit.text()
    assert "1 could not be asked" in visit.text()


def test_a_run_that_kept_no_epochs_has_no_story(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = done(store, labels)
    visit.open("mistakes", run=run.id, picture="17")
    assert "kept only its last answers, so the way to them is not known" in visit.text()
    (button,) = [one for one in visit.app.button if one.label.startswith("Train it again")]
    button.click()
    visit.run()
    (again,) = [one for one in store.list() if one.id != run.id]
    assert (again.spec, again.name, again.state) == (run.spec, run.name, "queued")
    assert visit.app.query_params == {"run": again.id}


def test_classes_are_told_in_words_that_lead_to_their_pictures(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    predicted = store.predictions(run.id)["test_predictions_by_epoch"][-1]
    count = int(((labels == 6) & (predicted == 0)).sum())
    visit.open("mistakes", run=run.id, view="classes")
    assert "It is worst at shirts: it finds **" in visit.text()
    (button,) = [
        button
        for button in visit.app.button
        if button.label.startswith("1 in") and f"a T-shirt ({count})" in button.label
    ]
    assert button.label == (
        f"1 in {round(1000 / count)} shirts is mistaken for a T-shirt ({count})"
    )
    button.click()
    visit.run()
    assert visit.app.query_params == {"run": run.id, "truth": "6", "predicted": "0"}
    assert f"{count} shirts taken for T-shirt/top" in visit.text()


def test_a_row_of_the_scores_leads_to_the_pictures_of_its_class(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    visit.open("mistakes", run=run.id, view="classes")
    ((element, data),) = visit.components("class_scores")
    assert data["html"].index(">Shirt<") < data["html"].index(">Trouser<")
    visit.act(element, "opened", 6)
    assert visit.app.query_params == {"run": run.id, "truth": "6"}
    for made_up in (10, -1, "6", None, True):
        visit.open("mistakes", run=run.id, view="classes")
        ((element, _),) = visit.components("class_scores")
        visit.act(element, "opened", made_up)
        assert visit.app.query_params["view"] == "classes"


def test_a_perfect_run_confuses_nothing(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1, perfect=tuple(range(10)))
    for view in ("classes", "sure", "luck"):
        visit.open("mistakes", run=run.id, view=view)
        assert not visit.app.error
    visit.open("mistakes", run=run.id, view="classes")
    assert "there is no mistake to show" in visit.text()


def test_the_threshold_says_what_it_costs_and_brings(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    probabilities = store.predictions(run.id)["test_probabilities"]
    is_answered = probabilities.max(axis=1) >= np.float32(0.6)
    correct = int((probabilities.argmax(axis=1) == labels)[is_answered].sum())
    visit.open("mistakes", run=run.id, view="sure", threshold="60")
    assert f"It answers for **{is_answered.sum():,}** of 10,000" in visit.text()
    assert f"**{100 * correct / is_answered.sum():.2f} %**" in visit.text()
    visit.app.slider[0].set_value(100)
    visit.run()
    assert visit.app.query_params["threshold"] == "100"


def test_mistakes_are_counted_over_the_seeds_of_a_configuration(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run, duplicate = learned(store, labels, 2), learned(store, labels, 2, seed=9)
    learned(store, labels, 3, seed=4, name="Longer")
    predicted, replicate_predicted = (
        store.predictions(one.id)["test_probabilities"].argmax(axis=1) for one in (run, duplicate)
    )
    both = int(((predicted != labels) & (replicate_predicted != labels)).sum())
    alone = int((predicted != labels).sum()) - both
    visit.open("mistakes", run=run.id, view="luck")
    assert f"**{both}**: these are systematic. **{alone}** are made" in visit.text()
    assert f"{both} pictures that 2 of 2 runs get wrong" in visit.text()
    visit.open("mistakes", run=run.id, view="luck", by="1")
    assert f"{alone} pictures that 1 of 2 runs gets wrong" in visit.text()


def test_seed_variance_needs_a_second_run(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    visit.open("mistakes", run=run.id, view="luck")
    assert "The mistakes that remain are systematic" in visit.text()
    assert [one for one in visit.app.button if one.label.startswith("Train it twice more")]
    broken = learned(store, labels, 1, seed=2)
    (broken.path / "predictions.npz").write_bytes(b"PK")
    visit.open("mistakes", run=run.id, view="luck")
    assert "1 more could not be asked" in visit.text()


def test_an_annotation_is_kept_and_shown_beside_the_official_figure(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    predicted = store.predictions(run.id)["test_predictions_by_epoch"][-1]
    image_index = int(np.flatnonzero(predicted != labels)[0])
    visit.open("mistakes", run=run.id, view="verdicts")
    assert "No verdicts yet" in visit.text()
    visit.open("mistakes", run=run.id, picture=str(image_index), about="notes")
    visit.button("Label wrong").click()
    visit.run()
    visit.app.text_area[0].set_value("It <b>is</b> a coat.")
    visit.run()
    visit.app.text_input[0].set_value("odd dark")
    visit.run()
    annotation = Annotations(store.root).all()[image_index]
    assert annotation == Annotation("label wrong", "It <b>is</b> a coat.", ("odd", "dark"))
    visit.open("mistakes", run=run.id, view="verdicts")
    share = (predicted == labels).mean()
    figures = [metric.value for metric in visit.app.metric]
    assert figures[0].startswith(f"{100 * share:.1f} % ±")
    assert figures[1].startswith(f"{100 * (share + 1e-4):.1f} % ±")
    assert figures[2] == "1"
    visit.app.text_input[0].set_value("never said")
    visit.run()
    assert "No verdict and no note says that." in visit.text()


@pytest.mark.parametrize(
    "address",
    [
        {"view": "../../etc/passwd"},
        {"view": "sure", "threshold": "-5"},
        {"view": "luck", "by": "99"},
        {"view": "luck", "by": "0"},
        {"picture": "17", "about": "<script>"},
        {"cells": "9" * 1000},
        {"epoch": "0"},
        {"epoch": "9999"},
        {"scale": "x", "order": "x", "sort": "x", "answers": "x"},
    ],
    ids=str,
)
def test_nonsense_in_the_address_counts_as_absent(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8], address: dict[str, str]
) -> None:
    run = learned(store, labels, 2)
    learned(store, labels, 2, seed=3)
    visit.open("mistakes", run=run.id, **address)
    assert not visit.app.error
    assert "wrong" in visit.text() or "right" in visit.text()
    assert "passwd" not in visit.text()


def test_the_heading_of_an_open_picture_is_about_it(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    probabilities = store.predictions(run.id)["test_probabilities"]
    predicted = probabilities.argmax(axis=1)
    for correct in (True, False):
        image_index = int(np.flatnonzero((predicted == labels) == correct)[5])
        visit.open("mistakes", run=run.id, picture=str(image_index))
        (heading,) = [one.value for one in visit.app.subheader]
        percent = round(100 * float(probabilities[image_index].max()))
        said = f"It says {CLASS_NAMES[predicted[image_index]]}, {percent}\N{NO-BREAK SPACE}%"
        label = CLASS_NAMES[labels[image_index]]
        assert heading == f"{said}{', and is right.' if correct else f'. It is labelled {label}.'}"
        assert ("Not among the pictures of the gallery." in visit.text()) == correct
    assert re.search(r"[\d,]+ of [\d,]+ pictures it gets wrong", visit.text())


def test_captions_say_whose_word_they_are_and_whether_it_is_right(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    for mark in ("wrong", "right"):
        visit.open("mistakes", run=run.id, predicted="0", answers=mark)
        tiles = next(data for _, data in visit.components("gallery"))["tiles"]
        assert tiles
        for one in tiles:
            assert re.fullmatch(
                rf"says T-shirt/top\n\d+\N{{NO-BREAK SPACE}}%, {mark}", one["caption"]
            )
            assert one["tone"] == mark


def test_a_confidence_is_a_hundred_percent_only_where_nothing_is_missing() -> None:
    texts = [confidence_text(probability) for probability in (0.994, 0.999, 0.9996, 1.0, 0.0)]
    assert texts == [f"{count}\N{NO-BREAK SPACE}%" for count in (99, 99, 100, 100, 0)]


def test_every_empty_part_offers_what_fills_it(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    visit.open("mistakes")
    assert "No network was trained" in visit.text()
    (first,) = [one for one in visit.app.button if one.label.startswith("Train a simple network")]
    # By what other computers took, until a run here has ended.
    assert re.search(r", roughly \d+ (s |min )?to \d+ (s|min)$", first.label)
    run = learned(store, labels, 2)
    time = "about 8 s"
    visit.open("mistakes", run=run.id, picture="17", about="others")
    assert visit.button(f"Train it once more with another seed, {time}")
    visit.open("mistakes", run=run.id, picture="17", about="sight")
    assert visit.button(f"Train it again, {time}")
    visit.open("mistakes", run=run.id, view="verdicts")
    visit.button("Judge the suspicious labels").click()
    visit.run()
    assert visit.app.query_params == {"run": run.id, "view": "suspects"}


def test_the_first_network_is_trained_at_a_click(visit: Visit, store: RunStore) -> None:
    visit.open("mistakes")
    (button,) = [one for one in visit.app.button if one.label.startswith("Train a simple network")]
    button.click()
    visit.run()
    (run,) = store.list()
    assert (run.name, run.state) == ("Simple network", "queued")
    assert visit.app.query_params == {"run": run.id}


def test_a_run_that_trains_can_be_watched_instead(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = store.create(PRESETS["LeNet"], by=Actor.owner())
    visit.open("mistakes", run=run.id)
    assert "Wait until its training has ended." in visit.text()
    assert "Watch it train" in [link.label for link in visit.app.page_link]


def test_an_annotation_is_saved_at_the_click_and_taken_back_by_a_second_one(
    visit: Visit, store: RunStore, labels: NDArray[np.uint8]
) -> None:
    run = learned(store, labels, 1)
    visit.open("mistakes", run=run.id, picture="17")
    for expected in ({17: Annotation("model wrong")}, {}):
        visit.button("Network wrong").click()
        visit.run()
        assert Annotations(store.root).all() == expected
        assert visit.app.query_params["picture"] == "17"
    visit.button("Network wrong").click()
    visit.run()
    visit.open("mistakes", run=run.id, view="verdicts")
    (tiles,) = [data["tiles"] for _, data in visit.components("gallery")]
    assert tiles[0]["caption"].endswith("✎ network wrong")
    visit.app.text_input[0].set_value("network wrong")
    visit.run()
    assert "No verdict and no note says that." not in visit.text()
