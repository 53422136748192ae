"""Published results on Fashion-MNIST, as reference lines."""

from __future__ import annotations

from typing import NamedTuple

TABLE = "https://github.com/zalandoresearch/fashion-mnist#benchmark"
RANDOM = 0.1


class Published(NamedTuple):
    """A row of the table of benchmarks in the README of the dataset's authors.

    Attributes:
        name: as short as a chart needs it.
        accuracy: on the test images, 0 to 1.
        classifier: its name in the table.
        submitted_by: who sent it in.
        since: the month in which its present figure came into the table.
        link: to the code, or where there is none, to the table.
    """

    name: str
    accuracy: float
    classifier: str
    submitted_by: str
    since: str
    link: str


HUMAN = Published("People", 0.835, "Human Performance", "Leo", "September 2017", TABLE)
# Those that stand for a kind of network.
NETWORKS = (
    Published(
        "MLP 256-128-100",
        0.8833,
        "MLP 256-128-100",
        "@heitorrapela",
        "May 2018",
        "https://github.com/heitorrapela/fashion-mnist-mlp",
    ),
    Published(
        "2-layer CNN",
        0.916,
        "2 Conv+pooling",
        "Tensorflow's doc",
        "August 2017",
        "https://github.com/zalandoresearch/fashion-mnist/blob/master/benchmark/convnet.py",
    ),
    Published(
        "ResNet18",
        0.949,
        "ResNet18",
        "Kyriakos Efthymiadis",
        "August 2017",
        "https://github.com/kefth/fashion-mnist",
    ),
    Published(
        "Wide ResNet 40-4",
        0.967,
        "WRN40-4 8.9M params",
        "@ajbrock",
        "August 2017",
        "https://github.com/xternalz/WideResNet-pytorch",
    ),
)
# The lowest and the highest of all networks with two convolutions in the table.
TWO_CONVOLUTIONS = (0.876, 0.939)
