"""The scenes of Present: what each page shows as one thing, without a run and with some."""

from __future__ import annotations

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import SPEC, done, report_epochs
from made_weights import made_weights

from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore, RunWriter
from ui.formatting import answer_text

PAGES = ("overview", "explore", "train", "compare", "mistakes", "inside", "try")


@pytest.fixture
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


def presented(visit: Visit) -> bool:
    """Whether the frame's own part says that a scene is shown."""
    ((_, state),) = visit.components("present")
    return bool(state["presented"])


def scene(visit: Visit) -> tuple[str, str]:
    """Title and sentence of the scene, as HTML."""
    html = [str(part.value) for part in visit.app.html]
    (title,) = [part for part in html if part.startswith("<h1")]
    html.append(visit.live("sentence"))
    (sentence,) = [part for part in html if part.startswith('<p class="fm-scene-sentence')]
    return title, sentence.replace("\N{NO-BREAK SPACE}", " ")


def go(visit: Visit, page: str, presented: bool = True) -> None:
    ((element, _),) = visit.components("present")
    visit.act(element, "wanted", {"page": page, "presented": presented})


@pytest.mark.parametrize("page", PAGES)
def test_without_a_run_every_page_has_a_scene_and_nothing_to_click(
    visit: Visit, data: Dataset, page: str
) -> None:
    visit.open(page, present="1")
    assert presented(visit)
    title, sentence = scene(visit)
    assert "><" not in title
    assert "><" not in sentence
    assert not visit.app.button
    assert not visit.components("choice")


@pytest.mark.parametrize("page", PAGES)
def test_with_runs_a_scene_has_its_thing(
    visit: Visit, store: RunStore, labels: np.ndarray, page: str
) -> None:
    for seed in (1, 2):
        learned(store, labels, 3, seed=seed, networks=[made_weights(SPEC)] * 3)
    visit.open(page, present="1")
    title, sentence = scene(visit)
    things = {
        "overview": ("What is this?", "It is labelled "),
        "explore": ("Ten kinds of clothes", "70,000 small grey pictures"),
        "train": ("seed 2", "of the 10,000 test pictures right."),
        "compare": ("Which network is better?", ", the best of these 2."),
        "mistakes": (" wrong<", " mistaken for "),
        "inside": ("From the picture to the answer", "what each layer makes of it"),
        "try": ("Can it recognise yours?", " while you draw."),
    }
    assert things[page][0] in title
    assert things[page][1] in sentence
    html = "".join(str(part.value) for part in visit.app.html if "<style>" not in str(part.value))
    charts = [*visit.components("chart"), *visit.components("live_chart")]
    matrices = visit.components("confusion_matrix")
    insides, pads = visit.components("inside"), visit.components("try_own")
    thing = {
        "train": charts,
        "compare": charts,
        "mistakes": matrices,
        "inside": insides,
        "try": pads,
    }.get(page)
    assert len(thing) == 1 if thing is not None else "fm-picture" in html
    assert all(data["height"] == 0 for _, data in charts)


def test_what_the_address_says_is_what_is_presented(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    run = learned(store, labels, 3)
    learned(store, labels, 3, seed=2)
    visit.open("mistakes", run=run.id, picture="17", present="1")
    shares = store.predictions(run.id)["test_probabilities"][17]
    predicted = int(shares.argmax())
    answer = answer_text(int(labels[17]), predicted, float(shares[predicted]))
    assert answer.replace("\N{NO-BREAK SPACE}", " ") in scene(visit)[1]
    visit.open("mistakes", run=run.id, view="suspects", suspect="5", present="1")
    assert f"It is labelled {CLASS_NAMES[labels[5]]}." in scene(visit)[1]
    # The one that the page opens by itself.
    visit.open("mistakes", run=run.id, view="suspects", present="1")
    assert "It is labelled " in scene(visit)[1]
    visit.open("explore", picture="17", present="1")
    assert f"Its label says {CLASS_NAMES[labels[17]]}." in scene(visit)[1]
    visit.open("explore", view="map", picture="17", close="1", present="1")
    assert f"Its label says {CLASS_NAMES[labels[17]]}." in scene(visit)[1]
    # The page's sheet is of the gallery's class, else of its own.
    visit.open("explore", view="sheet", **{"class": "3"}, present="1")
    assert f">{CLASS_NAMES[3]}<" in scene(visit)[0]
    visit.open("explore", view="sheet", present="1")
    assert f">{CLASS_NAMES[6]}<" in scene(visit)[0]
    visit.open("train", run="0" * 32, present="1")
    assert ">Nothing to show<" in scene(visit)[0]


def test_a_training_is_presented_while_it_goes_on(visit: Visit, store: RunStore) -> None:
    run = store.create(SPEC, by=Actor.owner())
    report_epochs(RunWriter(store.root, run.id, run.attempt), 2)
    visit.open("train", present="1")
    title, sentence = scene(visit)
    assert run.name in title
    assert "Epoch " in sentence
    visit.open("compare", runs=run.id, present="1")
    assert "None of them has finished yet." in scene(visit)[1]


def test_the_way_leads_in_to_another_scene_and_out_again(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    run = done(store, labels)
    visit.open("mistakes", run=run.id, picture="17")
    go(visit, "mistakes")
    assert visit.app.query_params["present"] == "1"
    go(visit, "mistakes", presented=False)
    assert not presented(visit)
    assert visit.app.query_params == {"run": run.id, "picture": "17"}
    go(visit, "compare")
    assert "Which network is better?" in scene(visit)[0]


@pytest.mark.parametrize(
    "value", [None, 1, "train", {}, {"page": "nowhere", "presented": True}, {"page": "train"},
              {"page": "train", "presented": 1}, {"page": ["train"], "presented": True}],
)  # fmt: skip
def test_nothing_that_the_browser_would_never_send_leads_anywhere(
    visit: Visit, value: object
) -> None:
    visit.open("compare")
    ((element, _),) = visit.components("present")
    visit.act(element, "wanted", value)
    assert not presented(visit)
    assert "present" not in visit.app.query_params
