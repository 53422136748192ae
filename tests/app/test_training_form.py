"""The training form: presets, the live parameter count, what it refuses, one run for two clicks."""

from __future__ import annotations

import re

import made_runs
import pytest
from app_visit import Visit
from typed import from_markdown

from fmnist_core.dataset import Dataset
from fmnist_core.presets import PRESET_SENTENCES, PRESETS
from fmnist_core.runs import RunStore
from fmnist_core.specs import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    RunSpec,
    TrainingSpec,
    parameter_count,
    spec_text,
)


def shown_count(visit: Visit) -> int:
    """The parameter count on the page."""
    (count,) = re.findall(r"\*\*([\d,]+)\*\* parameters", visit.text())
    return int(count.replace(",", ""))


def set_number(visit: Visit, label: str, value: float) -> None:
    (field,) = [field for field in visit.app.number_input if field.label == label]
    field.set_value(value)
    visit.run()


def set_slider(visit: Visit, label: str, value: float) -> None:
    (field,) = [field for field in visit.app.slider if field.label == label]
    field.set_value(value)
    visit.run()


def click(visit: Visit, label: str) -> None:
    visit.button(label).click()
    visit.run()


def widths(visit: Visit, word: str) -> list[float | None]:
    """The neurons of each layer, in the order on the page."""
    return [field.value for field in visit.app.number_input if f"Neurons, {word} " in field.label]


def filters(visit: Visit) -> list[float | None]:
    """The filters of each block, in the order on the page."""
    return [field.value for field in visit.app.number_input if field.label == "Filters"]


def start(visit: Visit) -> None:
    visit.button("Start training").click()
    visit.run()


def test_the_form_begins_with_the_simple_network(visit: Visit) -> None:
    visit.open("train")
    assert shown_count(visit) == 101_770
    assert not visit.button("Start training").disabled


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_fills_every_field(visit: Visit, store: RunStore, preset: str) -> None:
    visit.open("train")
    visit.choose("Start from", preset)
    assert shown_count(visit) == parameter_count(PRESETS[preset])
    start(visit)
    (run,) = store.list()
    assert run.spec == PRESETS[preset]
    assert run.name == preset


def test_a_preset_replaces_what_another_one_left(visit: Visit, store: RunStore) -> None:
    visit.open("train")
    for preset in ("Best CNN", "Fast CNN", "LeNet", "Wide network with dropout"):
        visit.choose("Start from", preset)
    start(visit)
    assert store.list()[0].spec == PRESETS["Wide network with dropout"]


def test_the_parameter_count_follows_a_width(visit: Visit) -> None:
    visit.open("train")
    set_number(visit, "Neurons, hidden layer 1", 64)
    assert shown_count(visit) == 784 * 64 + 64 + 64 * 10 + 10
    click(visit, "Add a hidden layer")
    set_number(visit, "Neurons, hidden layer 2", 32)
    assert shown_count(visit) == 784 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10


def test_the_network_can_be_switched_and_both_kinds_start(visit: Visit, store: RunStore) -> None:
    visit.open("train")
    visit.choose("Network", "CNN")
    start(visit)
    assert store.list()[0].spec.network.kind == "cnn"
    click(visit, "Back to the form")
    visit.choose("Network", "Dense")
    start(visit)
    assert {run.spec.network.kind for run in store.list()} == {"cnn", "dense"}


def test_what_was_changed_is_what_starts(visit: Visit, store: RunStore) -> None:
    visit.open("train")
    set_number(visit, "Epochs", 2)
    set_number(visit, "Learning rate", 0.01)
    set_number(visit, "Training pictures, at most", 1_000)
    set_slider(visit, "Validation share", 0.2)
    start(visit)
    training = store.list()[0].spec.training
    assert (training.epochs, training.learning_rate) == (2, 0.01)
    assert (training.train_pictures, training.validation_share) == (1_000, 0.2)


def test_a_map_that_would_vanish_is_a_sentence_and_nothing_starts(
    visit: Visit, store: RunStore
) -> None:
    visit.open("train")
    visit.choose("Network", "CNN")
    for _ in range(2):
        click(visit, "Add a block")
    for pool in [field for field in visit.app.number_input if field.label == "Pool size or stride"]:
        pool.set_value(4)
    visit.run()
    assert any("lock 3" in error.value for error in visit.app.error), visit.text()
    assert visit.button("Start training").disabled
    assert store.list() == []
    # The form is still there, and mends it.
    click(visit, "Remove block 4")
    click(visit, "Remove block 3")
    assert not visit.app.error
    assert not visit.button("Start training").disabled


def test_early_stopping_without_validation_is_a_sentence_and_nothing_starts(visit: Visit) -> None:
    visit.open("train")
    set_slider(visit, "Validation share", 0.0)
    assert not visit.button("Start training").disabled
    set_number(visit, "Early stopping after (epochs)", 3)
    assert any("Early stopping" in error.value for error in visit.app.error)
    assert visit.button("Start training").disabled


