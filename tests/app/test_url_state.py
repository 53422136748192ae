"""A choice has one owner: what a page shows, what its address says, what a request may change."""

from __future__ import annotations

import json

import pytest
from app_visit import Visit
from made_histories import learned
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from fmnist_core.dataset import Dataset
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore
from ui.streamlit_internals import Arrival
from ui.url_state import PageState, one_of, whole_number


@pytest.fixture
def run(store: RunStore, data: Dataset) -> Run:
    return learned(store, data.test_labels, 3)


def acts(*told: tuple[str, str, int, object]) -> WidgetStates:
    """What a request says of components: their ids, parts, counts and values."""
    states = WidgetStates()
    for element, part, count, value in told:
        json_value = json.dumps({part: {"count": count, "value": value}})
        states.widgets.append(WidgetState(id=element, json_value=json_value))
    return states


def choice_of(visit: Visit, label: str) -> str:
    ((element, _),) = [one for one in visit.components("choice") if one[1]["label"] == label]
    return element


def component_of(visit: Visit, name: str) -> str:
    ((element, _),) = visit.components(name)
    return element


def test_a_request_with_an_older_address_changes_nothing(visit: Visit, run: Run) -> None:
    visit.open("mistakes", run=run.id)
    before = dict(visit.app.query_params)
    visit.choose("Show", "% of true class")
    wanted = {"run": run.id, "scale": "truth"}
    assert visit.app.query_params == wanted
    # A click that was made before the browser heard of the new address.
    visit.app.query_params = before
    visit.choose("Ordered by", "By similarity")
    assert visit.app.query_params == {**wanted, "order": "similar"}
    assert visit.chosen("Show") == ["% of true class"]
    visit.app.query_params = before
    visit.run()
    assert visit.app.query_params == {**wanted, "order": "similar"}


def test_an_act_that_is_told_again_is_not_carried_out_again(visit: Visit, run: Run) -> None:
    visit.open("mistakes", run=run.id, view="classes")
    element = choice_of(visit, "Look at")
    visit.app._run(acts((element, "chosen", 5, ["sure"])))
    assert visit.chosen("Look at") == ["Confidence"]
    visit.app._run(acts((element, "chosen", 6, ["classes"])))
    visit.app._run(acts((element, "chosen", 5, ["sure"])))
    assert visit.chosen("Look at") == ["Classes"]
    assert visit.app.query_params["view"] == "classes"


@pytest.mark.parametrize(
    ("name", "part", "values"),
    [
        (
            "confusion_matrix",
            "picked",
            ["x", None, {"truth": 99, "predicted": 0, "cells": []}, {"truth": 1}],
        ),
        ("confusion_matrix", "picked", [{"truth": 1, "predicted": "0", "cells": [[1]]}]),
        ("confusion_matrix", "epoch", ["2", 0, -1, 10**9, 1.5, True]),
        ("gallery", "clicked", ["x", 17, "test", "test x", "test -1", "test 99999", "all 3", [1]]),
    ],
)
def test_what_no_component_would_say_changes_nothing(
    visit: Visit, run: Run, name: str, part: str, values: list[object]
) -> None:
    visit.open("mistakes", run=run.id)
    element = component_of(visit, name)
    for value in values:
        visit.act(element, part, value)
        assert visit.app.query_params == {"run": run.id}
    for act in ("x", [1], {"count": "a", "value": 1}, {"value": 1}, {"count": 99}):
        told = json.dumps({part: act})
        visit.app._run(WidgetStates(widgets=[WidgetState(id=element, json_value=told)]))
        assert not visit.app.exception
        assert visit.app.query_params == {"run": run.id}


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned round"])
def test_acts_of_one_request_are_carried_out_as_they_were_done(
    visit: Visit, run: Run, turned: bool
) -> None:
    visit.open("mistakes", run=run.id)
    cell = {"truth": 6, "predicted": 0, "cells": []}
    told = [
        (component_of(visit, "confusion_matrix"), "picked", 10, cell),
        (component_of(visit, "gallery"), "clicked", 11, "test 17"),
    ]
    visit.app._run(acts(*(reversed(told) if turned else told)))
    # The picture was opened last; a selection that came after it would have closed it.
    expected = {"run": run.id, "truth": "6", "predicted": "0", "picture": "17"}
    assert visit.app.query_params == expected


