"""A table to read: every cell is text, so it prints, scrolls by keys and is read out in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from fmnist_core.text import for_html


def plain_table(
    columns: Mapping[str, Sequence[object]],
    label: str,
    marks: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Show a table; texts are shown as they are, numbers stand at the right.

    Args:
        columns: the cells (n) under each heading; those of the first column are headings of rows.
        label: what a screen reader says the table is.
        marks: a colour ``#rrggbb`` and a character in it before some of the headings.
    """
    heads = "".join(_head(text, *(marks or {}).get(text, ("", ""))) for text in columns)
    rows = zip(*columns.values(), strict=True)
    lines = "".join(f"<tr>{''.join(_cell(row, place) for place in range(len(row)))}</tr>"
                    for row in rows)  # fmt: skip
    st.html(
        f'<div class="fm-table" role="region" tabindex="0" aria-label="{for_html(label)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _head(text: str, color: str, glyph: str) -> str:
    mark = f'<span style="color:{color}" aria-hidden="true">{glyph}</span> ' if glyph else ""
    return f'<th scope="col">{mark}{for_html(text)}</th>'


def _cell(row: Sequence[object], place: int) -> str:
    value = row[place]
    text = for_html(f"{value:,}" if isinstance(value, int) else str(value))
    if place == 0:
        return f'<th scope="row">{text}</th>'
    return f"<td>{text}</td>" if isinstance(value, str) else f'<td class="fm-number">{text}</td>'
