"""Settings of runs side by side, in words."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from fmnist_core.runs.identity import Identity, changes
from fmnist_core.specs import TrainingSpec, parameter_count
from fmnist_core.specs.schema import ConvBlock, shown

ABSENT = "–"


def settings(run: Identity) -> dict[str, str]:
    """Every setting that has an effect with its value in words, in the form's order.

    What was changed while the run trained comes last.
    """
    spec, network = run.spec, run.spec.network
    found = {"Network": {"dense": "Dense", "cnn": "CNN"}[network.kind]}
    for name, info in type(network).model_fields.items():
        value = getattr(network, name)
        if name == "kind":
            continue
        if name == "blocks":
            found |= {f"Block {n}": _block(block) for n, block in enumerate(value, 1)}
        else:
            found[info.title or name] = _word(network, name)
    found["Parameters"] = f"{parameter_count(spec):,}"
    for name, info in TrainingSpec.model_fields.items():
        when = shown(info).when
        if when is None or getattr(spec.training, when[0]) in when[1]:
            found[info.title or name] = _word(spec.training, name)
    if changed := changes(run):
        found["Changed while it trained"] = "; ".join(changed)
    return found


def side_by_side(runs: Sequence[Identity], differences: bool) -> dict[str, list[str]]:
    """Each setting with its value in every configuration, ``"–"`` where it has none.

    Args:
        runs: what they are.
        differences: leave out what all have in common.
    """
    columns = [settings(run) for run in runs]
    names = list(dict.fromkeys(name for column in columns for name in column))
    # What is in only some of them stands where the longest of them has it.
    names.sort(key=lambda name: max(_place(column, name) for column in columns))
    rows = {name: [column.get(name, ABSENT) for column in columns] for name in names}
    return {n: row for n, row in rows.items() if not differences or len(set(row)) > 1}


def _place(column: dict[str, str], name: str) -> float:
    return list(column).index(name) / len(column) if name in column else -1


def _block(block: ConvBlock) -> str:
    parts = [f"{block.filters} filters {block.kernel} × {block.kernel}"]
    if block.convolutions > 1:
        parts.append(f"{block.convolutions} convolutions")
    if block.pooling != "none":
        parts.append(f"{_word(block, 'pooling').lower()} {block.pool_size} × {block.pool_size}")
    if block.padding == "valid":
        parts.append("no padding")
    if block.batch_norm:
        parts.append("batch normalisation")
    if block.dropout:
        parts.append(f"dropout {100 * block.dropout:g} %")
    return ", ".join(parts)


def _word(part: BaseModel, name: str) -> str:
    info, value = type(part).model_fields[name], getattr(part, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " · ".join(f"{entry:,}" for entry in value) or "none"
    if isinstance(value, str):
        return shown(info).words.get(value, value)
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
