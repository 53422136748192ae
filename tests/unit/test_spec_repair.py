"""A link with something wrong in it keeps what is good, and says what was set to what."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from fmnist_core.presets import PRESETS
from fmnist_core.specs import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    RunSpec,
    SpecError,
    TrainingSpec,
    parse_spec,
    repaired,
    spec_text,
)

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
SENTENCES = re.compile(r"(It was|The first \d were|Its settings were|Early stopping was|The form) ")


def read(data: object) -> tuple[RunSpec, list[str]]:
    return repaired(json.dumps(data))


@pytest.mark.parametrize("name", PRESETS)
def test_a_good_link_is_read_as_it_is(name: str) -> None:
    assert repaired(spec_text(PRESETS[name])) == (PRESETS[name], [])


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"batch_size": 0}, "from 1 to 8,192; the link says 0. It was set to 32."),
        ({"batch_size": None}, "the link says nothing. It was set to 32."),
        ({"optimizer": "sgdm"}, "the link says “sgdm”. It was set to Adam."),
        ({"flip": "yes"}, "must be on or off; the link says “yes”. It was set to off."),
        ({"train_pictures": 60001}, "the link says 60,001. It was set to 60,000."),
        ({"momentum": [1, 2]}, "the link says a list of 2. It was set to 0.9."),
        ({"colour": 1}, "There is no setting called “colour”. It was left out."),
        (
            {"validation_fold": 50},
            (
                "from 0 to 9, since a validation share of 0.1 makes 10 parts; the link says 50. It "
                "was set to 0."
            ),
        ),
        ({"early_stopping_patience": 3, "validation_share": 0.0}, "Early stopping was set to 0."),
    ],
)
def test_one_bad_field_of_the_training_costs_nothing_else(
    part: dict[str, Any], sentence: str
) -> None:
    good = {"epochs": 7, "seed": 5}
    network = {"kind": "cnn", "blocks": [{"filters": 9}], "head_units": []}
    spec, problems = read({"network": network, "training": {**good, **part}})
    (problem,) = problems
    assert sentence in problem
    assert spec.network == CnnSpec(blocks=(ConvBlock(filters=9),), head_units=())
    assert (spec.training.epochs, spec.training.seed) == (7, 5)
    assert parse_spec(spec_text(spec)) == spec


@pytest.mark.parametrize(
    ("network", "expected", "sentence"),
    [
        (
            {"kind": "dense", "units": [64, 0, 32]},
            DenseSpec(units=(64, 128, 32)),
            (
                "Neurons of hidden layer 2 must be a whole number from 1 to 2,048; the link says "
                "0. It was set to 128."
            ),
        ),
        (
            {"kind": "dense", "units": [1, 2, 3, 4, 5, 6]},
            DenseSpec(units=(1, 2, 3, 4, 5)),
            "The number of hidden layers must be from 1 to 5; the link says 6. The first 5 were",
        ),
        ({"kind": "dense", "units": []}, DenseSpec(), "the link says 0. It was set to 1."),
        (
            {"kind": "cnn", "blocks": [{"filters": 8}, 7], "activation": "tanh"},
            CnnSpec(blocks=(ConvBlock(filters=8), ConvBlock()), activation="tanh"),
            "Block 2 must be a group of settings; the link says 7. It was set to its usual values.",
        ),
        (
            {"kind": "cnn", "blocks": [{"filters": 8, "pooling": "min", "dropout": 0.5}]},
            CnnSpec(blocks=(ConvBlock(filters=8, dropout=0.5),)),
            (
                "Pooling of block 1 must be Max pooling, Average pooling, Stride or No pooling; "
                "the link says “min”. It was set to Max pooling."
            ),
        ),
        (
            {"kind": "svm", "blocks": [{"filters": 8}]},
            CnnSpec(blocks=(ConvBlock(filters=8),)),
            "The network must be Dense or CNN; the link says “svm”. It was set to CNN.",
        ),
        ({"units": [9]}, DenseSpec(units=(9,)), "the link says nothing. It was set to Dense."),
        (7, DenseSpec(), "the link says 7. Its settings were set to their usual values."),
    ],
)
def test_one_bad_field_of_the_network_costs_nothing_else(
    network: object, expected: BaseModel, sentence: str
) -> None:
    spec, problems = read({"network": network, "training": {"epochs": 7}})
    (problem,) = problems
    assert sentence in problem
    assert spec.network == expected
    assert spec.training == TrainingSpec(epochs=7)


def test_several_bad_fields_are_each_said_once() -> None:
    training = {"batch_size": 0, "epochs": 9999, "seed": 3, "learning_rate": "fast"}
    spec, problems = read({"training": training})
    assert spec.training == TrainingSpec(seed=3)
    assert [problem.split(" must")[0] for problem in problems] == [
        "Learning rate",
        "Batch size",
        "Epochs",
    ]


def test_a_network_that_cannot_be_built_stays_for_the_form_to_mend() -> None:
    blocks = [{"pool_size": 4}] * 3
    spec, problems = read({"network": {"kind": "cnn", "blocks": blocks}})
    assert problems == []
    assert isinstance(spec.network, CnnSpec)
    assert [block.pool_size for block in spec.network.blocks] == [4, 4, 4]
    with pytest.raises(SpecError, match="In block 3"):
        parse_spec(spec.model_dump())


@pytest.mark.parametrize("text", ["nonsense", "", "[" * 9999])
def test_what_is_no_json_cannot_be_repaired(text: str) -> None:
    with pytest.raises(SpecError, match="not valid JSON"):
        repaired(text)


@given(st.sampled_from(["dense", "cnn", "training", "block", "all"]), JUNK, st.data())
def test_whatever_a_link_says_gives_a_form_and_sentences(
    place: str, junk: object, data: st.DataObject
) -> None:
    models: dict[str, type[BaseModel]] = {
        "dense": DenseSpec,
        "cnn": CnnSpec,
        "training": TrainingSpec,
        "block": ConvBlock,
        "all": RunSpec,
    }
    part = {data.draw(st.sampled_from(list(models[place].model_fields))): junk}
    links: dict[str, dict[str, Any]] = {
        "dense": {"network": {"kind": "dense", **part}},
        "cnn": {"network": {"kind": "cnn", **part}},
        "training": {"training": part},
        "block": {"network": {"kind": "cnn", "blocks": [{"filters": 7}, part]}},
        "all": part,
    }
    spec, problems = read(links[place])
    # Each part is allowed by itself.
    assert TrainingSpec.model_validate(spec.training.model_dump()) == spec.training
    assert type(spec.network).model_validate(spec.network.model_dump()) == spec.network
    assert all(SENTENCES.search(problem) for problem in problems)


@given(JUNK)
def test_junk_gives_the_first_network_and_says_so(junk: object) -> None:
    spec, problems = read(junk)
    assert spec == RunSpec()
    assert problems or junk == {}
