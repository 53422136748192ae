"""The settings of runs as a table, in words."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from fmnist_core.runs.identity import Identity, change_phrases
from fmnist_core.specs import TrainingSpec, parameter_count
from fmnist_core.specs.schema import ConvBlock, field_display

ABSENT = "–"


def settings(identity: Identity) -> dict[str, str]:
    """Every setting of a run that has an effect, with its value in words, in the form's order.

    Changes made while the run trained come last.
    """
    spec, network = identity.spec, identity.spec.network
    values = {"Network": {"dense": "Dense", "cnn": "CNN"}[network.kind]}
    for name, field in type(network).model_fields.items():
        setting = getattr(network, name)
        if name == "kind":
            continue
        if name == "blocks":
            values |= {f"Block {n}": _block_text(block) for n, block in enumerate(setting, 1)}
        else:
            values[field.title or name] = _value_text(network, name)
    values["Parameters"] = f"{parameter_count(spec):,}"
    for name, field in TrainingSpec.model_fields.items():
        condition = field_display(field).active_when
        if condition is None or getattr(spec.training, condition[0]) in condition[1]:
            values[field.title or name] = _value_text(spec.training, name)
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


def _block_text(block: ConvBlock) -> str:
    parts = [f"{block.filters} filters {block.kernel} × {block.kernel}"]
    if block.convolutions > 1:
        parts.append(f"{block.convolutions} convolutions")
    if block.pooling == "strided":
        parts.append(f"stride {block.pool_size}")
    elif block.pooling != "none":
        parts.append(
            f"{_value_text(block, 'pooling').lower()} {block.pool_size} × {block.pool_size}"
        )
    if block.padding == "valid":
        parts.append("no padding")
    if block.batch_norm:
        parts.append("batch normalisation")
    if block.dropout:
        parts.append(f"dropout {100 * block.dropout:g} %")
    return ", ".join(parts)


def _value_text(spec: BaseModel, name: str) -> str:
    field, value = type(spec).model_fields[name], getattr(spec, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " · ".join(f"{entry:,}" for entry in value) or "none"
    if isinstance(value, str):
        return field_display(field).option_labels.get(value, value)
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
