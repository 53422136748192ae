"""Compare: what is chosen, named, deleted, and said about two runs."""

from __future__ import annotations

import json

import numpy as np
import pytest
from app_visit import Visit
from made_histories import learned
from made_runs import damaged, done

from fmnist_core.colors import RUN_COLORS
from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.portable import export_run

VIEWS = ("curves", "settings", "costs", "pair", "seeds", "together")


@pytest.fixture
def labels(data: Dataset) -> np.ndarray:
    return np.asarray(data.test_labels)


@pytest.fixture
def runs(store: RunStore, labels: np.ndarray) -> list[Run]:
    """Three seeds of one network, and another network."""
    same = [learned(store, labels, 3, seed=seed, name=f"Seed {seed}") for seed in (1, 2, 3)]
    return [*same, done(store, labels, PRESETS["LeNet"], name="A LeNet")]


@pytest.mark.parametrize("view", VIEWS)
def test_each_part_opens_by_its_address(visit: Visit, runs: list[Run], view: str) -> None:
    visit.open("compare", view=view)
    assert not visit.app.error
    assert not visit.app.warning


@pytest.mark.parametrize("view", VIEWS)
def test_each_part_bears_one_run_and_a_damaged_one(
    visit: Visit, store: RunStore, labels: np.ndarray, view: str
) -> None:
    run = done(store, labels)
    broken = damaged(store)
    visit.open("compare", view=view, runs=f"{run.id},{broken.id}")
    assert not visit.app.error


def test_runs_in_the_address_are_chosen_and_nonsense_counts_as_absent(
    visit: Visit, runs: list[Run]
) -> None:
    visit.open("compare", runs=f"{runs[0].id},../../etc/passwd,{'0' * 32}")
    assert visit.picker()["chosen"] == [runs[0].id]
    assert len(visit.picker()["rows"]) == 4
    visit.open("compare", runs="none")
    assert visit.picker()["chosen"] == []
    assert "Tick one run" in visit.text()


