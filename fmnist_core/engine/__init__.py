"""Dask: starts or finds the scheduler, hands queued runs to it."""

from fmnist_core.engine.engine import Engine, EngineState
from fmnist_core.engine.problems import EngineUnavailable, QueueFull, TooManyOfYours
from fmnist_core.engine.tasks import Asked

__all__ = ["Asked", "Engine", "EngineState", "EngineUnavailable", "QueueFull", "TooManyOfYours"]
