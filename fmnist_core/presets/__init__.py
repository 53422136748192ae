"""The presets, and reference results on Fashion-MNIST."""

from fmnist_core.presets.presets import PRESET_SENTENCES, PRESETS, network_name

__all__ = ["PRESETS", "PRESET_SENTENCES", "network_name"]
