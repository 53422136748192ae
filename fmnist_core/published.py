"""What others reached on Fashion-MNIST, to hold one's own results against."""

from __future__ import annotations

from typing import NamedTuple

SOURCE = (
    "Table “Benchmark” in the README of Zalando Research's Fashion-MNIST "
    "(Xiao, Rasul and Vollgraf, 2017), sent in by their authors and not verified by Zalando"
)
HUMAN_SOURCE = (
    "The same table: people without expertise in fashion, 1,000 test pictures drawn at random, "
    "three answers a picture, the majority counts"
)
RANDOM = 0.1


class Published(NamedTuple):
    """A result that others report.

    Attributes:
        name: as short as a chart needs it.
        accuracy: share of the test pictures named rightly.
        pictures: how many were asked about.
    """

    name: str
    accuracy: float
    pictures: int = 10_000


HUMAN = Published("People", 0.835, 1_000)
# Of the table's rows those that stand for a kind of network, with the numbers given there.
NETWORKS = (
    Published("MLP 256-128-64", 0.900),
    Published("2-layer CNN", 0.916),
    Published("ResNet18", 0.949),
    Published("Wide ResNet 40-4", 0.967),
)
