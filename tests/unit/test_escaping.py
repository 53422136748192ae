"""Text that somebody typed is kept and shown as typed: each medium has one function."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typed import HIDDEN, TEXTS, from_markdown

from fmnist_core.export.csv import csv_file
from fmnist_core.text import cleaned, cleaned_values, for_chart, for_html, for_script, one_line
from ui.escape import plain

ALL = st.one_of(st.text(), st.text(alphabet="<>&%{}$:@.-=~wht/ps\\`*_[]()!#|'\";\n\t \u202e=+aA1"))


@given(ALL)
def test_what_is_kept_has_nothing_hidden_and_is_kept_again_as_it_is(text: str) -> None:
    kept = cleaned(text)
    assert cleaned(kept) == kept
    assert kept.encode().decode() == kept
    assert not set(kept) & set("\x00\x1b\r\u2028\u202e\u2066\u200f\ufeff")
    line = one_line(text)
    assert one_line(line) == line
    assert "\n" not in line
    assert line == line.strip()


@pytest.mark.parametrize("text", TEXTS)
def test_what_can_be_seen_is_kept_as_typed(text: str) -> None:
    assert cleaned(text) == text
    assert one_line(text) == text


def test_hidden_characters_go() -> None:
    for text, kept in HIDDEN.items():
        assert one_line(text) == kept
    assert one_line("\u200d \u200c\u202e") == ""
    assert one_line("half \ud800 a pair") == "half a pair"
    assert cleaned("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"
    assert cleaned_values({"a\u202e": ["\u202eb", {"c": "d\x00"}, 1, None, 0.5, True]}) == {
        "a": ["b", {"c": "d"}, 1, None, 0.5, True]
    }


@given(ALL)
def test_in_markdown_no_sign_is_left_that_it_reads(text: str) -> None:
    source = plain(text)
    assert from_markdown(source) == text
    rest = re.sub(r"&#\d+;|:color\[\]", "", source)
    assert not re.search(r"[\\`*_\[\]<>{}#$|~&:@!\n]", rest)
    # The first character of a line decides whether it is a list, a heading or a rule.
    assert not re.match(r"[ -~]", text) or text[0].isalpha() or source[0] == "&"
    # No two parts that Streamlit looks for stand side by side in what it reads.
    for part in source.split(":color[]"):
        read = html.unescape(part)
        special = r"https?://|www\.|\w@\w|:\w+:|<-|->|--|>=|<=|~="
        assert not re.search(special, read, re.IGNORECASE), read


def test_an_error_is_shown_by_its_message() -> None:
    assert from_markdown(plain(ValueError("no *such* thing"))) == "no *such* thing"


@given(ALL)
def test_in_html_no_sign_is_left_that_it_reads(text: str) -> None:
    source = for_html(text)
    assert html.unescape(source) == text
    assert not set("<>\"'") & set(source)


def test_no_json_ends_the_script_that_it_stands_in() -> None:
    for text in TEXTS:
        source = for_script(json.dumps([text]))
        assert "<" not in source
        assert json.loads(source) == [text]


@given(st.one_of(ALL, st.text(alphabet="<% wa", min_size=40)))
def test_in_a_chart_only_line_ends_are_read_and_no_line_is_long(text: str) -> None:
    lines = for_chart(text).split("<br>")
    assert not any(set("<>%$") & set(line) for line in lines)
    read = [re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), line) for line in lines]
    assert "".join(read) == text
    assert all(len(line.rstrip()) <= 48 for line in read)
    assert all(len(word) <= 32 for line in read for word in line.split())


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@a", "'@a"),
        ("＝1", "'＝1"),
        ("\t=1", "\t'=1"),
        (' "=1', "' \"=1"),
        ("'=1", "''=1"),
        ("a;=1", "a;'=1"),
        ("a\n =1", "a\n' =1"),
        (";\n=1", ";\n'=1"),
        ("a\t@b", "a\t'@b"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_compute_is_defused(cell: str, shown: str) -> None:
    assert read_back(cell) == shown


@given(st.text(alphabet="=+-@＝'\"; \t\na1,"))
def test_no_cell_and_no_part_of_one_begins_with_a_formula(cell: str) -> None:
    for part in re.split(r"[;\t\n]", read_back(cell)):
        assert part.lstrip(" \"'")[:1] not in tuple("=+-@＝") or part[0] == "'"


def test_texts_that_compute_nothing_and_numbers_stay_as_they_are() -> None:
    assert read_back("a = b - c, d@e") == "a = b - c, d@e"
    table = pd.DataFrame(
        {"=a": [-1, 2], "b": [-0.5, None], "c": pd.Series([None, -3], dtype=object)}
    )
    assert csv_file(table).decode("utf-8-sig") == "'=a,b,c\n-1,-0.5,\n2,,-3\n"


def test_excel_knows_that_a_table_is_in_utf_8() -> None:
    file = csv_file(pd.DataFrame({"name": ["Größe"]}))
    assert file.startswith(b"\xef\xbb\xbf")
    assert file.decode("utf-8-sig") == "name\nGröße\n"


def read_back(cell: str) -> str:
    file = csv_file(pd.DataFrame({"a": [cell], "b": [1]})).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(file, newline="")))[1][0]
