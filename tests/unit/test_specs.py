"""A spec is refused in words that name the field, or built by Keras as predicted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel

from fmnist_core.presets import PRESET_SENTENCES, PRESETS, network_name
from fmnist_core.specs import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    RunSpec,
    SpecError,
    TrainingSpec,
    layer_shapes,
    parameter_count,
    parse_spec,
    spec_text,
)
from fmnist_core.training.models import build_network

NUMERIC_FIELDS = [
    ("training", name)
    for name in (
        "learning_rate",
        "momentum",
        "weight_decay",
        "batch_size",
        "epochs",
        "train_pictures",
        "validation_share",
        "validation_fold",
        "label_noise",
        "shift",
        "early_stopping_patience",
        "seed",
    )
] + [("network", "dropout"), ("network", "l2")]

units = st.lists(st.integers(1, 64), min_size=1, max_size=5)
share = st.sampled_from([0.0, 0.25, 0.9])
activation = st.sampled_from(["relu", "tanh", "gelu", "sigmoid"])
dense = st.fixed_dictionaries(
    {
        "kind": st.just("dense"),
        "units": units,
        "activation": activation,
        "dropout": share,
        "batch_norm": st.booleans(),
        "l2": st.sampled_from([0, 0.001]),
    }
)
block = st.fixed_dictionaries(
    {
        "filters": st.integers(1, 24),
        "kernel": st.sampled_from([1, 3, 5, 7]),
        "convolutions": st.integers(1, 2),
        "padding": st.sampled_from(["same", "valid"]),
        "pooling": st.sampled_from(["max", "average", "strided", "none"]),
        "pool_size": st.integers(2, 4),
        "dropout": share,
        "batch_norm": st.booleans(),
    }
)
cnn = st.fixed_dictionaries(
    {
        "kind": st.just("cnn"),
        "blocks": st.lists(block, min_size=1, max_size=4),
        "activation": activation,
        "head": st.sampled_from(["dense", "average"]),
        "head_units": st.lists(st.integers(1, 64), max_size=3),
        "head_dropout": share,
    }
)


@given(st.one_of(dense, cnn))
def test_every_spec_is_refused_in_words_or_built_exactly_as_predicted(network: object) -> None:
    try:
        spec = parse_spec({"network": network})
    except SpecError as error:
        assert "In block " in str(error)
        return
    model = build_network(spec)
    planned = layer_shapes(spec)
    assert parameter_count(spec) == model.count_params()
    assert [(layer.name, layer.output_shape, layer.parameters) for layer in planned] == [
        (layer.name, tuple(layer.output.shape[1:]), layer.count_params()) for layer in model.layers
    ]


# A list is refused by its number of entries or by what is wrong inside one, a block by its number.
NAMED = (
    "(?i){title}|number of|of (hidden layer|dense layer|block) |In block|^Block |no setting|^Early"
)
# The names of fields in code, and how Python writes values.
NOT_FOR_PEOPLE = re.compile(r"Traceback|None\b|True|False|\bnan\b|\binf\b|[a-z]_[a-z]|\{\}|\[\]")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.sampled_from(["dense", "cnn", "training", "block"]), st.data())
def test_a_wrong_value_anywhere_never_brings_more_than_a_sentence(
    place: str, data: st.DataObject
) -> None:
    models: dict[str, type[BaseModel]] = {
        "dense": DenseSpec,
        "cnn": CnnSpec,
        "training": TrainingSpec,
        "block": ConvBlock,
    }
    fields = models[place].model_fields
    name = data.draw(st.sampled_from([n for n in fields if n != "kind"]))
    value = data.draw(json_values)
    part: dict[str, Any] = {name: value}
    spec = {
        "dense": {"network": {"kind": "dense", **part}},
        "cnn": {"network": {"kind": "cnn", **part}},
        "training": {"training": part},
        "block": {"network": {"kind": "cnn", "blocks": [part]}},
    }[place]
    try:
        parse_spec(spec)
    except SpecError as error:
        assert re.search(NAMED.format(title=re.escape(str(fields[name].title))), str(error))
        assert NOT_FOR_PEOPLE.search(re.sub("“.*?”", "", str(error))) is None


@given(json_values)
def test_junk_is_refused(value: object) -> None:
    assume(value != {})
    with pytest.raises(SpecError):
        parse_spec(value)


@pytest.mark.parametrize(
    "spec",
    [
        {"cnn": None},
        {"network": {"kind": "cnn", "cnn": 1}},
        {"network": {"kind": "cnn", "blocks": [{"cnn": 1}]}},
    ],
)
def test_a_field_that_is_called_like_a_kind_of_network_is_refused_by_name(spec: object) -> None:
    with pytest.raises(SpecError, match="There is no setting called “cnn”"):
        parse_spec(spec)


@pytest.mark.parametrize("field", NUMERIC_FIELDS, ids=lambda field: field[1])
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), float("-inf"), True, "5", 10**400, 10**5000, -1, None],
    ids=["nan", "inf", "-inf", "true", "text", "huge", "unprintable", "negative", "null"],
)
def test_numbers_that_keras_might_take_are_refused_by_name_and_range(
    field: tuple[str, str], value: object
) -> None:
    part, name = field
    spec = {part: {name: value, **({"kind": "dense"} if part == "network" else {})}}
    models: dict[str, type[BaseModel]] = {"training": TrainingSpec, "network": DenseSpec}
    title = models[part].model_fields[name].title
    rule = rf"^{re.escape(str(title))} must be a (whole )?number from \S+ to \S+, not .+\.$"
    with pytest.raises(SpecError, match=rule) as caught:
        parse_spec(spec)
    assert len(caught.value.problems) == 1
    assert NOT_FOR_PEOPLE.search(str(caught.value)) is None


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"training": {"epochs": 0}}, "Epochs must be a whole number from 1 to 200, not 0."),
        (
            {"training": {"batch_size": 0}},
            "Batch size must be a whole number from 1 to 8,192, not 0.",
        ),
        ({"training": {"learning_rate": 0}}, "a number from 0.000001 to 1, not 0."),
        (
            {"training": {"optimizer": "x"}},
            "must be Adam, AdamW, SGD with momentum or RMSprop, not",
        ),
        ({"training": {"flip": 1}}, "Mirror half of them must be on or off, not 1."),
        ({"training": None}, "Training must be a group of settings, not nothing."),
        ({"network": {"kind": "dense", "dropout": 1.0}}, "Dropout must be a number from 0 to 0.9"),
        (
            {"network": {"kind": "dense", "units": [4, 0]}},
            "Neurons of hidden layer 2 must be a whole number from 1 to 2,048, not 0.",
        ),
        (
            {"network": {"kind": "dense", "units": [8] * 6}},
            "The number of hidden layers must be from 1 to 5, not 6.",
        ),
        (
            {"network": {"kind": "cnn", "head_units": [8] * 4}},
            "The number of dense layers must be at most 3, not 4.",
        ),
        (
            {"network": {"kind": "cnn", "blocks": [{}, {"kernel": 2}]}},
            "Kernel size of block 2 must be 1, 3, 5 or 7, not 2.",
        ),
        ({"network": {"kind": "cnn", "blocks": [{"kernel": True}]}}, "1, 3, 5 or 7, not true."),
        ({"network": {"kind": "cnn", "blocks": [{}, [{}]]}}, "Block 2 must be a group of settings"),
        ({"network": {"kind": "svm"}}, "The network must be Dense or CNN, not “svm”."),
        ({"surprise": 1}, "There is no setting called “surprise”."),
        (
            {"training": {"validation_fold": 50}},
            (
                "Cross-validation part must be a whole number from 0 to 9, since a validation "
                "share of 0.1 makes 10 parts, not 50."
            ),
        ),
        (
            {"training": {"validation_fold": 1, "validation_share": 0}},
            "Cross-validation part must be 0 where no pictures are kept aside",
        ),
        ("7", "The configuration must be a group of settings, not 7."),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_refusal_says_field_range_and_what_was_received(spec: object, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(spec)
    assert sentence in str(caught.value)


def test_vanishing_feature_map_is_refused_by_the_number_of_its_block() -> None:
    blocks = [{"pool_size": 4}, {"pool_size": 4}, {"pool_size": 2}]
    with pytest.raises(SpecError, match="In block 3 the feature map would shrink below 1 × 1"):
        parse_spec({"network": {"kind": "cnn", "blocks": blocks}})


def test_too_large_network_is_refused_with_the_estimate() -> None:
    huge = {"kind": "cnn", "blocks": [{"filters": 256, "pooling": "none"}], "head_units": [2048]}
    with pytest.raises(
        SpecError, match=r"would have 411,0\d\d,\d\d\d parameters; at most 20,000,000"
    ):
        parse_spec({"network": huge})


def test_too_much_memory_is_refused_with_the_estimate() -> None:
    wide = {"kind": "cnn", "blocks": [{"filters": 256}]}
    with pytest.raises(SpecError, match=r"would take about \d+\.\d GB of memory; at most 4 GB"):
        parse_spec({"network": wide, "training": {"batch_size": 8192}})


def test_early_stopping_without_validation_is_refused() -> None:
    with pytest.raises(SpecError, match="Early stopping watches the validation loss"):
        parse_spec({"training": {"early_stopping_patience": 2, "validation_share": 0}})


def test_a_run_of_a_part_that_does_not_exist_can_still_be_read() -> None:
    # It was accepted once; such a run is listed and looked into like any other.
    training = {"validation_fold": 50}
    assert RunSpec.model_validate({"training": training}).training.validation_fold == 50


def test_presets_stand_in_their_order_each_with_a_sentence() -> None:
    assert (
        list(PRESETS)
        == list(PRESET_SENTENCES)
        == [
            "Simple network",
            "Wide network with dropout",
            "LeNet",
            "CNN with dropout",
            "Fast CNN",
            "Best CNN",
        ]
    )
    assert [network_name(spec) for spec in PRESETS.values()] == list(PRESETS)


def test_simple_network_is_the_tutorials_own() -> None:
    spec = PRESETS["Simple network"]
    assert parameter_count(spec) == 101_770
    assert (spec.training.optimizer, spec.training.batch_size) == ("adam", 32)
    assert [layer.kind for layer in layer_shapes(spec)] == [
        "Rescaling",
        "Flatten",
        "Dense",
        "Dense",
        "Activation",
    ]


def test_lenet_has_its_classic_number_of_weights() -> None:
    # LeCun et al. (1998) with full connections in the second convolution.
    assert parameter_count(PRESETS["LeNet"]) == 61_706


@pytest.mark.parametrize("name", PRESETS)
def test_spec_survives_the_way_through_json(name: str) -> None:
    spec = PRESETS[name]
    assert parse_spec(spec.model_dump_json()) == spec
    assert parse_spec(json.loads(spec.model_dump_json())) == spec
    assert parse_spec(spec_text(spec)) == spec


def test_names_tell_networks_that_are_no_preset() -> None:
    assert network_name(RunSpec(network=DenseSpec(units=(256, 64)))) == "Dense 256-64"
    blocks = (ConvBlock(filters=16), ConvBlock(filters=24))
    assert network_name(RunSpec(network=CnnSpec(blocks=blocks))) == "CNN 16-24"
