"""Code is coloured by what it is, and no text is too much."""

import time

import msgspec
import pytest

from kibitz.design import Syntax
from kibitz.desktop.presenters.highlight import MAX_CODE, spans


def _found(code: str, language: str) -> list[tuple[str, str]]:
    return [(code[span.start : span.end], span.kind) for span in spans(code, language)]


def test_the_pieces_of_python_are_told_apart() -> None:
    found = _found("def f(x):\n    return 'one' + 2  # three\n", "python")
    for piece in [("def", "keyword"), ("f", "name"), ("return", "keyword"), ("'one'", "string"), ("2", "number")]:
        assert piece in found
    assert ("# three", "comment") in found


@pytest.mark.parametrize("language", ["python", "javascript", "c", "cpp", "c++", "java", "Python", "js", "html", "sql"])
def test_every_kind_is_a_colour_there_is(language: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(Syntax)}
    assert {span.kind for span in spans("int x = 1; // a\n'b' <c> $ §", language)} <= fields


def test_offsets_are_characters_also_beyond_the_basic_plane() -> None:
    assert ("'👍👍'", "string") in _found("\n\n👍 = '👍👍'  # tail\n", "python")


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_leading_blank_lines_and_foreign_line_ends_move_nothing(line_end: str) -> None:
    code = line_end * 3 + "x = 12"
    assert ("12", "number") in _found(code, "python")


@pytest.mark.parametrize("language", ["", "klingon", "🙂", "x" * 10_000, "../../etc/passwd"])
def test_a_language_nobody_knows_is_plain(language: str) -> None:
    assert spans("x = 1", language) == []


def test_no_text_takes_long() -> None:
    began = time.monotonic()
    for hard in (
        "(" * MAX_CODE,
        "'" + "\\" * (MAX_CODE - 2),
        "a " * MAX_CODE,
        "\0\ud800" * 1000,
        "/*" * 4000,
        "${" * 2000,
    ):
        for language in ("python", "javascript", "cpp", "java", "perl"):
            spans(hard, language)
    assert time.monotonic() - began < 20


def test_pieces_follow_one_another_within_the_text() -> None:
    code = "class A:\n    x = [1, 2.5, 'a', None, True]\n    @b\n    def c(self): pass"
    at = 0
    for span in spans(code, "python"):
        assert at <= span.start < span.end <= len(code)
        at = span.end
