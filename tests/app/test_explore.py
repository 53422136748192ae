"""Explore data: what its buttons do to the page and to the address."""

from __future__ import annotations

import numpy as np
import pytest
from app_visit import Visit

import ui.context
from fmnist_core.dataset import CLASS_NAMES, Attempt, Dataset, DatasetUnavailable, load


def choose(visit: Visit, label: str, value: object) -> None:
    (group,) = [group for group in visit.app.button_group if group.label == label]
    group.set_value(value)
    visit.run()


def address(visit: Visit) -> dict[str, str]:
    """The address without what is empty; AppTest gives every value as a list."""
    found = visit.app.query_params
    return {k: v[0] if isinstance(v, list) else v for k, v in found.items()}


def test_a_class_goes_into_the_address_and_the_page_shows_only_it(
    visit: Visit, data: Dataset
) -> None:
    visit.open("explore")
    choose(visit, "Classes", [1])
    assert address(visit) == {"split": "test", "class": "1"}
    assert "1,000 pictures" in visit.text()
    first = int(np.flatnonzero(np.asarray(data.test_labels) == 1)[0])
    assert f"Test picture **{first}**, class 1." in visit.text()


def test_another_choice_starts_at_the_first_page_and_the_first_picture(visit: Visit) -> None:
    visit.open("explore", **{"class": "1", "page": "3", "picture": "1729"})
    choose(visit, "Classes", [1, 9])
    assert address(visit) == {"split": "test", "class": "1-9"}
    choose(visit, "Pictures for", "Training")
    assert address(visit) == {"split": "train", "class": "1-9"}
    assert "12,000 pictures" in visit.text()


def test_an_address_that_was_shared_fills_the_page_as_it_was(visit: Visit, data: Dataset) -> None:
    visit.open("explore", **{"split": "train", "class": "1-9", "page": "2", "picture": "4711"})
    chosen = {group.label: group.value for group in visit.app.button_group}
    assert chosen == {"Pictures for": "Training", "Classes": [1, 9]}
    name = CLASS_NAMES[int(data.train_labels[4711])]
    assert name in [header.value for header in visit.app.header]
    assert "Training picture **4,711**" in visit.text()
    assert address(visit)["page"] == "2"


@pytest.mark.parametrize("found", [True, False])
def test_try_again_looks_for_the_pictures_once_more_and_may_download(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, found: bool
) -> None:
    asked: list[bool] = []

    def search(*, download: bool) -> Dataset:
        asked.append(download)
        if found and any(asked):
            return load(download=False)
        raise DatasetUnavailable((Attempt("the internet", "it could not be reached"),))

    monkeypatch.setattr(ui.context, "load", search)
    visit.open("explore")
    assert not any(asked)
    visit.button("Try again").click()
    visit.run()
    assert any(asked)
    assert ("10,000 pictures" in visit.text()) == found
    assert bool(visit.buttons("Try again")) != found
