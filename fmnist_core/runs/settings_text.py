"""The settings of a configuration in words."""

from __future__ import annotations

from pydantic import BaseModel

from fmnist_core.specs import RunSpec, TrainingSpec, parameter_count
from fmnist_core.specs.schema import ConvBlock, field_display

PARAMETERS = "Parameters"


def setting_texts(spec: RunSpec) -> dict[str, str]:
    """Every setting that has an effect, by its title, with its value in words, in the form's order.

    Example: ``{"Network": "CNN", …, "Parameters": "61,706", …, "Epochs": "10", …}``
    """
    network = spec.network
    values = {"Network": {"dense": "Dense", "cnn": "CNN"}[network.kind]}
    for name, field in type(network).model_fields.items():
        setting = getattr(network, name)
        if name == "kind":
            continue
        if name == "blocks":
            values |= {f"Block {n}": _block_text(block) for n, block in enumerate(setting, 1)}
        else:
            values[field.title or name] = _value_text(network, name)
    values[PARAMETERS] = f"{parameter_count(spec):,}"
    for name, field in TrainingSpec.model_fields.items():
        condition = field_display(field).active_when
        if condition is None or getattr(spec.training, condition[0]) in condition[1]:
            values[field.title or name] = _value_text(spec.training, name)
    return values


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
