"""The settings of runs as a table, in words."""

from __future__ import annotations

from collections.abc import Sequence

from fmnist_core.runs.identity import Identity, change_phrases
from fmnist_core.runs.settings_text import setting_texts

ABSENT = "–"


def settings(identity: Identity) -> dict[str, str]:
    """Every setting of a run that has an effect, with its value in words, in the form's order.

    Changes made while the run trained come last.
    """
    values = setting_texts(identity.spec)
    if changed := change_phrases(identity):
        values["Changed while it trained"] = "; ".join(changed)
    return values


def side_by_side(identities: Sequence[Identity], differences: bool) -> dict[str, list[str]]:
    """Each setting with its value in every configuration, ``"–"`` where it has none.

    Args:
        identities: of the runs, one a column.
        differences: leave out the settings that all have in common.
    """
    columns = [settings(identity) for identity in identities]
    names = list(dict.fromkeys(name for column in columns for name in column))
    # What is in only some of them stands where the longest of them has it.
    names.sort(key=lambda name: max(_relative_position(column, name) for column in columns))
    rows = {name: [column.get(name, ABSENT) for column in columns] for name in names}
    return {name: row for name, row in rows.items() if not differences or len(set(row)) > 1}


def _relative_position(column: dict[str, str], name: str) -> float:
    return list(column).index(name) / len(column) if name in column else -1
