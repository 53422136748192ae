"""The description of a run by visitors: name, tags and notes, within their limits."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.errors import FmnistError
from fmnist_core.runs.model import MAX_NAME, MAX_NOTES, MAX_TAG, MAX_TAGS
from fmnist_core.text import cleaned, one_line


def checked_description(
    name: str | None, tags: Sequence[str] | None, notes: str | None
) -> dict[str, object]:
    """The fields of a ``UserRecord`` that change, as they are stored; ``None`` leaves one as it is.

    Args:
        name: of 1 to 80 characters.
        tags: each counts once, at most 12 of at most 24 characters.
        notes: of at most 4,000 characters.

    Raises:
        FmnistError: something is too long, with a sentence for each thing that is.
    """
    changes: dict[str, object] = {}
    problems: list[str] = []
    if name is not None:
        changes["name"] = name = one_line(name)
        problems += _name_problems(name)
    if tags is not None:
        texts = (one_line(tag) for tag in tags)
        changes["tags"] = unique_tags = tuple(dict.fromkeys(tag for tag in texts if tag))
        problems += _tag_problems(unique_tags)
    if notes is not None:
        changes["notes"] = notes = cleaned(notes).strip()
        problems += _note_problems(notes)
    if problems:
        raise FmnistError(" ".join(problems))
    return changes


def _name_problems(name: str) -> list[str]:
    if 1 <= len(name) <= MAX_NAME:
        return []
    return [f"A name has 1 to {MAX_NAME} characters; this one has {len(name)}."]


def _tag_problems(tags: Sequence[str]) -> list[str]:
    if len(tags) > MAX_TAGS:
        return [f"A run has at most {MAX_TAGS} tags, not {len(tags)}."]
    too_long = next((tag for tag in tags if len(tag) > MAX_TAG), None)
    if too_long is None:
        return []
    return [f"A tag has at most {MAX_TAG} characters; “{too_long[:20]}…” has {len(too_long)}."]


def _note_problems(notes: str) -> list[str]:
    if len(notes) <= MAX_NOTES:
        return []
    return [f"Notes have at most {MAX_NOTES:,} characters; these have {len(notes):,}."]
