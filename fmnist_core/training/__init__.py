"""One run from start to end. Importing this imports TensorFlow."""

from fmnist_core.training.live_metrics import LiveMetrics
from fmnist_core.training.run import train

__all__ = ["LiveMetrics", "train"]
