"""Sentences that several scenes say."""

from __future__ import annotations

from fmnist_core.dataset import CLASS_NAMES


def contradiction(label: int, predicted: int, confidence: float, suspicious: bool = False) -> str:
    """What a network says of a picture, and what its label says.

    Args:
        label: of the image.
        predicted: the class that the network takes it for.
        confidence: of the network in that class, 0 to 1.
        suspicious: whether the label may be wrong.
    """
    says = f"It says {CLASS_NAMES[predicted]}, {_percent(confidence)}."
    if label == predicted:
        return f"{says} Its label agrees."
    doubt = " Or is the label wrong?" if suspicious else ""
    return f"{says} It is labelled {CLASS_NAMES[label]}.{doubt}"


def _percent(confidence: float) -> str:
    """Never rounded to certainty."""
    return "more than 99 %" if 0.995 <= confidence < 1 else f"{100 * confidence:.0f} %"