def test_a_selection_resets_what_hangs_on_it_and_nothing_else(visit: Visit, run: Run) -> None:
    visit.open(
        "mistakes", run=run.id, answers="right", page="2", sort="loss", scale="truth", epoch="2"
    )
    cell = {"truth": 6, "predicted": 0, "cells": []}
    visit.act(component_of(visit, "confusion_matrix"), "picked", cell)
    expected = {"run": run.id, "sort": "loss", "scale": "truth", "epoch": "2"}
    assert visit.app.query_params == {**expected, "truth": "6", "predicted": "0"}


def test_no_value_comes_into_the_address_that_nobody_chose(visit: Visit, run: Run) -> None:
    visit.open("mistakes", run=run.id)
    for view in ("Classes", "Confidence", "Seeds", "Verdicts", "Suspicious labels"):
        visit.choose("Look at", view)
        assert set(visit.app.query_params) == {"run", "view"}
    visit.choose("Look at", "Matrix")
    assert visit.app.query_params == {"run": run.id}


def test_the_newest_run_is_added_to_what_an_address_says(visit: Visit, run: Run) -> None:
    visit.open("mistakes", epoch="2", page="2")
    # The address is completed where no test without a browser sees it, and written with a choice.
    visit.choose("Show", "% of true class")
    expected = {"run": run.id, "scale": "truth", "epoch": "2", "page": "2"}
    assert visit.app.query_params == expected


def test_what_cannot_be_shown_leaves_the_address(visit: Visit, run: Run) -> None:
    visit.open("mistakes", run=run.id, epoch="99", threshold="x", view="nowhere")
    assert visit.app.query_params == {"run": run.id}
    visit.open("mistakes", run=run.id, page="999")
    (pages,) = visit.app.get("pagination")
    assert visit.app.query_params == {"run": run.id, "page": str(pages.proto.num_pages)}


def test_a_click_on_a_field_that_a_preset_has_just_changed_counts(visit: Visit) -> None:
    visit.open("train")
    (epochs,) = [field for field in visit.app.number_input if field.label == "Epochs"]
    assert isinstance(epochs.value, int)
    late = WidgetState(id=epochs.id, int_value=23)
    old = WidgetState(id=epochs.id, int_value=epochs.value)
    visit.choose("Start from", "LeNet")
    # Of a field that is gone Streamlit also tells the old value once more.
    visit.app._run(WidgetStates(widgets=[old]))
    assert visit.chosen("Start from") == ["LeNet"]
    visit.app._run(WidgetStates(widgets=[late]))
    assert [f.value for f in visit.app.number_input if f.label == "Epochs"] == [23]
    assert visit.chosen("Start from") == []
    assert json.loads(visit.app.query_params["config"])["training"]["epochs"] == 23


@pytest.mark.parametrize("before", [7, 4], ids=["preset, then field", "field, then preset"])
def test_a_field_of_streamlits_is_changed_in_its_turn_among_our_acts(
    visit: Visit, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ui.components.acts.arrival_of_change", lambda: Arrival(act=before, request=1)
    )
    visit.open("train")
    preset = choice_of(visit, "Start from")
    ((_, data),) = [one for one in visit.components("choice") if one[0] == preset]
    (lenet,) = [option["id"] for option in data["options"] if option["text"] == "LeNet"]
    (epochs,) = [field for field in visit.app.number_input if field.label == "Epochs"]
    act = {"chosen": {"count": 5, "value": [lenet]}}
    both = [
        WidgetState(id=preset, json_value=json.dumps(act)),
        WidgetState(id=epochs.id, int_value=23),
    ]
    visit.app._run(WidgetStates(widgets=both))
    found = json.loads(visit.app.query_params["config"])["training"]["epochs"]
    assert found == (PRESETS["LeNet"].training.epochs if before == 4 else 23)
    assert visit.chosen("Start from") == (["LeNet"] if before == 4 else [])


def test_another_visit_to_a_page_begins_as_its_address_says(visit: Visit, run: Run) -> None:
    visit.open("mistakes", run=run.id, view="classes")
    visit.go("explore")
    visit.go("mistakes", run=run.id)
    assert visit.chosen("Look at") == ["Matrix"]


def test_two_parameters_of_a_page_cannot_have_one_name() -> None:
    state = PageState("made up")
    state.parameter("view", "a", one_of(("a", "b")))
    with pytest.raises(ValueError, match="'view'"):
        state.parameter("view", 1, whole_number(9))


@pytest.mark.parametrize("text", ["-1", "10", "1.5", "٣", "", "9" * 99, "0x1"])
def test_a_number_outside_its_limits_counts_as_absent(text: str) -> None:
    assert whole_number(9)(text) is None
