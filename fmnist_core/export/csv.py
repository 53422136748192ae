"""CSV files that any spreadsheet opens and that compute nothing by themselves."""

from __future__ import annotations

import re

import pandas as pd

# A spreadsheet computes a cell that begins so, also after blanks and quotes. Some take semicolons,
# tabs and line ends inside a text for the borders of cells.
_FORMULA = re.compile(r"""(^|[;\t\r\n])((?:["']|[^\S\t\r\n])*[=+\-@＝＋－＠])""")


def csv_file(table: pd.DataFrame) -> bytes:
    """A table as a CSV file in UTF-8, with the mark by which Excel knows that it is.

    Args:
        table: texts, numbers, and ``None`` for missing values, which become empty cells; its index
            is left out.
    """
    safe = table.rename(columns=_as_cell)
    for column, dtype in enumerate(safe.dtypes):
        if not pd.api.types.is_numeric_dtype(dtype):
            # As objects: among whole numbers an empty cell would make fractions of them.
            cells = [_as_cell(value) for value in safe.iloc[:, column]]
            safe.isetitem(column, pd.Series(cells, index=safe.index, dtype=object))
    text: str = safe.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8-sig")


def _as_cell(value: object) -> object:
    """A cell that a spreadsheet shows as it is: formulas are escaped by an apostrophe."""
    return _FORMULA.sub(r"\1'\2", value) if isinstance(value, str) else value
