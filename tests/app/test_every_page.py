"""Every page with no run, with runs of every state, with many runs and with a bad address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import (
    SPEC,
    commit_epoch,
    damaged,
    diverged,
    done,
    end,
    failed,
    interrupted,
    report_batches,
    report_epochs,
    stopped,
)
from typed import from_markdown

import fmnist_core.version
import ui.services
from fmnist_core.dataset import Attempt, Dataset, DatasetUnavailable
from fmnist_core.engine import Engine, EngineState
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Control, DamagedRun, Run, RunStore, RunWriter
from ui import rights
from ui.train import probes
from ui.train.code import KEY as CODE

PAGES = ("overview", "explore", "train", "compare", "mistakes", "inside", "try")
NO_RUN = "This run does not exist"
BAD_RUNS = ("../../etc/passwd", "x" * 1000, "0" * 32, "%00", "<script>alert(1)</script>", "")


@pytest.fixture
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


@pytest.fixture
def full_store(store: RunStore, labels: np.ndarray) -> RunStore:
    """Runs of every state that a folder can be in without a worker."""
    done(store, labels, name="The first one")
    stopped(store, labels, name="The second one")
    failed(store, "The disk is full: make room, then press Resume.")
    interrupted(store)
    damaged(store)
    store.create(PRESETS["LeNet"], name="The waiting one", by=Actor.owner())
    return store


def is_titled(visit: Visit) -> bool:
    return bool(visit.app.title) or "<h1" in visit.live("head")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_runs_has_a_title_and_no_error(visit: Visit, page: str) -> None:
    visit.open(page)
    assert is_titled(visit)
    assert not visit.app.error
    assert not visit.app.warning


@pytest.mark.parametrize(
    ("version", "footer"),
    [
        (fmnist_core.version.VERSION, f"Fashion-MNIST Atelier {fmnist_core.version.VERSION}. The"),
        (fmnist_core.version.UNKNOWN, "Fashion-MNIST Atelier, version unknown. The"),
    ],
)
def test_the_footer_says_the_version(
    visit: Visit, version: str, footer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fmnist_core.version, "VERSION", version)
    visit.run()
    assert footer in visit.text()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_runs_of_every_state_does_not_break(
    visit: Visit, page: str, full_store: RunStore
) -> None:
    visit.open(page)
    assert is_titled(visit)


def test_overview_without_a_run_offers_the_first_training(visit: Visit, store: RunStore) -> None:
    visit.open("overview")
    visit.button("Train your first network").click()
    visit.run()
    (run,) = store.list()
    assert run.state == "queued"
    assert run.spec == PRESETS["Simple network"]
    assert visit.app.query_params == {"run": run.id}
    assert "Simple network" in visit.text()
    assert visit.button("Stop")


def test_overview_lists_the_latest_runs_with_how_they_ended(
    visit: Visit, full_store: RunStore
) -> None:
    visit.open("overview")
    text = visit.text()
    assert "Train your first network" not in text
    for name in ("The first one", "The second one", "The waiting one"):
        assert name in text
    assert "Damaged" in text
    assert "Interrupted" in text
    (first,) = [run for run in full_store.list() if run.name == "The first one"]
    assert first.summary is not None
    assert first.summary.test_accuracy is not None
    assert f"{100 * first.summary.test_accuracy:.1f} % ±" in text


def test_a_damaged_run_says_why_wherever_it_is_opened(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    broken = damaged(store)
    visit.open("overview")
    assert broken.name in visit.text()
    assert f"Damaged: {broken.reason}" in visit.text()
    visit.open("train", run=broken.id)
    assert [from_markdown(title.value) for title in visit.app.title] == [broken.name]
    assert [from_markdown(error.value) for error in visit.app.error] == [
        f"This run is damaged. {broken.reason} Its folder is left as it is."
    ]
    assert "Compare all runs" in visit.text()
    assert visit.button("Back to the form")
    visit.go("mistakes", run=broken.id)
    assert [from_markdown(info.value) for info in visit.app.info] == [
        f"**{broken.name}** has no predictions to look at. {broken.reason}"
    ]


def test_mistakes_are_offered_only_of_a_run_that_has_predictions(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    """One that is trained longer has a result, but of the training before."""
    run = done(store, labels)

    def offered(run: Run) -> list[str]:
        visit.open("overview", step="1")
        return [link.label for link in visit.app.page_link if run.id in link.proto.query_string]

    both = ["See its training", "See its mistakes", "Training curves", "Mistakes"]
    first_links = offered(run)
    assert first_links[0].startswith("See the ")
    assert first_links[1:] == ["See the mistakes", *both]
    store.train_longer(run.id, 1, by=Actor.owner())
    assert offered(run) == ["Watch it learn"]
    other = store.requeue(stopped(store, labels).id, by=Actor.owner())
    assert offered(other) == ["See its training", "Watch it learn"]


def test_overview_with_one_run_counts_it_once_however_the_page_is_drawn(
    visit: Visit, store: RunStore
) -> None:
    visit.open("overview")
    visit.button("Train your first network").click()
    visit.run()
    visit.go("overview")
    visit.go("overview")
    assert len(store.list()) == 1


def test_explore_shows_the_picture_of_the_address_with_label_and_number(
    visit: Visit, labels: np.ndarray
) -> None:
    visit.open("explore", split="test", picture="17")
    assert "Test picture **17**" in visit.text()
    assert f"class {labels[17]}" in visit.text()


def test_explore_counts_the_pictures_of_the_chosen_classes(visit: Visit) -> None:
    visit.open("explore", **{"class": "1-9"})
    assert "2,000 pictures" in visit.text()
    visit.open("explore", split="train", **{"class": "1"})
    assert "6,000 pictures" in visit.text()


@pytest.mark.parametrize(
    "address",
    [
        {"class": "zz"},
        {"class": "99-1"},
        {"class": "1" * 1000},
        {"picture": "999999"},
        {"picture": "-1"},
        {"picture": "1e3"},
        {"picture": "٣"},
        {"page": "-1"},
        {"page": "0"},
        {"page": "99999999"},
        {"split": "../../etc/passwd"},
    ],
    ids=lambda address: "-".join(f"{name}={value[:20]}" for name, value in address.items()),
)
def test_explore_takes_nonsense_in_the_address_as_absent(
    visit: Visit, address: dict[str, str]
) -> None:
    visit.open("explore", **address)
    assert "pictures" in visit.text()
    assert not visit.app.error


@pytest.mark.parametrize("page", ["train", "mistakes", "inside"])
@pytest.mark.parametrize("run_id", BAD_RUNS)
def test_a_run_that_does_not_exist_is_a_sentence_and_a_way_back(
    visit: Visit, page: str, run_id: str
) -> None:
    visit.open(page, run=run_id)
    text = visit.text()
    assert "passwd" not in text
    assert "script" not in text
    assert visit.app.page_link or [button for button in visit.app.button if not button.disabled]
    if run_id:
        assert NO_RUN in text


@pytest.mark.parametrize(
    "address",
    [
        {"picture": "999999"},
        {"truth": "12", "predicted": "-1"},
        {"truth": "zz"},
        {"page": "-1"},
        {"page": "999"},
    ],
    ids=str,
)
def test_mistakes_takes_nonsense_in_the_address_as_absent(
    visit: Visit, store: RunStore, labels: np.ndarray, address: dict[str, str]
) -> None:
    run = done(store, labels)
    visit.open("mistakes", run=run.id, **address)
    assert not visit.app.error
    assert "wrong" in visit.text()


def test_mistakes_says_how_many_pictures_a_cell_has(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    run = done(store, labels)
    predictions = store.predictions(run.id)["test_probabilities"].argmax(axis=1)
    count = int(((labels == 6) & (predictions == 0)).sum())
    visit.open("mistakes", run=run.id, truth="6", predicted="0")
    assert f"{count} shirts taken for T-shirt/top" in visit.text()


def test_mistakes_of_a_run_without_predictions_says_so(visit: Visit, store: RunStore) -> None:
    run = failed(store, "The disk is full: make room, then press Resume.")
    visit.open("mistakes", run=run.id)
    assert "no predictions" in visit.text()
    assert visit.app.page_link


def test_mistakes_of_a_run_whose_predictions_were_changed_says_so(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    run = done(store, labels)
    path = run.path / "predictions.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    visit.open("mistakes", run=run.id)
    assert "predictions cannot be read" in visit.text()
    assert str(path) not in visit.text()


@pytest.mark.parametrize(
    ("make", "ways"),
    [
        (done, ["See its mistakes", "Change and train again", "Train longer"]),
        (stopped, ["Resume", "See its mistakes", "Change and train again", "Train longer"]),
        (lambda store, labels: failed(store, "The disk is full."), ["Resume"]),
        (lambda store, labels: interrupted(store), ["Resume"]),
        (lambda store, labels: diverged(store), ["Train again at learning rate 0.0001"]),
    ],
    ids=["done", "stopped", "failed", "interrupted", "diverged"],
)
def test_every_end_of_a_training_offers_a_click_that_goes_on(
    visit: Visit,
    store: RunStore,
    labels: np.ndarray,
    make: Callable[[RunStore, np.ndarray], Run],
    ways: list[str],
) -> None:
    run = make(store, labels)
    visit.open("train", run=run.id)
    for way in [*ways, "Change and train again"]:
        assert not visit.button(way).disabled


def test_a_diverged_training_is_tried_again_at_a_tenth_of_its_rate(
    visit: Visit, store: RunStore
) -> None:
    run = diverged(store)
    visit.open("train", run=run.id)
    visit.button("Train again at learning rate 0.0001").click()
    visit.run()
    (queued,) = store.active()
    training = run.spec.training.model_copy(update={"learning_rate": 0.0001})
    assert queued.spec == run.spec.model_copy(update={"training": training})
    assert visit.app.query_params["run"] == queued.id


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (done, "Finished in 20 s"),
        (stopped, "2 of 5 epochs are kept"),
        (lambda store, labels: failed(store, "The disk is full."), "The disk is full."),
        (lambda store, labels: interrupted(store), "ended without a word"),
        (lambda store, labels: damaged(store), "This run is damaged"),
    ],
    ids=["done", "stopped", "failed", "interrupted", "damaged"],
)
def test_train_says_how_a_run_ended(
    visit: Visit,
    store: RunStore,
    labels: np.ndarray,
    make: Callable[[RunStore, np.ndarray], Run | DamagedRun],
    expected: str,
) -> None:
    run = make(store, labels)
    visit.open("train", run=run.id)
    assert expected in visit.text()
    assert str(run.path) not in visit.text()
    can_go_on = run.state in ("stopped", "failed", "interrupted")
    assert bool(visit.buttons("Resume")) == can_go_on
    assert not visit.buttons("Stop")


def test_the_result_of_a_step_says_how_far_it_is_above_the_one_before_and_offers_the_next(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    first, second = (done(store, labels, spec) for spec in list(PRESETS.values())[:2])
    visit.open("train", run=first.id)
    assert "Step 1 of 6 on the ladder." in visit.live("status")
    # The next step has run already.
    assert not any(button.label.startswith("Train step") for button in visit.all_buttons())
    visit.open("train", run=second.id)
    result = visit.live("status")
    assert "as accurate as Simple network, the step before." in result
    assert f'href="/mistakes?run={second.id}&amp;picture=' in result
    assert "mistaken for a" in result
    visit.button("Train step 3: LeNet").click()
    visit.run()
    (queued,) = store.active()
    assert queued.spec == PRESETS["LeNet"]
    assert visit.app.query_params["run"] == queued.id


def test_a_result_that_is_no_step_is_compared_with_the_best_run_here(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    training = SPEC.training.model_copy(update={"batch_size": 99})
    spec = SPEC.model_copy(update={"training": training})
    alone = done(store, labels, spec)
    visit.open("train", run=alone.id)
    assert "best run here" not in visit.text()
    best = max((done(store, labels, spec, seed=seed) for seed in (2, 3)), key=accuracy_of)
    other = done(store, labels, spec, seed=4, name="<b>The other</b>")
    visit.open("train", run=other.id)
    result = visit.live("status")
    points = f"{100 * abs(accuracy_of(other) - accuracy_of(best)):.2f} percentage points"
    assert points in result
    assert "Chance explains that." in result
    visit.open("train", run=best.id)
    assert "<b>The other" not in visit.live("status")


def accuracy_of(run: Run) -> float:
    assert run.test_accuracy is not None
    return run.test_accuracy


def test_a_press_on_the_picture_of_the_confusion_shows_it_among_the_mistakes(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    run = done(store, labels)
    visit.open("train", run=run.id)
    (act,) = re.findall(r'data-act="(picture \d+)"', visit.live("status"))
    visit.press("status", act)
    assert visit.app.query_params["run"] == run.id
    assert visit.app.query_params["picture"] == act.removeprefix("picture ")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (interrupted, "After epoch 1 it got 80.0"),
        (diverged, "No epoch had ended, so nothing is kept. A tenth of the learning rate"),
        (lambda store: failed(store, "The disk is full."), "Resume starts it again."),
    ],
    ids=["interrupted", "diverged", "failed"],
)
def test_an_end_without_a_result_says_what_is_kept_and_what_comes_next(
    visit: Visit, store: RunStore, make: Callable[[RunStore], Run], says: str
) -> None:
    visit.open("train", run=make(store).id)
    text = visit.live("status")
    assert says in text.replace("\N{NO-BREAK SPACE}", " ")
    # Its reason says already that they are kept.
    assert text.count("kept") == 1


def test_pictures_a_second_are_told_from_the_first_batches_on(
    visit: Visit, store: RunStore
) -> None:
    run = store.create(SPEC, by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        writer.start(0, {})
        visit.open("train", run=run.id)
        assert visit.metrics()["Pictures a second"].value == "–"
        report_batches(writer, 1, 8)
        visit.run()
        # An epoch in four seconds.
        first = visit.metrics()["Pictures a second"].value
        commit_epoch(writer, 1)
        visit.run()
        assert (
            visit.metrics()["Pictures a second"].value == first == f"{run.training_size / 4:,.0f}"
        )


def test_train_shows_the_waiting_run_and_stop_ends_it(visit: Visit, store: RunStore) -> None:
    run = store.create(PRESETS["LeNet"], by=Actor.owner())
    visit.open("train")
    assert "LeNet" in visit.text()
    visit.button("Stop").click()
    visit.run()
    assert store.get(run.id).state == "stopped"


def test_waiting_run_says_who_comes_first(
    visit: Visit, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "state", lambda engine: EngineState("ready"))
    for _ in range(3):
        run = store.create(PRESETS["LeNet"], by=Actor.owner())
    visit.open("train", run=run.id)
    assert "Waiting: 2 trainings come first Starts in about" in visit.text()


def test_learning_rate_is_changed_while_it_trains(visit: Visit, store: RunStore) -> None:
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        visit.open("train", run=run.id)
        visit.button("× 10").click()
        visit.run()
        assert store.control(run.id) == Control(stop=False, multiplier=10.0)
        visit.button("Stop").click()
        visit.run()
        assert store.control(run.id) == Control(stop=True, multiplier=10.0)


def test_a_training_can_be_stopped_after_its_epoch(visit: Visit, store: RunStore) -> None:
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    visit.open("train", run=run.id)
    # It has its place, so that nothing moves when the training begins.
    assert visit.button("Stop after this epoch").disabled
    with RunWriter(store.root, run.id, 1) as writer:
        writer.start(0, {})
        visit.run()
        assert "Nothing is kept before the first epoch has ended." in visit.button("Stop").help
        report_epochs(writer, 1)
        visit.run()
        assert visit.button("Stop").help == "Ends it at once and keeps 1 finished epoch."
        visit.button("Stop after this epoch").click()
        visit.run()
        assert store.control(run.id) == Control(stop_after_epoch=True)
        assert visit.button("Stop after this epoch").disabled
        assert "Epoch 1 of 5 Stops after it" in visit.text()
        # Who cannot wait for it may still stop at once.
        visit.button("Stop").click()
        visit.run()
        assert store.control(run.id).stop


def test_a_result_says_which_epoch_early_stopping_kept(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    training = PRESETS["Simple network"].training.model_copy(
        update={"epochs": 30, "early_stopping_patience": 3}
    )
    spec = PRESETS["Simple network"].model_copy(update={"training": training})
    run = store.create(spec, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    report_epochs(writer, 7)
    end(writer, spec, labels, "done", 7, 1)
    path = run.path / "run.json"
    record = json.loads(path.read_text())
    record["summary"] |= {"best_epoch": 4, "kept_epoch": 4}
    path.write_text(json.dumps(record))
    visit.open("train", run=run.id)
    ended = "Early stopping ended it after epoch 7 of 30"
    assert (
        f"{ended}, and the network of epoch 4 is kept, the best one by validation loss."
        in visit.text()
    )
    shown = visit.metrics()
    fourth = store.events(run.id).epochs[3]
    assert fourth.test_accuracy != store.events(run.id).epochs[-1].test_accuracy
    assert shown["Test accuracy"].value.startswith(f"{100 * fourth.test_accuracy:.1f} %")
    while_training = f"{100 * fourth.train_accuracy:.1f} %"
    assert shown["Accuracy while training"].value == while_training
    assert "after epoch 4, whose network is kept." in shown["Test accuracy"].help
    visit.app.session_state[CODE] = True
    visit.app.run()
    (script,) = [code.value for code in visit.app.code]
    assert "kept: epoch {kept + 1} of {epoch + 1}, the best by validation loss" in script
    # It trained all its epochs, and the best one came before the last.
    record["spec"]["training"]["epochs"] = 7
    path.write_text(json.dumps(record))
    visit.open("train", run=run.id)
    assert (
        "By early stopping the network of epoch 4 is kept, the best one by validation loss."
        in visit.text()
    )
    # A run of a version that kept the last epoch always.
    record["spec"]["training"]["epochs"] = 30
    record["summary"]["kept_epoch"] = None
    path.write_text(json.dumps(record))
    visit.open("train", run=run.id)
    assert (
        f"{ended}, and the network of epoch 7 is kept; the best one by validation loss was that of "
        "epoch 4." in visit.text()
    )


def test_with_wrong_labels_both_accuracies_are_named(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    training = SPEC.training.model_copy(update={"label_noise": 0.4})
    run = done(store, labels, SPEC.model_copy(update={"training": training}))
    path = run.path / "run.json"
    record = json.loads(path.read_text())
    record["summary"] |= {"train_accuracy": 0.394, "train_accuracy_true": 0.536}
    path.write_text(json.dumps(record))
    visit.open("train", run=run.id)
    shown = {name: metric.value for name, metric in visit.metrics().items()}
    assert shown["Training, given labels"].startswith("39.4 %")
    assert shown["Training, true labels"].startswith("53.6 %")
    assert "Training accuracy" not in shown


def test_finished_run_is_trained_longer(visit: Visit, store: RunStore, labels: np.ndarray) -> None:
    run = done(store, labels)
    visit.open("train", run=run.id)
    visit.app.number_input(key=f"more.{run.id}").set_value(7)
    visit.button("Train longer").click()
    visit.run()
    longer = store.get(run.id)
    assert (longer.state, longer.spec.training.epochs, longer.attempt) == ("queued", 12, 2)


def test_live_view_says_what_the_last_epoch_changed(visit: Visit, store: RunStore) -> None:
    run = store.create(PRESETS["Simple network"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 2)
        visit.open("train", run=run.id)
        text = visit.text()
        for words in ("What epoch 2 changed", "Learned: ", "Forgotten: ", "Hardest now"):
            assert words in text


@pytest.fixture
def looking_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The dashboard is started for others, too, and the visitor is not the presenter."""
    monkeypatch.setenv("FMNIST_HOSTS", "clothes.example.org")
    rights.mode.cache_clear()
    yield
    monkeypatch.undo()
    rights.mode.cache_clear()