def test_search_finds_names_tags_and_optimizers(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    store.describe(runs[0].id, tags=["promising"], by=Actor.owner())
    visit.open("compare")
    texts = [row["search"] for row in visit.picker()["rows"]]
    for words, count in (("lenet", 1), ("promising", 1), ("adam seed", 3), ("nowhere", 0)):
        assert sum(all(word in text for word in words.split()) for text in texts) == count


def test_each_run_has_its_own_colour_whoever_is_chosen_beside_it(
    visit: Visit, runs: list[Run]
) -> None:
    """It once changed with the others that were chosen."""
    expected = [RUN_COLORS[run.color] for run in runs]
    assert len(set(expected)) == len(runs)
    for chosen in (runs, runs[1:], runs[::-1], runs[2:3]):
        visit.open("compare", runs=",".join(run.id for run in chosen))
        rows = {row["id"]: row for row in visit.picker()["rows"]}
        assert [rows[run.id]["color"] for run in runs] == expected
        ((_, data),) = visit.components("chart")
        lines = {
            line["name"]: line["line"]["color"]
            for line in json.loads(data["figure"])["data"]
            if line.get("name")
        }
        assert lines == {run.name: RUN_COLORS[run.color] for run in chosen}


def test_ticks_choose_runs_in_the_order_of_the_ticks(visit: Visit, runs: list[Run]) -> None:
    visit.open("compare")
    assert visit.picker()["chosen"] == [run.id for run in runs[::-1]]
    wanted = [runs[2].id, runs[0].id]
    visit.pick(*wanted)
    assert visit.app.query_params["runs"] == ",".join(wanted)
    assert visit.picker()["chosen"] == wanted
    visit.pick(*wanted, "nonsense", "0" * 32)
    assert visit.picker()["chosen"] == wanted
    visit.pick()
    assert visit.app.query_params["runs"] == "none"


def test_a_pinned_run_stands_first(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    visit.open("compare", runs=runs[0].id)
    visit.button("Pin").click()
    visit.run()
    assert store.get(runs[0].id).user.pinned
    assert [row["name"] for row in visit.picker()["rows"] if row["pinned"]] == ["Seed 1"]
    assert visit.button("Unpin")


def test_a_delete_can_be_taken_back(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    visit.open("compare", runs=f"{runs[0].id},{runs[1].id}")
    visit.button("Delete now").click()
    visit.run()
    assert len(store.list()) == 2
    assert "Deleted: Seed 1" in visit.text()
    while buttons := visit.buttons("Undo"):
        buttons[0].click()
        visit.run()
    assert len(store.list()) == 4


def test_undo_brings_a_run_back_chosen_as_it_was(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    """It once came back unticked."""
    ids = [run.id for run in runs[:3]]
    store.describe(runs[0].id, tags=["kept"], by=Actor.owner())
    visit.open("compare", runs=",".join(ids))
    visit.button("Delete now").click()
    visit.run()
    assert visit.picker()["chosen"] == []
    while buttons := visit.buttons("Undo"):
        buttons[-1].click()
        visit.run()
    assert visit.picker()["chosen"] == ids
    assert store.get(runs[0].id).user.tags == ("kept",)
    # What somebody else deleted comes back, and nobody chose it.
    store.delete(runs[3].id, by=Actor.owner())
    visit.run()
    visit.button("Undo").click()
    visit.run()
    assert len(store.list()) == 4
    assert visit.picker()["chosen"] == ids


def test_a_damaged_run_is_listed_last_and_deleted_by_clicks(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    broken = damaged(store)
    visit.open("compare", runs=f"{broken.id},{runs[1].id}")
    row = visit.picker()["rows"][-1]
    assert (row["id"], row["state"], row["color"]) == (broken.id, "damaged", "")
    assert row["notes"] == broken.reason
    assert visit.picker()["chosen"] == [broken.id, runs[1].id]
    visit.button("Delete now").click()
    visit.run()
    assert store.scan() == ([run for run in store.list() if run.id != runs[1].id], [])
    assert f"Deleted: {broken.name}" in visit.text()
    while buttons := visit.buttons("Undo"):
        buttons[0].click()
        visit.run()
    assert [run.id for run in store.scan().damaged] == [broken.id]


def test_runs_of_one_name_are_told_apart_where_they_are_deleted(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    made = [learned(store, labels, 1, seed=seed, name="Alike") for seed in (1, 2)]
    visit.open("compare", runs=made[1].id)
    assert "Delete “Alike, seed 2”?" in visit.text()


def test_what_goes_is_named_and_was_ticked(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    """Without a choice of the visitor the newest runs are shown, and not up for deletion."""
    visit.open("compare")
    assert len(visit.picker()["chosen"]) == 4
    assert not visit.buttons("Delete now")
    assert "because they are the newest" in visit.text()
    assert visit.button("Pin").disabled
    active = store.create(PRESETS["LeNet"], name="Not yet", by=Actor.owner())
    visit.open("compare", runs=",".join(run.id for run in (*runs[:2], active)))
    assert "A run that trains or waits stays" in visit.text()
    for run in runs[:2]:
        assert run.name in visit.text()
    visit.button("Delete now").click()
    visit.run()
    assert {run.id for run in store.list()} == {active.id, *(run.id for run in runs[2:])}


def test_what_is_refused_saves_nothing_and_says_so(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    visit.open("compare", runs=runs[0].id)
    fields = {field.label: field for field in visit.app.text_input}
    fields["Name"].set_value("Another name")
    fields["Tags, with commas between"].set_value(",".join(map(str, range(13))))
    visit.button("Save").click()
    visit.run()
    assert "Nothing was saved. A run has at most 12 tags, not 13." in visit.text()
    assert store.get(runs[0].id).user == runs[0].user


def test_an_import_happens_once_for_one_file(
    visit: Visit, store: RunStore, runs: list[Run]
) -> None:
    """It must not happen again because the file still stands in its field."""
    content = export_run(store, runs[0].id)
    visit.open("compare")
    visit.app.file_uploader[0].upload("run.zip", content, "application/zip")
    visit.run()
    assert "This run is here already." in visit.text()
    assert not visit.app.file_uploader[0].value
    store.delete(runs[0].id, by=Actor.owner())
    visit.run()
    visit.run()
    assert runs[0].id not in {run.id for run in store.list()}
    assert [run.id for run in store.deleted()] == [runs[0].id]


def test_a_run_is_renamed_tagged_and_noted(visit: Visit, store: RunStore, runs: list[Run]) -> None:
    visit.open("compare", runs=runs[0].id)
    fields = {field.label: field for field in visit.app.text_input}
    fields["Name"].set_value("The good one")
    fields["Tags, with commas between"].set_value("good, later")
    visit.app.text_area[0].set_value("look again")
    visit.button("Save").click()
    visit.run()
    user = store.get(runs[0].id).user
    assert (user.name, user.tags, user.notes) == ("The good one", ("good", "later"), "look again")
    assert [toast.value for toast in visit.app.toast] == ["Saved."]


def test_two_runs_in_depth_say_whether_one_is_better(visit: Visit, runs: list[Run]) -> None:
    visit.open("compare", view="pair", a=runs[3].id, b=runs[0].id)
    assert "this trained network B is better on these pictures" in visit.text()
    assert "p < 0.0001" in visit.text()
    # With so many digits that the difference adds up.
    a, b = (100 * (runs[place].test_accuracy or 0) for place in (3, 0))
    assert f"A gets **{a:.2f} %** and B gets **{b:.2f} %** right." in visit.text()
    visit.open("compare", view="pair", a=runs[0].id, b=runs[3].id)
    assert "this trained network A is better on these pictures" in visit.text()
    assert "corrected for all 6 pairs of the selected runs (Holm)" in visit.text()
    (pairs,) = [table for table in visit.tables() if "p (Holm)" in table]
    assert len(pairs["p (Holm)"]) == 6
    visit.open("compare", runs=f"{runs[0].id},{runs[3].id}", view="pair")
    assert "Holm" not in visit.text()


def test_what_two_seeds_differ_by_is_called_chance(
    visit: Visit, store: RunStore, labels: np.ndarray
) -> None:
    """The pictures tell the two trained networks apart, and say nothing about the configuration."""
    one = learned(store, labels, 3, seed=1)
    other = learned(store, labels, 3, seed=2, perfect=(4, 6))
    visit.open("compare", view="pair", a=one.id, b=other.id)
    assert "B is better on these pictures" in visit.text()
    assert "but **by chance**. Both are one configuration" in visit.text()


def test_seeds_are_grouped(visit: Visit, runs: list[Run]) -> None:
    visit.open("compare", view="seeds")
    (table,) = visit.tables()
    assert sorted(table["Runs"]) == ["1", "3"]
    assert not [button for button in visit.app.button if button.label.startswith("Train it")]


def test_together_begins_with_the_best_set_and_says_what_each_run_brings(
    visit: Visit, store: RunStore, labels: np.ndarray, runs: list[Run]
) -> None:
    """All that were ticked were proposed once, also where they were worse than the best of them."""
    best = max(runs[:3], key=lambda run: run.test_accuracy or 0)
    best_text = f"{100 * (best.test_accuracy or 0):.2f} %"
    visit.open("compare", view="together")
    together, alone, gained = visit.app.metric
    assert (alone.label, alone.value) == ("The best alone", best_text)
    assert together.label.endswith(" runs together")
    assert float(together.value.split()[0]) == pytest.approx(
        float(best_text.split()[0]) + float(gained.value)
    )
    assert float(gained.value) > 0
    ((_, data),) = visit.components("chart")
    (trace,) = json.loads(data["figure"])["data"]
    assert len(trace["text"]) == len(runs)
    assert trace["text"][0].strip() == best_text
    # The same predictions once more bring nothing.
    again = learned(store, labels, 3, seed=best.spec.training.seed, name="Again")
    visit.open("compare", view="together", runs=f"{best.id},{again.id}")
    assert f"{best.name} is best alone" in visit.text()
    assert not visit.app.metric
    assert [button.label for button in visit.app.button if "Train it twice more" in button.label]


@pytest.mark.parametrize("view", ["pair", "seeds", "together"])
def test_a_single_run_is_told_what_to_do_next(
    visit: Visit, store: RunStore, labels: np.ndarray, view: str
) -> None:
    done(store, labels)
    visit.open("compare", view=view)
    assert [button for button in visit.app.button if button.label.startswith("Train it")]
