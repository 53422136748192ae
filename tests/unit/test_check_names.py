"""The words that are looked for in names are found there, and in no text."""

from __future__ import annotations

import sys

import pytest
from setups import SCRIPTS

sys.path.append(str(SCRIPTS))

import check_names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("state.asked = 0;", ["state", "asked"]),
        ("// sure\n/* luck\n */ f()", ["f"]),
        ("""a["sure"] = 'lu\\'ck' + "tw\\"in";""", ["a"]),
        ("`sure ${b(`luck ${c} twin`)} judge`; d", ["b", "c", "d"]),
        ("`${ { e: {} } } sure \\` \\${twin}`.f", ["e", "f"]),
    ],
)
def test_names_of_a_script_are_its_code_without_texts(code: str, names: list[str]) -> None:
    assert [name for _, name in check_names.javascript_identifiers(code)] == names


def test_names_of_a_script_come_with_their_line() -> None:
    names = check_names.javascript_identifiers("/* 1\n2 */\n`\n${asked}\n`;\nx")
    assert list(names) == [(4, "asked"), (6, "x")]
