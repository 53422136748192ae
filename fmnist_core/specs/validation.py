"""Validation errors of a spec, in sentences that name the field and its range."""

from __future__ import annotations

import json
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from fmnist_core.errors import FmnistError
from fmnist_core.specs.run import RunSpec
from fmnist_core.specs.schema import constraint


class SpecError(FmnistError):
    """A spec was refused; ``problems`` holds one sentence a mistake."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


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
        try:
            data = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise SpecError(["This is not a configuration: it is no valid JSON."]) from error
    try:
        return RunSpec.model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A list with a refused entry is reported once more as a whole, as too short.
        containers = {detail["loc"][:n] for detail in details for n in range(len(detail["loc"]))}
        problems = [_sentence(detail) for detail in details if detail["loc"] not in containers]
        raise SpecError(list(dict.fromkeys(problems))) from error


def spec_text(spec: RunSpec) -> str:
    """A run as short JSON for an address: what has its default value is left out."""
    data = spec.model_dump(mode="json", exclude_defaults=True)
    if "network" in data:
        # The kind decides which model reads the rest, so it stays although it is a default.
        data["network"] = {"kind": spec.network.kind, **data["network"]}
    return json.dumps(data, separators=(",", ":"))


def _sentence(detail: Any) -> str:
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    if detail["type"].startswith("union_tag"):
        return "Network (network) must say its kind: “dense” or “cnn”."
    location = detail["loc"]
    if location[:1] == ("network",) and location[1:2] in (("dense",), ("cnn",)):
        # By which kind pydantic read the network; a field of that name may stand anywhere else.
        location = location[:1] + location[2:]
    if detail["type"] == "extra_forbidden":
        return f"There is no field called {_received_text(location[-1])}."
    name, allowed = _field_at(location)
    return f"{name} must be {allowed}; received {_received_text(detail['input'])}."


def _received_text(value: object) -> str:
    try:
        text = f"“{value}”" if isinstance(value, str) else repr(value)
    except ValueError:
        # Python refuses to print integers of more than 4,300 digits.
        return "a number far too long to print"
    return text if len(text) <= 40 else text[:37] + "…"


def _field_at(location: tuple[Any, ...]) -> tuple[str, str]:
    """The name on screen of the field at a location, and what it allows."""
    models: list[type[BaseModel]] = [RunSpec]
    annotation: Any = RunSpec
    name, allowed = "The configuration", "a description of a network and its training"
    for depth, part in enumerate(location):
        if isinstance(part, int):
            name += f", entry {part + 1}"
            if depth == len(location) - 1:
                annotation = get_args(annotation)[0]
                allowed = _allowed_text(annotation, [])
            continue
        field = next(m.model_fields[part] for m in models if part in m.model_fields)
        prefix = f"{name}: " if depth and isinstance(location[depth - 1], int) else ""
        name = f"{prefix}{field.title or str(part).capitalize()} ({part})"
        annotation, allowed = field.annotation, range_text(field)
        models = _models_in(annotation) or models
    return name, allowed


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def range_text(field: FieldInfo) -> str:
    """What a field allows, in words: ``"between 1 and 200"``, ``"one of max, none"``."""
    return _allowed_text(field.annotation, field.metadata)


def _allowed_text(annotation: Any, metadata: list[Any]) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        details = [part for info in extra for part in getattr(info, "metadata", [info])]
        return _allowed_text(inner, [*metadata, *details])
    if origin is Literal:
        return "one of " + ", ".join(str(value) for value in get_args(annotation))
    if origin in (Union, UnionType):
        return " or ".join(
            dict.fromkeys(_allowed_text(part, metadata) for part in get_args(annotation))
        )
    if origin is tuple:
        low, high = constraint(metadata, "min_length"), constraint(metadata, "max_length")
        items = _allowed_text(get_args(annotation)[0], [])
        return f"a list of {low or 0} to {high} entries, each {items}"
    if annotation is bool:
        return "true or false"
    if annotation in (int, float):
        low, high = constraint(metadata, "ge"), constraint(metadata, "le")
        kind = "a whole number " if annotation is int else ""
        return f"{kind}between {_number_text(low)} and {_number_text(high)}"
    return "a complete description"


def _number_text(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:f}".rstrip("0").rstrip(".")
