"""Nothing escapes by hand: whoever shows a text that somebody typed uses the function for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = [
    path.relative_to(PROJECT)
    for folder in ("fmnist_core", "ui", "pages")
    for path in sorted((PROJECT / folder).rglob("*.py"))
]
PAGES = [path for path in SOURCES if path.parts[0] != "fmnist_core"]
FIGURES = [path for path in SOURCES if "figures" in path.parts]
SCRIPTS = sorted((PROJECT / "ui" / "components").rglob("*.js"))

# Streamlit's functions that show Markdown, and their arguments that are shown.
MARKDOWN = re.compile(
    "markdown|caption|title|header|subheader|error|warning|info|success|toast|metric|progress|"
    "button|download_button|form_submit_button|page_link|popover|expander|toggle|checkbox|slider|"
    "text_input|text_area|number_input|selectbox|multiselect|file_uploader|spinner"
)
SHOWN = frozenset({"body", "label", "help", "text", "value", "delta"})
# The second argument of these is no text of the page, or a field that shows what it holds.
CONTENT = re.compile("download_button|text_input|text_area|selectbox|multiselect")
# What holds, makes, or is a text that somebody else may have written.
HOLDS = re.compile("name|notes?|tags|reason|problem|source|words|user")
MAKES = re.compile(
    "label|named|run_labels|run_names|run_options|common_name|activity_text|scene_sentence|result_text|why_not"
)
IS = re.compile("error|refused|problem|reason")
# Here it is the calibration error.
NUMBERS = {("calibration.py", "error")}


def tree(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse((PROJECT / path).read_text()))


def name_of(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def shown_by(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call to Streamlit that it shows as Markdown."""
    name = name_of(call.func)
    of_the_log = getattr(getattr(call.func, "value", None), "id", "") == "_log"
    if of_the_log or not MARKDOWN.fullmatch(name):
        return
    has_content = CONTENT.fullmatch(name)
    yield from call.args[:1] if has_content else call.args
    for keyword in call.keywords:
        if keyword.arg in SHOWN and not (keyword.arg == "value" and has_content):
            yield keyword.value


def unescaped(node: ast.AST, escape: str) -> Iterator[str]:
    """What comes from outside in an expression, and is not escaped."""
    if isinstance(node, ast.Call) and name_of(node.func) in {escape, "len", "bool"}:
        return
    made = isinstance(node, ast.Call) and MAKES.fullmatch(name_of(node.func))
    by_id = isinstance(node, ast.Subscript) and ast.unparse(node).startswith("names[run.id")
    if made or by_id or (isinstance(node, ast.Attribute) and HOLDS.fullmatch(node.attr)):
        yield ast.unparse(node)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return
    elif isinstance(node, ast.Name) and IS.fullmatch(node.id):
        yield node.id
    elif isinstance(node, ast.IfExp):
        # What decides is not shown.
        yield from unescaped(node.body, escape)
        yield from unescaped(node.orelse, escape)
    else:
        for part in ast.iter_child_nodes(node):
            yield from unescaped(part, escape)


def test_what_is_shown_as_markdown_is_escaped() -> None:
    assert not [
        f"{path}:{node.lineno}: {text}"
        for path in PAGES
        for node in tree(path)
        if isinstance(node, ast.Call)
        for argument in shown_by(node)
        for text in unescaped(argument, "plain")
        if (path.name, text) not in NUMBERS
    ]


def holds_a_tag(text: ast.JoinedStr) -> bool:
    fixed = (part.value for part in text.values if isinstance(part, ast.Constant))
    return any(re.search("<[a-z/]", str(part)) for part in fixed)


def test_what_is_put_into_html_is_escaped() -> None:
    assert not [
        f"{path}:{node.lineno}: {text}"
        for path in SOURCES
        # Their tags are Plotly's.
        if path not in FIGURES or path.name == "network.py"
        for node in tree(path)
        if isinstance(node, ast.JoinedStr) and holds_a_tag(node)
        for text in unescaped(node, "for_html")
    ]


def test_the_name_of_a_run_is_escaped_in_charts() -> None:
    """In all that is shown: a keyword, a template, a value of a description."""
    shown = [
        (path, part)
        for path in FIGURES
        for node in tree(path)
        for part in (
            [node]
            if isinstance(node, ast.keyword | ast.JoinedStr)
            else [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if getattr(key, "value", "") != "legendgroup"
            ]
            if isinstance(node, ast.Dict)
            else []
        )
    ]
    assert not [
        f"{path}:{part.lineno}"
        for path, part in shown
        if "run.name" in unescaped(part, "for_chart")
    ]


def test_an_unescaped_name_is_found() -> None:
    (statement,) = ast.parse('st.caption(f"{plain(a)} {run.name} {names[run.id]}")').body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    assert [text for part in shown_by(statement.value) for text in unescaped(part, "plain")] == [
        "run.name",
        "names[run.id]",
    ]


@pytest.mark.parametrize(
    ("way", "home"),
    [
        ("from html import", "text.py"),
        ("import html\n", "text.py"),
        (".to_csv(", "export/csv.py"),
        ("import csv\n", "export/csv.py"),
    ],
)
def test_each_medium_has_one_place(way: str, home: str) -> None:
    users = {str(path) for path in SOURCES if way in (PROJECT / path).read_text()}
    assert users <= {f"fmnist_core/{home}"}


def test_nothing_is_used_that_reads_a_text_by_itself() -> None:
    reading = re.compile(r"MarkdownColumn|LinkColumn|unsafe_allow_html|st\.(table|write|latex)\(")
    assert [path for path in SOURCES if reading.search((PROJECT / path).read_text())] == []


def test_scripts_write_no_html_that_holds_a_text() -> None:
    """Only fixed HTML, our own drawings, and numbers; texts are set as texts."""
    writes = re.compile(r"HTML\b|document\.write|DOMParser|createContextualFragment|srcdoc")
    found = {
        (path.name, line.strip())
        for path in SCRIPTS
        for line in path.read_text().splitlines()
        if writes.search(line.split("//")[0])
    }
    assert found == {
        ("morph.js", "template.innerHTML = html;"),
        ("confusion_matrix_drawing.js", 'button.insertAdjacentHTML("beforeend",'),
        ("steps.js", "button.innerHTML ="),
    }
