"""What the presets reached once on one computer: what to expect before the first training here."""

from __future__ import annotations

from typing import NamedTuple


class Measured(NamedTuple):
    """A preset's full training as ``make bench-training`` measured it: two cores, no GPU, a seed.

    Attributes:
        accuracy: on the test images, 0 to 1.
        seconds: from the first batch to the last epoch's end.
    """

    accuracy: float
    seconds: float


MEASURED: dict[str, Measured] = {
    "Simple network": Measured(0.8748, 2.0),
    "Wide network with dropout": Measured(0.8799, 22.0),
    "LeNet": Measured(0.8886, 27.7),
    "CNN with dropout": Measured(0.9146, 88.3),
    "Fast CNN": Measured(0.9234, 52.7),
    "Best CNN": Measured(0.9441, 1213.0),
}
# How many times as long another computer takes, at least and at most: durations differed by nearly
# four times between the computers that were tried, and an old one is slower still.
FASTEST, SLOWEST = 0.6, 5.0
# By so many times the durations of the presets, relative to each other, differ between computers.
SPREAD = 1.8
