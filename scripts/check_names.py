"""Find the words in names of the code and of files that only its first makers understood.

``python scripts/check_names.py`` prints where they stand and ends with 1 if there are any. The
field's terms are listed beside them. What the screen says and what addresses hold are texts, and
texts are left alone.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# Each with what the field says instead.
SLANG = {
    "sure": "confident, confidence",
    "sureness": "calibration",
    "asked": "requested, a task",
    "asker": "task_worker",
    "askers": "task_workers",
    "verdict": "annotation, summary, test_result",
    "verdicts": "annotations",
    "judge": "voter",
    "judges": "voters",
    "judged": "annotated, voted on",
    "luck": "seed variance",
    "twin": "seed replicate, near-duplicate",
    "twins": "seed replicates, near-duplicates",
    "crowd": "density",
    "crowds": "density",
    "crowding": "mean kNN distance",
    "oddness": "distance to the class mean",
    "sieve": "filter",
    "standing": "projection",
    "remark": "annotation",
    "remarks": "annotations",
    "takeaway": "export, download",
    "lessons": "epoch changes",
    "sight": "saliency",
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# What a script consists of, as far as names are concerned; the rest is skipped sign by sign.
_JAVASCRIPT_TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>.)",
    re.DOTALL,
)
# What stands between backticks, up to a `${` or the end.
_TEMPLATE_TEXT = re.compile(r"(?:\\.|(?!\$\{)[^`\\])*(?P<end>`|\$\{)", re.DOTALL)


def main() -> int:
    """Print every name with such a word in it; 1 if there are any."""
    count = 0
    for path in _files():
        name = path.relative_to(PROJECT)
        for line, identifier in [(0, path.stem), *_identifiers(path)]:
            for word in _words(identifier):
                if word in SLANG:
                    count += 1
                    location = f"{name}:{line}" if line else f"{name}: the file"
                    print(f"{location}: {identifier} says “{word}”; the field says: {SLANG[word]}")
    return min(1, count)


def _files() -> list[Path]:
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.py",
            "*.js",
            "*.mjs",
            "*.ts",
            "*.css",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [PROJECT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


def _identifiers(path: Path) -> Iterator[tuple[int, str]]:
    """The names that a file of Python or JavaScript gives or uses, each with its line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from python_identifiers(text)
    elif path.suffix in (".js", ".mjs", ".ts"):
        yield from javascript_identifiers(text)


def javascript_identifiers(text: str) -> Iterator[tuple[int, str]]:
    """The names in JavaScript, without strings and comments; what a template computes is code."""
    position = 0
    # For each brace that is open: whether a template goes on behind it.
    braces: list[bool] = []
    while token := _JAVASCRIPT_TOKEN.match(text, position):
        position = token.end()
        if name := token["name"]:
            yield 1 + text.count("\n", 0, position), name
        closes_computed = token["sign"] == "}" and bool(braces) and braces.pop()
        if token["sign"] == "{":
            braces.append(False)
        if (token["sign"] == "`" or closes_computed) and (
            template := _TEMPLATE_TEXT.match(text, position)
        ):
            position = template.end()
            if template["end"] == "${":
                braces.append(True)


def python_identifiers(text: str) -> Iterator[tuple[int, str]]:
    """The names in Python, each with its line."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield node.lineno, name
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.value.lineno, name
            case ast.alias(asname=str(name)):
                yield node.lineno, name


def _words(identifier: str) -> list[str]:
    """``"_AskedFor_it"`` as ``["asked", "for", "it"]``."""
    return [word.lower() for word in _WORD.findall(identifier)]


if __name__ == "__main__":
    sys.exit(main())
