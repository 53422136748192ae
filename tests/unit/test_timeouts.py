"""All time-outs stand in one file, in an order that loses no run, and the document shows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from places import PROJECT

from fmnist_core import timeouts

FILE = PROJECT / "fmnist_core" / "timeouts.py"
SOURCES = [PROJECT / "dashboard.py"] + [
    file
    for folder in ("fmnist_core", "pages", "ui")
    for file in sorted((PROJECT / folder).rglob("*.py"))
    if file != FILE
]
DECLARED = re.compile(r"((?:^# .*\n)+)^([A-Z_]+) = ", re.MULTILINE)
# Seconds, but no time-outs: how long a run may have taken.
RANGES = {"LONGEST_SECONDS"}
WAITS = {"sleep", "wait", "settimeout", "Timer"}
LIMITS = {"timeout", "run_every", "callback_timeout"}
OPTION = re.compile(r"--[\w-]*timeout=\d")


def table() -> list[str]:
    """The rows of the table, made from the file: name, value, sentence, where it acts."""
    users: dict[str, list[str]] = {}
    for file in SOURCES:
        for name in sorted(set(re.findall(r"\btimeouts\.([A-Z_]+)", file.read_text()))):
            users.setdefault(name, []).append(f"`{file.relative_to(PROJECT)}`")
    rows = []
    for comment, name in DECLARED.findall(FILE.read_text()):
        sentence = " ".join(line.removeprefix("# ") for line in comment.splitlines())
        assert name in users, f"{name} is used nowhere"
        places = ", ".join(users[name])
        rows.append(f"| `{name}` | {getattr(timeouts, name):g} s | {sentence} | {places} |")
    return rows


def test_the_table_of_the_document_is_that_of_the_file() -> None:
    section = (PROJECT / "docs" / "architecture.md").read_text().split("\n## All time-outs\n")[1]
    shown = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| `")]
    expected = table()
    assert shown == expected, "the table should be:\n" + "\n".join(expected)


def test_each_time_out_has_its_sentence() -> None:
    declared = {name for name in vars(timeouts) if name.isupper()}
    assert declared == {name for _, name in DECLARED.findall(FILE.read_text())}


def is_number(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value > 0


def strays(tree: ast.AST) -> Iterator[int]:
    """The lines of a module on which a time-out stands in numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_number(node.value):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if any("SECONDS" in name and name not in RANGES for name in names):
                yield node.lineno
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            waits = called in WAITS and any(map(is_number, node.args[:1]))
            if waits or any(key.arg in LIMITS and is_number(key.value) for key in node.keywords):
                yield node.lineno
        elif isinstance(node, ast.Constant) and OPTION.search(str(node.value)):
            yield node.lineno


def test_no_time_out_stands_elsewhere() -> None:
    found = [
        f"{file.relative_to(PROJECT)}:{line}"
        for file in SOURCES
        for line in strays(ast.parse(file.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "_POLL_SECONDS = 0.1",
        "time.sleep(0.05)",
        "event.wait(2)",
        "psutil.wait_procs(ended, timeout=5)",
        "st.fragment(draw, run_every=2.0)",
        "command = ['--death-timeout=60']",
    ],
)
def test_a_time_out_that_stands_elsewhere_is_found(line: str) -> None:
    assert list(strays(ast.parse(line))) == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTERRUPTED_SECONDS", "0.5"),
        ("KILL_SECONDS", "8.0"),
        ("STALL_SECONDS", "20.0"),
        ("BEGIN_SECONDS", "60.0"),
        ("CONTACT_SECONDS", "2_000.0"),
        ("LOCK_PATIENCE_SECONDS", "50.0"),
    ],
)
def test_values_in_a_wrong_order_are_not_even_loaded(name: str, value: str) -> None:
    source, count = re.subn(
        rf"^{name} = .+$", f"{name} = {value}", FILE.read_text(), flags=re.MULTILINE
    )
    assert count == 1
    with pytest.raises(AssertionError):
        exec(compile(source, FILE.name, "exec"), {})


def test_the_readme_says_when_an_engine_ends() -> None:
    minutes = timeouts.ENGINE_IDLE_SECONDS // 60
    assert f"needed it for {minutes} minutes" in (PROJECT / "README.md").read_text()
