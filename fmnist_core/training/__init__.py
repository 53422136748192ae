"""One run from start to end. Importing this imports TensorFlow."""

from fmnist_core.training.live_metrics import LiveMetrics
from fmnist_core.training.train import train

__all__ = ["LiveMetrics", "train"]
