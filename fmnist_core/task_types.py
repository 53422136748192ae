"""The signature of a background task: it reports its progress and returns named arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

# Called with the share that is done, 0 to 1, and a sentence about what is being computed.
Report = Callable[[float, str], None]
# What a task returns, by name; kept on disk as an ``.npz`` file.
Arrays = dict[str, NDArray[Any]]
