"""Problems of files from outside, in words that hold no text of theirs that could be markup."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

_FOREIGN = re.compile(r"[^A-Za-z0-9_./<>=+-]+")
_LONGEST = 60
_KINDS: dict[type, str] = {str: "a text", dict: "a group of fields", list: "a list"}


def quoted(text: str) -> str:
    """A name from outside in quotes, as a message may show it: nothing in it works as markup.

    Example: ``"evil.exe"`` for ``"evil.exe"``, ``"·a·"`` for ``"[a]"``
    """
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "“" + _FOREIGN.sub("·", cut).replace("__", "_·") + "”"


def describe_problem(error: ValidationError) -> str:
    """The first validation error of pydantic as a phrase, without a full stop.

    Example: ``"summary.test_accuracy is 1e+300: it should be less than or equal to 1"``
    """
    detail = error.errors(include_url=False)[0]
    # Where a value may be of several kinds, the last parts name the kind and not the place.
    parts = detail["loc"][:2] if detail["loc"][:1] == ("environment",) else detail["loc"]
    path = ".".join(str(part) for part in parts)
    field = quoted(path)[1:-1] if path else "it"
    if detail["type"] == "missing":
        return f"{field} is missing"
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"no run has a field {quoted(path)}"
    if detail["type"] == "json_invalid":
        return "it is no JSON"
    if detail["type"] == "value_error" and str(detail["ctx"]["error"])[0].isupper():
        # A sentence of our own.
        return f"{field}: {str(detail['ctx']['error']).rstrip('.')}"
    return f"{field} is {describe_value(detail['input'])}: it {_rule(detail)}"


def _rule(detail: Any) -> str:
    """What a field should be, out of pydantic's sentence about it."""
    if detail["type"] == "string_pattern_mismatch":
        return "has not the form that a training gives it"
    if detail["loc"][:1] == ("environment",) and len(detail["loc"]) > 1:
        return "should be a short text, a number, or a group of these"
    _, should, rest = detail["msg"].partition("should")
    return f"should{rest}" if should else "makes no sense"


def describe_value(value: Any) -> str:
    """A received value in words: a number as it is, of anything else only its kind."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a number far too large"
    return _KINDS.get(type(value), "something else")
