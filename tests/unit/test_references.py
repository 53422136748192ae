"""The results of others are those of the table that is linked, row by row."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

import pytest

from fmnist_core.presets.references import HUMAN, NETWORKS, TWO_CONVOLUTIONS, Published

# As the Debian package of the dataset ships it.
README = Path(__file__).parents[1] / "data" / "fashion-mnist-README.md.gz"


class Row(NamedTuple):
    classifier: str
    accuracy: float
    by: str
    code: str


def table() -> list[Row]:
    """The authors' table of benchmarks."""
    rows = []
    text = gzip.decompress(README.read_bytes()).decode()
    for line in text[text.index("| Classifier |") :].splitlines()[2:]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        rows.append(Row(cells[0], float(cells[2]), cells[4], cells[5]))
    assert len(rows) > 30
    return rows


@pytest.mark.parametrize("one", [HUMAN, *NETWORKS], ids=lambda one: one.name)
def test_a_reference_stands_in_the_table(one: Published) -> None:
    (row,) = [
        row for row in table() if row.classifier == one.classifier and one.submitted_by in row.by
    ]
    assert row.accuracy == one.accuracy
    place = one.link.removeprefix("https://github.com/zalandoresearch/fashion-mnist/blob/master")
    assert place in row.code or one is HUMAN


def test_the_spread_of_two_convolutions_is_that_of_the_table() -> None:
    reached = [row.accuracy for row in table() if row.classifier.startswith("2 Conv")]
    assert len(reached) == 10
    assert (min(reached), max(reached)) == TWO_CONVOLUTIONS
