"""What components say is read with care, and parts are drawn in places of their own."""

from __future__ import annotations

import pytest
from app_visit import RUN_SECONDS
from streamlit.testing.v1 import AppTest

from ui.components.acts import as_int, as_text, as_texts, newest_count


def test_what_components_say_has_its_kind() -> None:
    assert [as_int(one) for one in (7, True, 7.0, "7", None)] == [7, None, None, None, None]
    assert [as_text(one) for one in ("a", 1, ["a"])] == ["a", None, None]
    assert [as_texts(one) for one in (["a"], [], ["a", 1], "a")] == [["a"], [], None, None]


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ('{"picked": {"count": 5, "value": 0}, "epoch": {"count": 7, "value": 1}}', 7),
        ('{"picked": {"count": true}, "other": {"no": 1}, "more": 3}', 0),
        ("[1]", 0),
        ("", 0),
        ("[" * 100_000, 0),
    ],
)
def test_the_newest_act_of_what_a_browser_says(told: str, count: int) -> None:
    assert newest_count(told) == count


SCRIPT = """
import streamlit as st
from ui.parts import part

with part("made up." + st.session_state.which):
    st.markdown(st.session_state.which)
st.caption("below")
"""


def test_a_part_never_stands_where_the_one_before_it_stood() -> None:
    """In the same place Streamlit would leave the old elements until new ones come."""
    app = AppTest.from_string(SCRIPT, default_timeout=RUN_SECONDS)
    places = []
    for which in ("one", "two", "two", "three"):
        app.session_state.which = which
        app.run()
        assert [shown.value for shown in app.markdown] == [which]
        assert [shown.value for shown in app.caption] == ["below"]
        assert not app.get("skeleton")
        (place,) = [at for at, part in app.main.children.items() if part.type == "flex_container"]
        places.append(place)
    assert places == [0, 1, 1, 0]
