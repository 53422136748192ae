"""The icon font: of Google's Material Symbols the icons alone that pages can show, 12 kB of 375.

Needed again for an icon that is new here, or in another version of Streamlit, as
``tests/unit/test_icon_font.py`` says: ``.venv/bin/python scripts/icon_font.py``, in an environment
that has ``fonttools[woff]``, too, which nothing else needs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import streamlit

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "ui" / "assets" / "fonts"
_STATIC = Path(streamlit.__file__).parent / "static" / "static"
# An icon is a ligature of its name's letters.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
_ICON = re.compile(r":material/([a-z0-9_]+):")


def icon_names() -> set[str]:
    """The names of all icons in our Python and in Streamlit's scripts."""
    sources = [*(PROJECT / "ui").rglob("*.py"), *(PROJECT / "pages").rglob("*.py")]
    sources += (_STATIC / "js").glob("*.js")
    return {name for source in sources for name in _ICON.findall(source.read_text())}


def main() -> None:
    """Write the font, and the list of the icons in it."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    (whole,) = (_STATIC / "media").glob("MaterialSymbols-Rounded.*.woff2")
    font = TTFont(whole)
    ligatures = _ligatures(font)
    names = sorted(icon_names() & ligatures.keys())
    options = subset.Options(flavor="woff2", layout_closure=False, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(glyphs=[ligatures[name] for name in names], text=_LETTERS)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(FOLDER / "icons.woff2")
    (FOLDER / "icons.txt").write_text("\n".join([*names, ""]))
    print(f"{len(names)} icons, {(FOLDER / 'icons.woff2').stat().st_size / 1e3:.0f} kB")


def _ligatures(font: Any) -> dict[str, str]:
    """The glyphs of icons, by their names as they are written."""
    characters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for entry in lookup.SubTable:
            table = getattr(entry, "ExtSubTable", entry)
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for ligature in ligatures:
                    glyphs = [first, *ligature.Component]
                    if all(glyph in characters for glyph in glyphs):
                        found["".join(characters[one] for one in glyphs)] = ligature.LigGlyph
    return found


if __name__ == "__main__":
    main()
