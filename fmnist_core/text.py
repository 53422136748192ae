"""Text that somebody typed: freed of hidden characters where it enters, escaped where it is shown.

Each medium has its one function: HTML, JSON inside HTML, and Plotly's charts here, tables in
``fmnist_core.export.csv``, Streamlit's Markdown in ``ui.escape``. What is kept is what was typed.
"""

from __future__ import annotations

import re
from html import escape

# They turn the direction of what is written around them, or cannot be seen at all.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0"
    "\U000e0001\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# They join letters and signs, choose how an emoji looks or which flag it is, and are nothing alone.
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\\s]+")
# The most characters of a line in a legend or a hover, and of a piece of a word: a phone is wide
# enough for as many of usual letters, and for as many of the widest.
_CHART_LINE, _CHART_WORD = 48, 32
# What Plotly reads: tags, entities, the places of a template, and formulas.
_READ_BY_CHARTS = re.compile("[&<>%$]")


def cleaned(text: str) -> str:
    """A text without control characters, those that turn its direction, and invisible ones.

    Its lines stay; each ends with a line feed. Half a surrogate pair, which no file could hold, is
    left out as well.
    """
    return _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """A cleaned text in one line, with single blanks; one without visible characters is empty."""
    line = " ".join(cleaned(text).split())
    return "" if _JOINERS.fullmatch(line) else line


def cleaned_values(values: dict[str, object]) -> dict[str, object]:
    """The decoded JSON of a file with every text in it cleaned; all else stays as it is."""
    return {cleaned(name): _cleaned_value(value) for name, value in values.items()}


def _cleaned_value(value: object) -> object:
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, list):
        return [_cleaned_value(item) for item in value]
    return cleaned_values(value) if isinstance(value, dict) else value


def shortened(text: str, longest: int) -> str:
    """A text of at most so many characters, with ``…`` in place of what is too much.

    Its end stays, since that is where texts that begin alike differ.

    Example: ``shortened("Wide network with dropout, seed 4", 24)`` is
    ``"Wide network wi…, seed 4"``.
    """
    tail = longest // 3
    return text if len(text) <= longest else f"{text[: longest - tail - 1]}…{text[-tail:]}"


def for_html(text: str) -> str:
    """Escape a text as the content of an HTML element, or inside the quotes of an attribute."""
    return escape(text)


def for_script(json_text: str) -> str:
    """Escape JSON as the content of an HTML ``script`` element, which nothing in it can end."""
    return json_text.replace("<", "\\u003c")


def for_chart(text: str) -> str:
    """Escape a part of any text of a Plotly chart: names, hovers, templates, titles, annotations.

    Plotly breaks no lines by itself, so a long text is broken here.
    """
    lines = [""]
    for word in re.findall(r"\S+\s*|\s+", text):
        for start in range(0, len(word), _CHART_WORD):
            part = word[start : start + _CHART_WORD]
            if start or len(lines[-1] + part.rstrip()) > _CHART_LINE:
                lines.append("")
            lines[-1] += part
    return "<br>".join(_READ_BY_CHARTS.sub(_as_entity, line) for line in lines)


def _as_entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
