"""What the core refuses is told in one way: where something should be seen, and where done."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from places import PROJECT
from streamlit.testing.v1 import AppTest

HOME = PROJECT / "ui" / "errors.py"
# It lists what was tried, in place of the sentence.
LISTS_ATTEMPTS = PROJECT / "pages" / "explore.py"
TOLD = {"st.error", "st.warning", "st.toast"}


def test_a_refusal_is_shown_in_place_of_what_cannot_be_seen() -> None:
    def script() -> None:
        import streamlit as st

        from fmnist_core.dataset import DatasetUnavailable
        from fmnist_core.errors import FmnistError
        from ui.errors import show_error, show_errors

        with show_errors("Nothing was saved."):
            raise FmnistError("A name has *80* letters.")
        with show_errors():
            raise DatasetUnavailable(())
        show_error(FmnistError("It is gone."), after="The last is shown.")
        st.markdown("What comes next is drawn.")

    app = AppTest.from_function(script).run()
    assert [error.value for error in app.error] == [
        "Nothing was saved. A name has &#42;80&#42; letters.",
        "It is gone. The last is shown.",
    ]
    assert [warning.value[:27] for warning in app.warning] == ["The pictures are not here. "]
    assert [markdown.value for markdown in app.markdown] == ["What comes next is drawn."]


def test_what_is_no_refusal_is_told_by_a_number_alone() -> None:
    def script() -> None:
        from ui.errors import show_error

        show_error(ValueError("/home/somebody/secret"))

    (error,) = AppTest.from_function(script).run().error
    assert "secret" not in error.value
    assert "The log tells more under the number" in error.value


def test_an_act_that_is_refused_leaves_out_the_rest_and_says_why() -> None:
    def script() -> None:
        import streamlit as st

        from fmnist_core.errors import FmnistError
        from fmnist_core.permissions import Actor
        from ui.errors import carry_out, told_refusals

        done = []

        def act(word: str, *, by: Actor) -> None:
            if word == "never":
                raise FmnistError("It is never done.")
            done.append((word, by.may_change))

        carry_out(act, "once")
        carry_out(act, "never")
        with told_refusals():
            carry_out(act, "twice")
            act("never", by=Actor.owner())
            done.append(("the rest", True))
        st.text(repr(done))

    app = AppTest.from_function(script).run()
    assert [toast.value for toast in app.toast] == ["It is never done."] * 2
    assert [text.value for text in app.text] == ["[('once', True), ('twice', True)]"]


def test_a_refusal_can_wait_for_its_place_until_the_next_try() -> None:
    def script() -> None:
        import streamlit as st

        from fmnist_core.errors import FmnistError
        from ui.errors import show_refusal, told_refusals

        tries = st.session_state.setdefault("tries", 0)
        if tries < 2:
            for place in ("once", "stays"):
                with told_refusals(place):
                    raise FmnistError(f"Refused {tries}, {place}.")
        if tries == 3:
            with told_refusals("stays"):
                pass
        show_refusal("once")
        show_refusal("stays", stays=True)
        st.session_state["tries"] += 1

    app = AppTest.from_function(script)
    shown = [[error.value for error in app.run().error] for _ in range(4)]
    assert shown == [
        ["Refused 0, once.", "Refused 0, stays."],
        ["Refused 1, once.", "Refused 1, stays."],
        ["Refused 1, stays."],
        [],
    ]


def told_by_hand(tree: ast.AST) -> Iterator[int]:
    """The lines in which somebody who catches an error tells it in a way of its own."""
    for handler in ast.walk(tree):
        if isinstance(handler, ast.ExceptHandler):
            for node in ast.walk(handler):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in TOLD:
                    yield node.lineno


def pages() -> list[Path]:
    sources = [path for name in ("ui", "pages") for path in (PROJECT / name).rglob("*.py")]
    return [path for path in sources if path not in (HOME, LISTS_ATTEMPTS)]


def test_nobody_tells_a_refusal_in_a_way_of_its_own() -> None:
    assert [
        f"{path.relative_to(PROJECT)}:{line}"
        for path in pages()
        for line in told_by_hand(ast.parse(path.read_text()))
    ] == []
    assert [*told_by_hand(ast.parse(LISTS_ATTEMPTS.read_text()))]
