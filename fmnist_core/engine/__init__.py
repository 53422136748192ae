"""Dask: starts or finds the scheduler, hands queued runs to it."""

from fmnist_core.engine.engine import Engine, EngineState, EngineUnavailable, QueueFull

__all__ = ["Engine", "EngineState", "EngineUnavailable", "QueueFull"]
