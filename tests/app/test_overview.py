"""Overview without a browser: the mistake it begins with, the story, the ladder, the runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import damaged, done, failed, interrupted
from made_voters import voter

from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.presets import PRESETS
from fmnist_core.presets.measured import MEASURED
from fmnist_core.runs import RunStore
from ui.overview.ladder_parts import LONG_STEP, headline, offers

STORY = ["Look at the clothes", "Train a network", "See the mistakes"]


@pytest.fixture(scope="module")
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


def shown_pictures(visit: Visit) -> list[int]:
    """The numbers of the pictures in the galleries of the page."""
    return [tile["number"] for _, data in visit.components("gallery") for tile in data["tiles"]]


def link_to(visit: Visit, words: str) -> str:
    (link,) = [link for link in visit.app.page_link if link.label.startswith(words)]
    return f"{link.proto.page} {link.proto.query_string}"


def ladder_html(visit: Visit) -> str:
    ((_, data),) = visit.components("ladder")
    return str(data["html"])


def test_it_begins_with_a_mistake_of_the_newest_network_and_leads_to_it(
    visit: Visit, store: RunStore, data: Dataset, labels: np.ndarray
) -> None:
    bags, coats = (np.flatnonzero(labels == class_id) for class_id in (8, 4))
    # The other networks are right about them, so their labels are not suspicious.
    for seed in range(2, 5):
        voter(store, data, seed)
    run = voter(store, data, 1, test=(int(bags[3]), int(bags[7]), int(coats[0])), name="Mine")
    visit.open("overview")
    assert "Mine" in visit.text()
    assert "It says Ankle boot, 91\N{NO-BREAK SPACE}%. It is labelled Bag." in visit.text()
    assert "Or is the label wrong?" not in visit.text()
    assert "of 1,000 bags it takes 2 for ankle boots" in visit.text()
    assert shown_pictures(visit) == [bags[3]]
    link = link_to(visit, "See the 2 bags that it takes for ankle boots")
    assert link.startswith("mistakes ")
    assert {f"run={run.id}", "truth=8", "predicted=9"} <= set(link.split()[1].split("&"))
    visit.button("Look at it closely").click()
    visit.run()
    assert visit.app.query_params["picture"] == str(bags[3])
    assert visit.app.query_params["run"] == run.id


def test_where_the_networks_contradict_the_label_it_asks_whether_that_is_wrong(
    visit: Visit, store: RunStore, data: Dataset, labels: np.ndarray
) -> None:
    bag = int(np.flatnonzero(labels == 8)[3])
    for seed in (1, 2):
        voter(store, data, seed, test=(bag,))
    visit.open("overview")
    assert "It is labelled Bag. Or is the label wrong?" in visit.text()


def test_a_run_whose_predictions_cannot_be_read_is_passed_over(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    voter(store, data, 1, test=(17,), name="The readable one")
    broken = voter(store, data, 2, test=(23,), name="The broken one")
    (broken.path / "predictions.npz").write_bytes(b"no predictions")
    visit.open("overview")
    assert shown_pictures(visit) == [17]


def test_without_a_mistake_it_shows_the_ten_classes_and_still_the_story(
    visit: Visit, store: RunStore, data: Dataset, labels: np.ndarray
) -> None:
    voter(store, data, 1)
    visit.open("overview")
    assert [labels[number] for number in shown_pictures(visit)] == list(range(len(CLASS_NAMES)))
    assert [link.label for link in visit.app.page_link if link.label in STORY] == STORY


def test_a_first_training_can_be_watched_from_where_it_was_started(
    visit: Visit, store: RunStore
) -> None:
    visit.open("overview")
    visit.button("Train your first network").click()
    visit.run()
    (run,) = store.list()
    visit.go("overview")
    assert not visit.buttons("Train your first network")
    visit.button("Watch it learn").click()
    visit.run()
    assert visit.app.query_params == {"run": run.id}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_story_has_three_links_with_words_of_their_own(
    visit: Visit, store: RunStore, labels: np.ndarray, count: int
) -> None:
    for seed in range(count):
        learned(store, labels, 1, seed=seed)
    visit.open("overview")
    assert [link.label for link in visit.app.page_link if link.label in STORY] == STORY
    assert not [link for link in visit.app.page_link if link.label == "Go there"]
    primary = [button.label for button in visit.app.button if button.proto.type == "primary"]
    assert primary == ["Look at it closely" if count else "Train your first network"]


def test_before_any_run_the_ladder_says_what_to_expect_and_how_long_it_takes(
    visit: Visit, runs_folder: Path
) -> None:
    visit.open("overview")
    html = ladder_html(visit)
    for measured in MEASURED.values():
        assert f"about {100 * measured.accuracy:.0f} % expected" in html
    without, everything = (
        next(button.label for button in visit.all_buttons() if button.label.startswith(words))
        for words in ("Five without Best CNN, roughly ", "All six, roughly ")
    )
    assert without.endswith(" min")
    assert everything.endswith((" min", " h"))


def test_the_overview_trains_what_the_ladder_lacks_once(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    done(store, labels, PRESETS["LeNet"])
    visit.open("overview")
    (offer,) = [one for one in visit.all_buttons() if one.label.startswith("The missing five")]
    offer.click()
    visit.run()
    waiting = [run for run in store.list() if run.state == "queued"]
    in_order = sorted(waiting, key=lambda run: run.queued_at)
    assert [run.spec for run in in_order] == [PRESETS[n] for n in PRESETS if n != "LeNet"]
    assert not [button for button in visit.all_buttons() if "without" in button.label]
    assert "Next is Simple network" in visit.text()
    visit.button("Stop the ladder").click()
    visit.run()
    assert not store.active()


def test_the_ladder_is_trained_without_its_long_step(visit: Visit, store: RunStore) -> None:
    visit.open("overview")
    (offer,) = [one for one in visit.all_buttons() if "without Best CNN" in one.label]
    offer.click()
    visit.run()
    assert {run.name for run in store.active()} == set(PRESETS) - {"Best CNN"}


def test_offers_name_what_they_train() -> None:
    names = list(PRESETS)
    assert offers(names) == [("Five without Best CNN", names[:5]), ("All six", names)]
    assert offers(names[3:]) == [
        ("Two without Best CNN", names[3:5]),
        ("The missing three", names[3:]),
    ]
    assert offers(names[4:]) == [("Fast CNN", names[4:5]), ("The missing two", names[4:])]
    assert offers(names[5:]) == [("Best CNN", names[5:])]
    assert offers(names[:2]) == [("The missing two", names[:2])]
    assert LONG_STEP == "Best CNN"


def test_the_headline_claims_that_each_is_better_only_where_it_is() -> None:
    rising = [0.87, 0.88, 0.89, 0.91, 0.92, 0.94]
    assert headline([None] * 6) == headline([*rising[:5], None])
    assert headline([None] * 6) == "Six networks, each a step further"
    assert headline(rising) == "Six networks, each better than the last"
    assert headline([0.88, *rising[1:]]) == "Six networks, and not every step helped"


@pytest.mark.parametrize("step", ["0", "3", "6", "99", "-1", "x"])
def test_a_step_of_the_ladder_is_explained(visit: Visit, step: str, runs_folder: Path) -> None:
    visit.open("overview", step=step)
    assert len(visit.app.code) == 1
    assert "83.5" in visit.text()
    opened = int(step) if step in ("3", "6") else 2
    ((_, drawn),) = [
        one for one in visit.components("network_drawing") if "fm-strips" in one[1]["html"]
    ]
    before, now = list(PRESETS)[opened - 2 : opened]
    assert drawn["html"].index(f"Before: {before}") < drawn["html"].index(f"Now: {now}")
    assert "fm-strip-new" in drawn["html"].split("Now: ")[1]
    assert "fm-strip-new" not in drawn["html"].split("Now: ")[0]


def test_the_first_step_has_nothing_before_it(visit: Visit, runs_folder: Path) -> None:
    visit.open("overview", step="1")
    assert not visit.app.code
    assert "Step 1: Simple network" in visit.components("network_drawing")[0][1]["html"]


def test_a_row_of_the_ladder_opens_its_step(visit: Visit, runs_folder: Path) -> None:
    visit.open("overview")
    ((element, _),) = visit.components("ladder")
    visit.act(element, "opened", 4)
    assert visit.chosen("Step") == ["4 · CNN with dropout"]
    assert visit.app.query_params == {"step": "4"}
    for nonsense in (0, 99, "4", None, True):
        visit.act(element, "opened", nonsense)
        assert visit.chosen("Step") == ["4 · CNN with dropout"]


def test_latest_runs_say_how_each_ended_and_lead_to_it(visit: Visit, store: RunStore) -> None:
    failed(store, "The disk is full.")
    interrupted(store)
    broken = damaged(store)
    visit.open("overview")
    text = visit.text()
    for words in ("Failed · ", "Interrupted · ", f"Damaged: {broken.reason}"):
        assert words in text
    assert [link.label for link in visit.app.page_link].count("See what happened") == 2
    # No network has answered, so the first click is still to train one.
    assert visit.button("Train your first network")
