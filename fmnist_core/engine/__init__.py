"""The engine, on Dask: starts or finds the scheduler, submits queued runs and tasks to it."""

from fmnist_core.engine.engine import Engine
from fmnist_core.engine.problems import EngineUnavailable, QueueFull, TooManyOfYours
from fmnist_core.task_types import EngineState, TaskState

__all__ = ["Engine", "EngineState", "EngineUnavailable", "QueueFull", "TaskState", "TooManyOfYours"]
