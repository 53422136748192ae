"""Write the README's table of settings as `fmnist_core/config.py` declares them."""

from __future__ import annotations

import re
from pathlib import Path

from settings import table

README = Path(__file__).resolve().parent.parent / "README.md"
_TABLE = re.compile(r"(?<=<!-- settings -->\n\n).*?(?=\n\n<!-- end of settings -->)", re.DOTALL)


def with_table(text: str) -> str:
    """The README's text with the table as the settings are now."""
    return _TABLE.sub(lambda _: table(), text, count=1)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
