"""A fact has one home: what is written there is written nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import PROJECT

from fmnist_core.dataset import CLASS_NAMES, PIXEL_COUNT, SIDE, TEST_SIZE, TRAIN_SIZE

SOURCES = [
    path
    for folder in ("fmnist_core", "ui", "pages")
    for path in sorted((PROJECT / folder).rglob("*.py"))
]
DATASET = PROJECT / "fmnist_core" / "dataset" / "content.py"
SIZES = {TRAIN_SIZE, TEST_SIZE, SIDE, PIXEL_COUNT}
# Limits that are equal by chance.
BY_CHANCE = {
    ("images.py", "MAP_SIZE = 10_000"),
    ("permissions.py", "_MOST_REMEMBERED = 10_000"),
    ("model.py", "LAST_POSITION = 10_000"),
    ("probes.py", "MOST_DRAWS = 10_000"),
    ("model.py", "max_length=10_000"),
}
# Where a ten among the arguments is the number of classes.
BY_CLASS = re.compile(r"range|arange|triu_indices|bincount|zeros|empty|ones|full|reshape|integers")


def written_sizes(tree: ast.AST) -> Iterator[ast.Constant]:
    """The sizes of the dataset that stand as numbers in code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in SIZES:
            yield node


def written_class_counts(tree: ast.AST) -> Iterator[ast.Constant]:
    """The number of classes where it stands as a number in a call that makes arrays or ranges."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if BY_CLASS.fullmatch(name):
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            shapes = [part for value in arguments for part in getattr(value, "elts", [value])]
            for part in shapes:
                if isinstance(part, ast.Constant) and part.value == len(CLASS_NAMES):
                    yield part


def is_by_chance(path: Path, line: str) -> bool:
    return any(path.name == name and text in line for name, text in BY_CHANCE)


def test_the_numbers_of_the_dataset_are_written_in_the_dataset_alone() -> None:
    found = []
    for path in SOURCES:
        text = path.read_text()
        tree, lines = ast.parse(text), text.splitlines()
        for node in [*written_sizes(tree), *written_class_counts(tree)]:
            if path != DATASET and not is_by_chance(path, lines[node.lineno - 1]):
                found.append(f"{path.relative_to(PROJECT)}:{node.lineno}: {node.value!r}")
    assert found == []


@pytest.mark.parametrize(
    "code", ["x = 60000", "f(images[:28])", "y < 10_000", "np.zeros((0, 10))", "range(10)"]
)
def test_a_number_that_comes_back_is_found(code: str) -> None:
    tree = ast.parse(code)
    assert [*written_sizes(tree), *written_class_counts(tree)]


def test_the_names_of_classes_are_written_in_the_dataset_alone() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{node.lineno}: {node.value!r}"
        for path in SOURCES
        if path != DATASET
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in CLASS_NAMES
    ]
    assert found == []


@pytest.mark.parametrize(
    ("way", "homes"),
    [
        # An accuracy with its interval; the other is a mean over seeds.
        (r" ± \{", {"fmnist_core/analysis/metrics.py", "ui/compare/seeds.py"}),
        # The start of a run's id beside its name.
        (r"\bid\[:digits\]", {"fmnist_core/runs/identity.py"}),
    ],
)
def test_a_form_of_words_is_written_once(way: str, homes: set[str]) -> None:
    found = {path for path in SOURCES if re.search(way, path.read_text())}
    assert {str(path.relative_to(PROJECT)) for path in found} == homes
