"""The icon font has every icon that a page can show."""

from __future__ import annotations

import sys

from setups import SCRIPTS

sys.path.append(str(SCRIPTS))

from icon_font import FOLDER, icon_names

# Named by Streamlit, but no icon of the whole font either.
NO_ICON = {"star_filled"}


def test_the_icon_font_has_the_icons_of_ours_and_of_streamlit() -> None:
    """Where one is missing, its name would stand there in words: see ``scripts/icon_font.py``."""
    names = icon_names()
    assert {"play_arrow", "keyboard_arrow_down"} <= names
    assert names - set((FOLDER / "icons.txt").read_text().split()) - NO_ICON == set()