def test_a_network_too_large_is_refused_with_the_estimate(visit: Visit) -> None:
    visit.open("train")
    for _ in range(4):
        click(visit, "Add a hidden layer")
    for number in range(1, 6):
        set_number(visit, f"Neurons, hidden layer {number}", 2048)
    assert shown_count(visit) == 784 * 2048 + 4 * 2048**2 + 5 * 2048 + 2048 * 10 + 10
    visit.choose("Network", "CNN")
    click(visit, "Remove block 2")
    for _ in range(2):
        click(visit, "Add a dense layer")
    for number in range(1, 4):
        set_number(visit, f"Neurons, dense layer {number}", 2048)
    assert any("million" in error.value or "20,000,000" in error.value for error in visit.app.error)
    assert visit.button("Start training").disabled


def test_a_form_sent_twice_is_one_run(visit: Visit, store: RunStore) -> None:
    visit.open("train")
    form_id = visit.app.session_state["train.run_id"]
    start(visit)
    # The click arrives once more, as after a lost connection: the same form, the same run.
    visit.app.session_state["train.run_id"] = form_id
    click(visit, "Back to the form")
    start(visit)
    assert [run.id for run in store.list()] == [form_id]


def test_two_forms_are_two_runs(store: RunStore) -> None:
    tabs = [Visit(), Visit()]
    for tab in tabs:
        tab.open("train")
    for tab in tabs:
        start(tab)
    assert len(store.list()) == 2


def test_the_form_keeps_what_was_changed_while_the_visitor_looks_elsewhere(visit: Visit) -> None:
    visit.open("train")
    set_number(visit, "Neurons, hidden layer 1", 64)
    visit.go("explore")
    visit.go("train")
    assert shown_count(visit) == 784 * 64 + 64 + 64 * 10 + 10


def test_layers_are_added_moved_and_removed_each_with_its_own_width(
    visit: Visit, store: RunStore
) -> None:
    visit.open("train")
    for number, width in enumerate((300, 200, 100, 50), start=2):
        click(visit, "Add a hidden layer")
        set_number(visit, f"Neurons, hidden layer {number}", width)
    assert widths(visit, "hidden layer") == [128, 300, 200, 100, 50]
    assert visit.buttons("Add a hidden layer") == [], "five is the most"
    click(visit, "Move hidden layer 1 to the right")
    assert widths(visit, "hidden layer") == [300, 128, 200, 100, 50]
    click(visit, "Move hidden layer 5 to the left")
    click(visit, "Remove hidden layer 3")
    assert widths(visit, "hidden layer") == [300, 128, 50, 100]
    for _ in range(3):
        click(visit, "Remove hidden layer 1")
    assert visit.buttons("Remove hidden layer 1") == [], "one is the least"
    start(visit)
    assert store.list()[0].spec.network == DenseSpec(units=(100,))


def test_blocks_are_added_moved_and_removed_with_all_they_hold(
    visit: Visit, store: RunStore
) -> None:
    visit.open("train")
    visit.choose("Start from", "LeNet")
    lenet = PRESETS["LeNet"].network
    assert isinstance(lenet, CnnSpec)
    first, second = lenet.blocks
    click(visit, "Add a block")
    assert filters(visit) == [6, 16, 32], "a new block looks for twice as many patterns"
    click(visit, "Move block 2 to the left")
    click(visit, "Remove block 3")
    assert filters(visit) == [16, 6]
    start(visit)
    trained = store.list()[0].spec.network
    assert isinstance(trained, CnnSpec)
    assert trained.blocks == (second, first)


def test_nothing_is_lost_when_the_kind_is_switched_to_and_fro(visit: Visit) -> None:
    visit.open("train")
    set_number(visit, "Neurons, hidden layer 1", 77)
    visit.choose("Network", "CNN")
    click(visit, "Add a block")
    assert filters(visit) == [32, 64, 128]
    visit.choose("Network", "Dense")
    assert widths(visit, "hidden layer") == [77]
    visit.choose("Network", "CNN")
    assert filters(visit) == [32, 64, 128]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "adam"])
def test_only_what_has_an_effect_is_shown(visit: Visit, optimizer: str) -> None:
    visit.open("train")
    visit.choose(
        "Optimizer", {"sgd": "SGD with momentum", "adamw": "AdamW", "adam": "Adam"}[optimizer]
    )
    labels = {field.label for field in visit.app.number_input}
    assert ("Momentum" in labels, "Weight decay" in labels) == (
        optimizer == "sgd",
        optimizer == "adamw",
    )


def test_the_chosen_preset_follows_the_form(visit: Visit) -> None:
    visit.open("train")
    assert visit.chosen("Start from") == ["Simple network"]
    set_number(visit, "Epochs", 7)
    assert visit.chosen("Start from") == []
    assert "Begun from “Simple network”, with your changes." in visit.text()
    visit.choose("Start from", "Simple network")
    assert visit.chosen("Start from") == ["Simple network"]
    assert PRESET_SENTENCES["Simple network"] in visit.text()


