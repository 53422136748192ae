"""A configuration from a link, with what is wrong in it replaced and said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError

from fmnist_core.specs.run import RunSpec
from fmnist_core.specs.schema import (
    CnnSpec,
    ConvBlock,
    DenseSpec,
    Network,
    TrainingSpec,
    bounds,
    field_display,
)
from fmnist_core.specs.validation import Problem, SpecError, decoded, parse_spec, problems_of

# A value that is replaced can bring others to light, such as those inside it.
_MOST_ROUNDS = 8
_network: TypeAdapter[Network] = TypeAdapter(Network)
_NETWORKS: dict[str, type[BaseModel]] = {"dense": DenseSpec, "cnn": CnnSpec}


class Repaired(NamedTuple):
    """A configuration and what had to be replaced in it.

    Attributes:
        spec: each field allowed; the network may still be too large to train, or its maps vanish,
            which the form says and can mend.
        problems: a sentence for each replaced field: its rule, what came, what it was set to.
    """

    spec: RunSpec
    problems: list[str]


def repaired(text: str) -> Repaired:
    """Read a link's configuration; what is good in it stays, whatever else is wrong.

    Args:
        text: JSON of a configuration, as ``spec_text`` writes it, or anything.

    Raises:
        SpecError: it is no JSON, so that nothing of it can be kept.
    """
    data = decoded(text)
    sentences: list[str] = []
    for _ in range(_MOST_ROUNDS):
        problems = _problems(data)
        if not problems:
            return Repaired(_unchecked(data), sentences)
        for problem in problems:
            data, outcome = _replaced(data, problem)
            came = "" if problem.received is None else f"; the link says {problem.received}"
            sentences.append(f"{problem.rule}{came}. {outcome}")
    raise SpecError([Problem((), "This is no configuration")])


def _problems(data: Any) -> list[Problem]:
    """The problems of single fields; the form itself speaks of a network that cannot be built."""
    try:
        RunSpec.model_validate(data)
        parse_spec(data)
    except ValidationError as error:
        problems = problems_of(error)
    except SpecError as error:
        problems = error.details
    else:
        return []
    return [problem for problem in problems if problem.location or problem.kind != "several"]


def _unchecked(data: Any) -> RunSpec:
    """A spec whose parts are valid, also where they do not fit together."""
    network = _network.validate_python(data.get("network", {"kind": "dense"}))
    return RunSpec.model_construct(
        network=network,
        training=TrainingSpec.model_validate(data.get("training", {})),
    )


def _replaced(data: Any, problem: Problem) -> tuple[Any, str]:
    """The configuration without a refused value, and a sentence on what stands there now."""
    location = problem.location
    if not location:
        return {}, "The form begins with the first network."
    if problem.kind == "several":
        data["training"]["early_stopping_patience"] = 0
        return data, "Early stopping was set to 0."
    if location == ("network", "kind"):
        return _with_kind(data)
    *way, last = location
    parent = data
    for part in way:
        parent = parent[part]
    if problem.kind == "unknown":
        del parent[last]
        return data, "It was left out."
    if isinstance(last, int):
        entry = _default_entry(data, location)
        parent[last] = entry
        return data, "It was set to its usual values." if entry == {} else _set_to(entry)
    if len(location) == 1:
        parent[last] = {"kind": "dense"} if last == "network" else {}
        return data, "Its settings were set to their usual values."
    return data, _reset(data, parent, location)


def _reset(data: Any, parent: Any, location: Sequence[str | int]) -> str:
    """Set a field to its usual value; of too many entries the first stay."""
    name = str(location[-1])
    model = _model(data, location)
    field = model.model_fields[name]
    entries, most = parent[name], bounds(field)[1]
    if field_display(field).entry_name and isinstance(entries, list) and len(entries) > most:
        parent[name] = entries[:most]
        return f"The first {most} were kept."
    del parent[name]
    default = field.default
    if isinstance(default, tuple):
        return f"It was set to {len(default)}."
    return _set_to(field_display(field).option_labels.get(default, default))


def _set_to(value: object) -> str:
    if isinstance(value, bool):
        return f"It was set to {'on' if value else 'off'}."
    return f"It was set to {value:,}." if isinstance(value, int) else f"It was set to {value}."


def _model(data: Any, location: Sequence[str | int]) -> type[BaseModel]:
    """The model of the fields beside a location."""
    if location[:1] == ("training",):
        return TrainingSpec
    return ConvBlock if len(location) == 4 else _NETWORKS[data["network"]["kind"]]


def _default_entry(data: Any, location: Sequence[str | int]) -> Any:
    """What a refused entry of a list becomes: a usual layer, or a block that is to be filled."""
    field = _NETWORKS[data["network"]["kind"]].model_fields[str(location[1])]
    first = field.default[0]
    return {} if isinstance(first, BaseModel) else first


def _with_kind(data: Any) -> tuple[Any, str]:
    """The configuration with a kind of network, by what else the network says."""
    network = data["network"]
    if not isinstance(network, dict):
        data["network"] = {"kind": "dense"}
        return data, "It was set to Dense."
    network["kind"] = "cnn" if {"blocks", "head", "head_units"} & set(network) else "dense"
    return data, f"It was set to {'CNN' if network['kind'] == 'cnn' else 'Dense'}."
