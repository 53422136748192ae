"""Escaping of typed text in Streamlit's Markdown: labels, sentences, help texts, messages."""

from __future__ import annotations

import re

# What begins something in Markdown, or does so as the first character of a line. As a character
# reference it is only ever this character.
_MARKDOWN_CHARACTERS = re.compile(r"^[ -@\[-`{-~]|[\\`*_\[\]<>{}#$|~&:@!\n\r\t]")
# When the text is read, Streamlit looks through it once more: for addresses of pages and of mail,
# for emoji and icons by name, for its own logo, and for arrows and signs of comparison.
_STREAMLIT_MARKUP = re.compile(
    r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[<>~-])(?=[->=])", re.IGNORECASE
)
# An empty element parts what it would find. Watched by ``tests/browser/test_as_typed.py``.
_EMPTY_ELEMENT = ":color[]"


def plain(text: object) -> str:
    """A text, or the message of an error, as Markdown that shows it as it is.

    Args:
        text: as typed. It may hold line ends, which count as blanks.
    """
    return _EMPTY_ELEMENT.join(
        _MARKDOWN_CHARACTERS.sub(_character_reference, part)
        for part in _STREAMLIT_MARKUP.split(str(text))
    )


def _character_reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
