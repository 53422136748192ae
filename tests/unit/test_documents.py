"""What the documents say of the code is so: places and names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
INTERNALS = PROJECT / "docs" / "streamlit-internals.md"
# What running something makes, and what is no part of the project.
MADE = re.compile(r"(runs|\.venv|~)/")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*")
SOURCE = re.compile(r".+\.(?:py|md|toml|js|css|txt|yml|yaml|sh)")


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def is_place_here(code: str) -> bool:
    """Whether a piece of code in a document is a path of this project."""
    top = PROJECT / code.split("/")[0]
    path = PATH.fullmatch(code) and not MADE.match(code)
    return bool(path and (SOURCE.fullmatch(code) or top.exists()))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_and_links_to_is_here(document: Path) -> None:
    text = without_blocks(document.read_text())
    links = [link for link in LINK.findall(text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []
    places = [code for code in CODE.findall(text) if is_place_here(code)]
    assert [place for place in places if not (PROJECT / place).exists()] == []


def test_a_place_that_is_gone_is_found() -> None:
    assert is_place_here("fmnist_core/gone.py")
    assert is_place_here("gone/gone.py")
    assert is_place_here("docs/gone/")
    assert not is_place_here("runs/0123/run.json")
    assert not is_place_here("epochs/")


def functions(file: Path) -> set[str]:
    """The public functions of a module."""
    return {
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def section(file: Path, title: str) -> str:
    """What stands under a title of the second level."""
    return file.read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_function_about_streamlits_internals_is_described() -> None:
    table = section(INTERNALS, "The functions of `ui/streamlit_internals.py`")
    described = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert described == functions(PROJECT / "ui" / "streamlit_internals.py")


def imported_from_streamlit(file: Path) -> Iterator[str]:
    """The modules inside Streamlit that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == (
            "streamlit"
        ):
            module = node.module or ""
            yield from [module] if "." in module else [f"{module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("streamlit."))


def test_modules_inside_streamlit_are_imported_in_one_place_or_described() -> None:
    described = set(CODE.findall(INTERNALS.read_text()))
    sources = [PROJECT / "dashboard.py"]
    for folder in ("ui", "pages", "scripts", "benchmarks"):
        sources += sorted((PROJECT / folder).rglob("*.py"))
    assert [
        f"{file.relative_to(PROJECT)}: {module}"
        for file in sources
        if file.name != "streamlit_internals.py"
        for module in imported_from_streamlit(file)
        if module not in described
    ] == []


def test_what_style_sheets_and_components_know_of_streamlits_page_is_described() -> None:
    described = set(CODE.findall(INTERNALS.read_text()))
    used = {
        name
        for file in (PROJECT / "ui").rglob("*")
        if file.suffix in (".css", ".js")
        for name in re.findall(r"\bst[A-Z][\w-]*", file.read_text())
    }
    # The class of the whole app, and that of a bar.
    assert sorted(used - described - {"stApp", "stProgress"}) == []
