"""What visitors are told when a training ends by an error."""

from __future__ import annotations

import errno

import pytest

from fmnist_core.runs import RunUnreadable
from fmnist_core.runs.failures import DISK_FULL, OUT_OF_MEMORY, UNEXPECTED, failure_reason


def led_to(cause: OSError) -> RunUnreadable:
    try:
        raise RunUnreadable("predictions") from cause
    except RunUnreadable as error:
        return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "full"), DISK_FULL),
        (OSError(errno.EDQUOT, "full"), DISK_FULL),
        (led_to(OSError(errno.ENOSPC, "full")), DISK_FULL),
        (led_to(OSError(errno.EIO, "broken")), str(RunUnreadable("predictions"))),
        (RunUnreadable("predictions"), str(RunUnreadable("predictions"))),
        (MemoryError(), OUT_OF_MEMORY),
        (OSError(errno.EIO, "broken"), UNEXPECTED),
        (ZeroDivisionError(), UNEXPECTED),
    ],
)
def test_a_training_that_fails_says_why(error: BaseException, reason: str) -> None:
    assert failure_reason(error) == reason
