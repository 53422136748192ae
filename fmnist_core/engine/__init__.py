"""The engine, on Dask: starts or finds the scheduler, submits queued runs and tasks to it."""

from fmnist_core.engine.engine import Engine, EngineState
from fmnist_core.engine.problems import EngineUnavailable, QueueFull, TooManyOfYours
from fmnist_core.engine.tasks import TaskState

__all__ = ["Engine", "EngineState", "EngineUnavailable", "QueueFull", "TaskState", "TooManyOfYours"]