def test_shuffle_asks_the_training_for_other_images(visit: Visit, store: RunStore) -> None:
    run = store.create(SPEC, by=Actor.owner())
    visit.open("train", run=run.id)
    ((_, data),) = visit.components("live_probes")
    # Before the training begins nothing would come of it.
    assert (data["shuffle"], data["newest"]) == (False, None)
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        visit.run()
        ((element, data),) = visit.components("live_probes")
        assert (data["shuffle"], data["images"]["draw"]) == (True, 0)
        assert data["newest"]["position"] == 1
        visit.act(element, "shuffled", "shuffle")
        assert store.control(run.id) == Control(draw=1)
        report_batches(RunWriter(store.root, run.id, 1), 2)
        visit.run()
        ((_, shuffled),) = visit.components("live_probes")
        assert shuffled["images"]["draw"] == shuffled["newest"]["draw"] == 1
        assert shuffled["images"]["sprite"] != data["images"]["sprite"]


def test_who_looks_on_sees_the_images_and_has_no_shuffle(
    looking_on: None, visit: Visit, store: RunStore
) -> None:
    run = store.create(SPEC, by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        visit.open("train", run=run.id)
        ((element, data),) = visit.components("live_probes")
        assert (data["shuffle"], len(data["images"]["truths"])) == (False, 12)
        visit.act(element, "shuffled", "shuffle")
        assert store.control(run.id) == Control()
        assert [from_markdown(toast.value) for toast in visit.app.toast] == [rights.LOOKING_ON]


def test_a_run_that_has_ended_shows_what_it_said_last(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    run = done(store, labels)
    visit.open("train", run=run.id)
    ((_, data),) = visit.components("live_probes")
    assert (data["shuffle"], data["newest"]["position"]) == (False, 5)
    ((_, layer),) = visit.components("live_first_layer")
    assert [picture["position"] for picture in layer["pictures"]] == [0, 1, 2, 3, 4, 5]
    assert (layer["count"], layer["responses"]) == (12, False)
    assert layer["sentence"].startswith("These are 12 of its 128 neurons.")


def test_a_run_that_never_showed_itself_has_no_place_for_that(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    visit.open("train", run=done(store, labels).id)
    columns = len(visit.app.columns)
    visit.open("train", run=learned(store, labels, 2).id)
    assert visit.components("live_probes") == visit.components("live_first_layer") == []
    assert len(visit.components("live_chart")) == 2
    # Both beside each other.
    assert len(visit.app.columns) == columns - 2


def test_without_the_dataset_a_training_is_followed_without_its_images(
    visit: Visit, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> Dataset:
        raise DatasetUnavailable(())

    monkeypatch.setattr(probes, "dataset", unavailable)
    run = store.create(PRESETS["CNN with dropout"], by=Actor.owner())
    with RunWriter(store.root, run.id, 1) as writer:
        report_epochs(writer, 1)
        visit.open("train", run=run.id)
    assert visit.components("live_probes") == []
    ((_, layer),) = visit.components("live_first_layer")
    assert layer["responses"]
    assert "3 × 3 pixels each" in layer["sentence"]


def test_resume_queues_the_run_again(visit: Visit, store: RunStore) -> None:
    run = interrupted(store)
    visit.open("train", run=run.id)
    visit.button("Resume").click()
    visit.run()
    assert store.get(run.id).state == "queued"
    assert store.get(run.id).attempt == 2


def test_fifty_runs_are_all_in_the_list_and_the_newest_on_the_overview(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    for number in range(50):
        done(store, labels, name=f"Run number {number}")
    visit.open("compare")
    assert len(visit.picker()["rows"]) == 50
    visit.open("overview")
    assert "Run number 49" in visit.text()
    assert "Run number 0" not in visit.text()
    assert "All 50 runs" in visit.text()


def test_compare_shows_what_each_run_reached_and_names_the_damaged_one(
    visit: Visit, full_store: RunStore
) -> None:
    visit.open("compare")
    by_name = {row["name"]: row for row in visit.picker()["rows"]}
    assert by_name["The first one"]["parameters"] == 101_770
    assert by_name["The first one"]["state"] == "finished"
    assert by_name["The second one (stopped early)"]["epochs"] == 2
    assert "damaged" in {row["state"] for row in by_name.values()}


@pytest.mark.parametrize("page", PAGES)
def test_without_the_pictures_no_page_breaks_and_explore_says_what_was_tried(
    visit: Visit,
    page: str,
    store: RunStore,
    labels: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = done(store, labels)
    tried = (
        Attempt("the folder named in FMNIST_DATA_DIR", "it is empty"),
        Attempt("this project's own copy", "nothing has been saved yet"),
    )

    def none(**_options: object) -> Dataset:
        raise DatasetUnavailable(tried)

    monkeypatch.setattr(ui.services, "load", none)
    visit.open(page, **({"run": run.id} if page == "mistakes" else {}))
    text = visit.text()
    if page == "explore":
        assert all(f"**{place.source}**: {place.problem}" in text for place in tried)
        assert visit.button("Try again")
    elif page in ("overview", "mistakes"):
        assert "Explore data" in text


def test_a_runs_folder_that_cannot_be_made_lets_every_page_be_read(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path / "file" / "runs"))
    for page in PAGES:
        visit.open(page)
    visit.open("overview")
    visit.button("Train your first network").click()
    visit.run()
    assert visit.app.error
    assert str(tmp_path) not in visit.text()