def test_an_earlier_run_can_be_copied(visit: Visit, store: RunStore, data: Dataset) -> None:
    spec = RunSpec(
        network=DenseSpec(units=(48, 24), dropout=0.2),
        training=TrainingSpec(epochs=3, label_noise=0.2, optimizer="sgd", momentum=0.5),
    )
    run = made_runs.done(store, data.test_labels, spec=spec, name="The old one")
    made_runs.damaged(store)
    visit.open("train")
    (options,) = [
        data["options"]
        for _, data in visit.components("choice")
        if data["label"] == "or change an earlier run and train again"
    ]
    assert [option["id"] for option in options] == [run.id], "a damaged run has nothing to copy"
    assert "The old one" in options[0]["text"]
    visit.choose("or change an earlier run and train again", options[0]["text"])
    assert widths(visit, "hidden layer") == [48, 24]
    assert "Begun from the run “The old one”." in visit.text()
    start(visit)
    assert [run.spec for run in store.list()] == [spec, spec]


@pytest.mark.parametrize(
    "spec",
    [
        RunSpec(network=DenseSpec(units=(9, 8, 7, 6, 5)), training=TrainingSpec(seed=4)),
        RunSpec(
            network=CnnSpec(
                blocks=tuple(ConvBlock(filters=n, kernel=5, batch_norm=True) for n in (3, 4, 5, 6)),
                head="average",
                head_units=(9, 8, 7),
            ),
            training=TrainingSpec(optimizer="adamw", weight_decay=0.1, schedule="cosine", shift=2),
        ),
    ],
    ids=["five layers", "four blocks"],
)
def test_an_address_gives_the_same_form(visit: Visit, store: RunStore, spec: RunSpec) -> None:
    visit.open("train", new="1", config=spec_text(spec))
    assert shown_count(visit) == parameter_count(spec)
    start(visit)
    assert store.list()[0].spec == spec


def link_warning(visit: Visit) -> str:
    """What the page says of the link that was opened, or nothing."""
    return " ".join(w.value for w in visit.app.warning if "link" in w.value)


@pytest.mark.parametrize("text", ["nonsense", "[" * 9999])
def test_nonsense_in_the_address_is_a_sentence_over_a_form_that_works(
    visit: Visit, text: str
) -> None:
    visit.open("train", new="1", config=text)
    assert "The link holds no configuration that can be read" in link_warning(visit)
    assert shown_count(visit) == 101_770
    assert not visit.button("Start training").disabled


def test_a_link_with_a_bad_field_keeps_all_the_others_and_says_which(
    visit: Visit, store: RunStore
) -> None:
    link = (
        '{"network":{"kind":"cnn","blocks":[{"filters":8},{"filters":0}],"head_units":[33]},'
        '"training":{"epochs":3,"batch_size":0,"validation_fold":50,"seed":9}}'
    )
    visit.open("train", new="1", config=link)
    text = from_markdown(link_warning(visit))
    for part in (
        "Filters of block 2 must be a whole number from 1 to 256; the link says 0. It was set to 3",
        "Batch size must be a whole number from 1 to 8,192; the link says 0. It was set to 32.",
        "Cross-validation part must be a whole number from 0 to 9",
    ):
        assert part in text
    # It stays while the form is changed, and goes where something else fills the form.
    set_number(visit, "Epochs", 4)
    assert "Batch size must be" in link_warning(visit)
    start(visit)
    (run,) = store.list()
    assert run.spec == RunSpec(
        network=CnnSpec(blocks=(ConvBlock(filters=8), ConvBlock()), head_units=(33,)),
        training=TrainingSpec(epochs=4, seed=9),
    )
    click(visit, "Back to the form")
    visit.choose("Start from", "LeNet")
    assert link_warning(visit) == ""


def test_the_first_run_has_no_estimate_and_the_next_one_has(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    visit.open("train")
    assert "**roughly 1 to 10 s** for 5 epochs" in visit.text()
    set_number(visit, "Epochs", 6)
    assert "**no estimate yet** for 6 epochs" in visit.text()
    made_runs.done(store, data.test_labels)
    visit.choose("Start from", "Simple network")
    assert "**about 20 s** for 5 epochs" in visit.text()
    (shown,) = [text.help for text in visit.app.markdown if "**about 20 s**" in text.value]
    reason = from_markdown(shown)
    assert reason.startswith("Estimated from 1 earlier run of the same network on this computer: ")
    assert reason.endswith("An epoch takes about 4 s.")
    # Of another network little is known: a range, and never seconds in what takes minutes.
    visit.choose("Start from", "LeNet")
    assert re.search(r"\*\*\d+ (s |min )?to \d+ (s|min)\*\* for ", visit.text())
    assert not re.search(r"min \d+ s", visit.text())
