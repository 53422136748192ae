"""Validation errors of a spec, in sentences that name the field and its range."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from fmnist_core.dataset import fold_count
from fmnist_core.errors import FmnistError
from fmnist_core.specs.run import RunSpec
from fmnist_core.specs.schema import (
    FieldDisplay,
    NotAnOption,
    bounds,
    constraint,
    entry_field,
    field_display,
)

_LONGEST_RECEIVED = 40
_LISTS = ("too_short", "too_long", "tuple_type")
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """A rule that a configuration breaks.

    Attributes:
        location: names and indices from the configuration down to the refused value.
        rule: a sentence without its full stop, such as ``"Epochs must be a whole number from 1 to
            200"``.
        received: the refused value in words; ``None`` where the rule is about several values.
        kind: ``"unknown"`` is a field that does not exist, ``"several"`` a rule about more than one
            value, ``"value"`` a value that its field does not allow.
    """

    location: Location
    rule: str
    received: str | None = None
    kind: Literal["value", "unknown", "several"] = "value"

    @property
    def sentence(self) -> str:
        """``"Epochs must be a whole number from 1 to 200, not 0."``."""
        return f"{self.rule}." if self.received is None else f"{self.rule}, not {self.received}."


class SpecError(FmnistError):
    """A spec was refused; ``problems`` holds one sentence a mistake, ``details`` their parts."""

    def __init__(self, details: list[Problem]) -> None:
        self.details = details
        self.problems = list(dict.fromkeys(detail.sentence for detail in details))
        super().__init__(" ".join(self.problems))


def parse_spec(data: object) -> RunSpec:
    """Validate a spec from anywhere: the form, an address, a file.

    Args:
        data: JSON text, or the value that it would decode to.

    Returns:
        The validated run.

    Raises:
        SpecError: with one sentence for each field that was refused.
    """
    if isinstance(data, str | bytes):
        data = decoded(data)
    try:
        spec = RunSpec.model_validate(data)
    except ValidationError as error:
        raise SpecError(problems_of(error)) from error
    # Not in the model: runs of earlier versions trained such parts, and remain to be looked at.
    if problem := _fold_problem(spec):
        raise SpecError([problem])
    return spec


def decoded(text: str | bytes) -> object:
    """The value of JSON text.

    Raises:
        SpecError: it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpecError([Problem((), "This is no configuration: it is not valid JSON")]) from error


def spec_text(spec: RunSpec) -> str:
    """A run as short JSON for an address: what has its default value is left out."""
    data = spec.model_dump(mode="json", exclude_defaults=True)
    if "network" in data:
        # The kind decides which model reads the rest, so it stays although it is a default.
        data["network"] = {"kind": spec.network.kind, **data["network"]}
    return json.dumps(data, separators=(",", ":"))


def problems_of(error: ValidationError) -> list[Problem]:
    """What pydantic refused, each value once."""
    details = error.errors(include_url=False)
    # A list with a refused entry is reported once more as a whole, as too short.
    containers = {detail["loc"][:n] for detail in details for n in range(len(detail["loc"]))}
    found = [_problem(detail) for detail in details if detail["loc"] not in containers]
    return list(dict.fromkeys(found))


def _problem(detail: Any) -> Problem:
    location = detail["loc"]
    if location[:1] == ("network",) and location[1:2] in (("dense",), ("cnn",)):
        # By which kind pydantic read the network; a field of that name may stand anywhere else.
        location = location[:1] + location[2:]
    if detail["type"] == "value_error" and not isinstance(detail["ctx"]["error"], NotAnOption):
        return Problem(location, str(detail["ctx"]["error"]).rstrip("."), kind="several")
    if detail["type"].startswith("union_tag"):
        network = detail["input"]
        kind = network.get("kind") if isinstance(network, dict) else network
        return Problem(("network", "kind"), "The network must be Dense or CNN", value_text(kind))
    if detail["type"] == "extra_forbidden":
        name = value_text(str(location[-1]))
        return Problem(location, f"There is no setting called {name}", kind="unknown")
    field, rule = _field_at(location)
    if detail["type"] in _LISTS:
        low, high = bounds(field)
        count = f"from {low} to {high}" if low else f"at most {high}"
        entries = f"{field_display(field).entry_name}s"
        rule = f"The number of {entries} must be {count}"
        received = detail["input"]
        length = len(received) if isinstance(received, list | tuple) else None
        return Problem(location, rule, value_text(received if length is None else length))
    return Problem(location, rule, value_text(detail["input"]))


def _fold_problem(spec: RunSpec) -> Problem | None:
    """The part of a cross-validation that is kept aside must be one of its parts."""
    share, fold = spec.training.validation_share, spec.training.validation_fold
    parts = fold_count(share)
    if fold < max(1, parts):
        return None
    rule = (
        f"Cross-validation part must be a whole number from 0 to {parts - 1}, since a validation "
        f"share of {share:g} makes {parts} parts"
        if parts
        else "Cross-validation part must be 0 where no pictures are kept aside for validation"
    )
    return Problem(("training", "validation_fold"), rule, value_text(fold))


def value_text(value: object) -> str:
    """A value that somebody sent, in words and cut where it is long: ``"0"``, ``"“x”"``."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _cut(f"“{value}”")
    if isinstance(value, int):
        try:
            return _cut(f"{value:,}")
        except ValueError:
            # Python refuses to print integers of more than 4,300 digits.
            return "a number far too long to print"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "no finite number"
    if isinstance(value, list | tuple):
        return f"a list of {len(value):,}" if value else "an empty list"
    return "a group of settings" if isinstance(value, dict) else "something else"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_RECEIVED else text[: _LONGEST_RECEIVED - 1] + "…"


def _field_at(location: Location) -> tuple[FieldInfo, str]:
    """The field at a location, and its rule: its name on the screen and what it allows."""
    models: list[type[BaseModel]] = [RunSpec]
    field = FieldInfo(annotation=RunSpec, title="The configuration")
    name = "The configuration"
    place = ""
    for part in location:
        if isinstance(part, int):
            entry = f"{field_display(field).entry_name} {part + 1}"
            field = entry_field(field)
            name = f"{field.title} of {entry}" if field.title else entry.capitalize()
            place = f" of {entry}"
        else:
            field = next(m.model_fields[part] for m in models if part in m.model_fields)
            name = f"{field.title or part.capitalize()}{place}"
        models = _models_in(field.annotation) or models
    return field, f"{name} must be {_allowed_text(field.annotation, field.metadata)}"


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _allowed_text(annotation: Any, metadata: list[Any]) -> str:
    """What a field allows, in words: ``"a whole number from 1 to 200"``, ``"on or off"``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        details = [part for info in extra for part in getattr(info, "metadata", [info])]
        return _allowed_text(inner, [*metadata, *details])
    if origin is Literal:
        display = next(
            (part for part in metadata if isinstance(part, FieldDisplay)), FieldDisplay()
        )
        options = [display.option_labels.get(value, str(value)) for value in get_args(annotation)]
        return f"{', '.join(options[:-1])} or {options[-1]}"
    if origin in (Union, UnionType):
        parts = [_allowed_text(part, metadata) for part in get_args(annotation)]
        return " or ".join(dict.fromkeys(parts))
    if annotation is bool:
        return "on or off"
    if annotation in (int, float):
        low, high = constraint(metadata, "ge"), constraint(metadata, "le")
        kind = "whole number" if annotation is int else "number"
        return f"a {kind} from {_number_text(low)} to {_number_text(high)}"
    return "a group of settings"


def _number_text(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:f}".rstrip("0").rstrip(".")
