"""The screen's words: what has one name is called by no other (texts of pages, charts, exports)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("ui", "pages", "fmnist_core")
# What the screen does not say, and what it says instead.
GIVEN_UP = {
    r"\b(models?)\b(?!\.keras)": "network; one training of it is a run",
    r"\b(rightly|wrongly)\b": "right, correct; wrong",
    r"\b(look-?alikes?)\b": "similar pictures",
    r"\b(the wall|this wall)\b": "gallery",
    r"\b(Where it goes wrong)\b": "Mistakes",
    r"\b(What networks say)\b": "Other runs",
    r"\b(luck)\b": "seeds, chance",
    r"\b(how sure|too sure|as sure|surest|% sure|sureness)\b": "confidence, confident",
    r"\b(percent points?)\b": "percentage points",
    r"\b(mends?|mended)\b": "fix, repair",
    r"(% of truth|% of predicted)\b": "% of true class, % of predictions",
    r"(Main directions \(PCA\))": "Overall shape",
    r"\b(re-judged)\b": "after your verdicts",
    r"\b(odder)\b": "unusual",
    r"\b(Note and tags)\b": "Verdict, Note",
    r"\b(skip pixels)\b": "stride 2",
    r"\b(Go there|Draw again)\b": "what the button leads to",
    r"\b(copy an earlier run|Set up another|Train another network)\b": "Change and train again",
}
# What files of runs and of the system hold is no text of ours.
STORED = {"model wrong", "model name"}
# It writes a script, in which Keras's own words stand.
SCRIPTS = {"fmnist_core/export/keras_script.py"}
_JAVASCRIPT_TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`')
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*|(?<=[;{}\s])//[^\n]*", re.DOTALL | re.MULTILINE)


def is_said(text: str) -> bool:
    """Whether a text is one for people and no name of something in the code."""
    return text not in STORED and (" " in text or text[:1].isupper())


def _statements(node: ast.AST) -> list[ast.stmt]:
    body = getattr(node, "body", [])
    return body if isinstance(body, list) else []


def texts_of_python(source: str) -> Iterator[tuple[int, str]]:
    """The texts of a module with their lines, without its docstrings."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for parent in ast.walk(tree)
        for node in _statements(parent)
        if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str):
            yield node.lineno, node.value


def texts_of_javascript(source: str) -> Iterator[tuple[int, str]]:
    """The texts of a module with their lines, without its comments."""
    bare = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), source)
    for found in _JAVASCRIPT_TEXT.finditer(bare):
        yield bare.count("\n", 0, found.start()) + 1, found[1] or found[2] or ""


def given_up(text: str) -> list[tuple[str, str]]:
    """The words in a text that the screen has given up, each with what it says instead."""
    return [
        (found[1], instead)
        for pattern, instead in GIVEN_UP.items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


def texts(folder: str) -> Iterator[tuple[Path, int, str]]:
    for path in sorted((PROJECT / folder).rglob("*")):
        if str(path.relative_to(PROJECT)) in SCRIPTS:
            continue
        if path.suffix == ".py":
            found = texts_of_python(path.read_text())
        elif path.suffix == ".js":
            found = texts_of_javascript(path.read_text())
        else:
            continue
        for line, text in found:
            if is_said(text):
                yield path, line, text


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_screen_says_no_word_that_it_has_given_up(folder: str) -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{line}: “{word}” in “{text[:60]}”: {instead}"
        for path, line, text in texts(folder)
        for word, instead in given_up(text)
    ]
    assert not found, "\n".join(found)


def test_a_text_is_found_in_both_languages_and_a_comment_is_none() -> None:
    python = '"""The models."""\nx = f"Your {count} models"  # luck\ny = "models"\n'
    assert [text for _, text in texts_of_python(python) if given_up(text) and is_said(text)] == [
        " models"
    ]
    script = (
        '// It is luck.\nconst text = "By pure luck";\n/* "Luck of it" */\nlet x = `luck ${n}`;'
    )
    assert list(texts_of_javascript(script)) == [(2, "By pure luck"), (4, "luck ${n}")]
    assert given_up("By pure luck") == [("luck", "seeds, chance")]


@pytest.mark.parametrize(
    "text", ["model.keras", "The pictures most similar to it", "It is recommended"]
)
def test_what_only_looks_like_such_a_word_is_left_alone(text: str) -> None:
    assert given_up(text) == []
