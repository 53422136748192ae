"""Image sheets as PNG, which browsers fetch by address."""

from __future__ import annotations

from functools import lru_cache

from fmnist_core.images import sheet
from ui.services import dataset


# Two megabytes each; there are 22 of them.
@lru_cache(maxsize=22)
def _sheet(sha256: str, name: str) -> bytes | None:
    return sheet(dataset(), name)


def sheet_png(name: str) -> bytes | None:
    """A sheet as PNG; ``None`` for a name that no sheet has.

    Raises:
        DatasetUnavailable: the pictures are not here.
    """
    return _sheet(dataset().sha256, name)
