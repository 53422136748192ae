"""Texts that would be Markdown, HTML, formulas or links, as people type them into fields."""

from __future__ import annotations

import html
import re

# What stands at the beginning matters: of a line of Markdown, of a cell of a table.
TEXTS: tuple[str, ...] = (
    "*a* _b_ **c** ~~s~~",
    ":smile: :red[x] :color[y]{z}",
    ":material/home: :material_home: :streamlit:",
    "$x^2$ and $$y$$",
    "![x](http://e.example/x.png)",
    "[a](http://e.example) [b]: http://e.example",
    "<a href=http://e.example>a</a>",
    "<b>b</b><br><sub>c</sub><i",
    "<img src=http://e.example/x onerror=alert(1)>",
    "%{x} %{fullData.name} %{customdata[0]:.1f}",
    "https://e.example/?a=b&c=d",
    "www.e.example WWW.e.example ftp://e.example",
    "me@e.example mailto:me@e.example",
    '=HYPERLINK("http://e.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "`code` ```more``` ~~~",
    "# h ## h",
    "- l - - -",
    "+1 + l",
    "1. x 2) y",
    "> q >> q",
    "| a | b | --- |",
    "--- === ***",
    "a -- b -> c <- d >= e <= f ~= g <-> h",
    "\\n \\* \\\\ \\",
    "&amp; &lt;b&gt; &#42; &nbsp;",
    "{} {name} {0} %s %(a)s ${a}",
    "</script><script>alert(1)</script><!--",
    "javascript:alert(1)",
    "'\"><svg onload=alert(1)>",
    "Größe 👩‍🔬 🇩🇪 שלום مرحبا 漢字",
    "w" * 80,
)
# As they come: the hidden characters go, the rest stays.
HIDDEN: dict[str, str] = {
    "a\u202egnp.exe": "agnp.exe",
    "\u2066x\u2069 \u200f\u061cy": "x y",
    "a\x00b\x1b[31mc\x7f": "ab[31mc",
    "\ufeffzero\u200bwidth": "zerowidth",
}


def packed(longest: int) -> list[str]:
    """All of the texts packed, in order, into as few lines of at most so many characters."""
    lines: list[str] = []
    for text in TEXTS:
        if lines and len(lines[-1]) + 1 + len(text) <= longest:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines


def from_markdown(source: str) -> str:
    """What Streamlit shows of Markdown in which all that it would read is escaped."""
    return html.unescape(re.sub(r":color\[\]", "", source))
