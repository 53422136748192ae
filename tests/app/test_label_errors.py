"""Suspicious labels without a browser: who is asked, what is found, what a verdict changes."""

from __future__ import annotations

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_voters import voter

from fmnist_core.annotations import Annotation, Annotations
from fmnist_core.dataset import CLASS_NAMES, Dataset, stratified_split
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.runs.cross_validation import fold_specs, missing_folds


def test_labels_that_the_networks_contradict_together_are_listed(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    voter(store, data, 1, test=(17, 23))
    run = voter(store, data, 2, test=(17,))
    visit.open("mistakes", run=run.id, view="suspects")
    assert "**2 networks** were asked" in visit.text()
    assert "they contradict **1** label with" in visit.text()
    label = int(data.test_labels[17])
    both = f"Labelled **{CLASS_NAMES[label]}**; all 2 networks say"
    assert f"{both} **{CLASS_NAMES[(label + 1) % 10]}**." in visit.text()


def test_training_pictures_are_voted_on_only_by_networks_that_held_them_out(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    held = [stratified_split(data.train_labels, 0.1, 1, part)[1] for part in range(3)]
    doubted = int(held[1][5])
    # The first run contradicts it as well, but it was trained on it and is not asked.
    run = voter(store, data, 0, train=(doubted,))
    voter(store, data, 1, train=(doubted,))
    visit.open("mistakes", run=run.id, view="suspects", of="train")
    assert "12,000 of 60,000 training pictures were judged" in visit.text()
    assert "they contradict **1** label with" in visit.text()
    assert "the network says" in visit.text()
    visit.open("mistakes", run=run.id, view="suspects", of="train", suspect=str(held[2][0]))
    assert "No network has judged it." in visit.text()


def test_networks_of_noisy_labels_and_weak_ones_vote_on_nothing(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = voter(store, data, 0, test=(17,))
    voter(store, data, 1, label_noise=0.2)
    voter(store, data, 2, test=tuple(range(1_000)))
    visit.open("mistakes", run=run.id, view="suspects")
    assert "**One network was asked**" in visit.text()
    assert "it contradicts **1** label with" in visit.text()


def test_the_missing_parts_are_queued_once(visit: Visit, store: RunStore, data: Dataset) -> None:
    run = voter(store, data, 0, name="Mine")
    voter(store, data, 4)
    assert len(fold_specs(run.spec)) == 10
    left = missing_folds(run.spec, store.list())
    assert [spec.training.validation_fold for spec in left] == [1, 2, 3, 5, 6, 7, 8, 9]
    visit.open("mistakes", run=run.id, view="suspects", of="train")
    visit.button("Train the 8 missing parts").click()
    visit.run()
    queued = [one for one in store.list() if one.state == "queued"]
    assert sorted(one.spec.training.validation_fold for one in queued) == [1, 2, 3, 5, 6, 7, 8, 9]
    assert "Mine, part 2 of 10" in {one.name for one in queued}
    assert "8 of 10 parts are being trained or wait for it." in visit.text()
    assert not visit.buttons("Train the 8 missing parts")
    assert missing_folds(run.spec, store.list()) == []


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({"label_noise": 0.1}, "it judges no label"),
        ({"validation_share": 0.0}, "choose a run that kept 5 to 50 % aside"),
        ({"validation_share": 0.01}, "kept 1 % of the pictures aside"),
    ],
    ids=str,
)
def test_a_run_that_cannot_be_rotated_says_why(
    visit: Visit, store: RunStore, data: Dataset, training: dict[str, float], words: str
) -> None:
    run = voter(store, data, 0, test=(), train=(), name=None, **training)
    visit.open("mistakes", run=run.id, view="suspects", of="train")
    assert words in visit.text()
    assert not [button for button in visit.app.button if "missing" in button.label]


def test_a_run_that_kept_no_held_out_answers_votes_on_no_training_picture(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = learned(store, np.asarray(data.test_labels), 1)
    visit.open("mistakes", run=run.id, view="suspects", of="train")
    assert "No network can judge these pictures yet" in visit.text()
    assert "0 of 60,000" in visit.text()


def test_an_annotation_moves_on_and_stands_beside_the_official_figure(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = voter(store, data, 0, test=(17, 23, 42))
    visit.open("mistakes", run=run.id, view="suspects")
    assert "1 of 3" in visit.text()
    visit.button("Label wrong").click()
    visit.run()
    assert Annotations(store.root).all() == {17: Annotation("label wrong")}
    assert visit.app.query_params["suspect"] == "23"
    metrics = {one.label: one.value for one in visit.app.metric}
    assert metrics["Test accuracy"].startswith("100.0 % (99.9")
    assert metrics["Test pictures with a verdict"] == "1"
    visit.walk("previous")
    visit.button("Label wrong").click()
    visit.run()
    assert Annotations(store.root).all() == {}
    assert visit.app.query_params["suspect"] == "17"


def test_an_annotation_of_a_training_picture_keeps_its_note_and_is_found_again(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    doubted = int(stratified_split(data.train_labels, 0.1, 1, 0)[1][7])
    run = voter(store, data, 0, train=(doubted,))
    Annotations(store.root).annotate(
        doubted, Annotation(note="A bag?", tags=("odd",)), "train", by=Actor.owner()
    )
    visit.open("mistakes", run=run.id, view="suspects", of="train")
    visit.button("Cannot tell").click()
    visit.run()
    kept = Annotations(store.root).all("train")
    assert kept == {doubted: Annotation("cannot tell", "A bag?", ("odd",))}
    visit.open("mistakes", run=run.id, view="suspects", of="train", left="1")
    assert "Every suspicious label has a verdict." in visit.text()
    visit.open("mistakes", run=run.id, view="verdicts")
    assert "Training pictures" in visit.text()
    visit.app.text_input[0].set_value("ODD")
    visit.run()
    assert "No verdict and no note says that." not in visit.text()


@pytest.mark.parametrize(
    "address",
    [{"of": "x"}, {"suspect": "99999"}, {"suspect": "../x"}, {"left": "<b>"}, {"page": "9999"}],
    ids=str,
)
def test_nonsense_in_the_address_counts_as_absent(
    visit: Visit, store: RunStore, data: Dataset, address: dict[str, str]
) -> None:
    run = voter(store, data, 0, test=(17,))
    visit.open("mistakes", run=run.id, view="suspects", **address)
    assert not visit.app.error
    assert "Labelled **" in visit.text()
