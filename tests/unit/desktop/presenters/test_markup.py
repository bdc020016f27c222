"""Markdown becomes pieces to draw, and nothing else becomes more than text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.desktop.presenters.markup import _MARKDOWN, Called, Code, _Writer, first_line, is_safe, parts_of
from kibitz.domain.blocks import blocks_of


def words(text: str) -> str:
    return "".join(piece.text for part in parts_of(text) for piece in part.pieces)


def looks(text: str, piece: str, called: Called | None = None) -> tuple[str, ...]:
    return next(one.styles for part in parts_of(text, called) for one in part.pieces if one.text == piece)


@pytest.mark.parametrize(
    ("text", "piece", "style"),
    [
        ("a **b** c", "b", "bold"),
        ("a *b* c", "b", "italic"),
        ("a ~~b~~ c", "b", "strike"),
        ("a `b` c", "b", "mono"),
        ("# b", "b", "large"),
        ("> b", "b", "quoted"),
        ("- b", "b", "item1"),
        ("- a\n  - b", "b", "item2"),
    ],
)
def test_a_style_is_that_of_its_words(text: str, piece: str, style: str) -> None:
    assert style in looks(text, piece)


def test_lists_have_their_bullets_and_numbers() -> None:
    assert words("3. a\n4. b\n   - c") == "3.\ta\n4.\tb\n•\tc\n"


def test_a_line_that_was_broken_stays_so() -> None:
    assert words("one\ntwo  \nthree") == "one\ntwo\nthree\n"


@pytest.mark.parametrize("text", ["<b>x</b>", "<script>alert(1)</script>", "<!-- no -->", "a <img src=x onerror=y> b"])
def test_html_is_text(text: str) -> None:
    assert words(text).strip() == text


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("see https://example.org/a_(b), or", "https://example.org/a_(b)"),
        ("(https://example.org/x)", "https://example.org/x"),
        ("[site](http://example.org)", "http://example.org"),
        ("[mail](mailto:ann@example.org)", "mailto:ann@example.org"),
        ("<https://example.org>", "https://example.org"),
    ],
)
def test_links_lead_where_they_say(text: str, url: str) -> None:
    acts = [piece.act for part in parts_of(text) for piece in part.pieces if piece.act is not None]
    assert [act.arg for act in acts] == [url]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://x", "//x", "x", ""]
)
def test_no_other_link_is_opened(url: str) -> None:
    assert not is_safe(url)
    assert all(piece.act is None for part in parts_of(f"[x]({url}) <{url}>") for piece in part.pieces)


def test_code_is_verbatim_and_numbered_as_on_the_server() -> None:
    text = "a\n```python\nx  = 1\n\n```\nb\n- item\n  ~~~\n  <y>\n  ~~~\n<div>\n```\nnot a block\n```\n</div>"
    codes = [part for part in parts_of(text) if isinstance(part, Code)]
    assert [(one.language, one.code) for one in codes] == [(one.language, one.code) for one in blocks_of(text)]
    assert [one.block for one in codes] == [0, 1]
    assert "".join(piece.text for piece in codes[0].pieces) == codes[0].code


def test_calls_are_marked_outside_of_code_alone() -> None:
    called = Called(frozenset({"ann", "all"}), anyone=True)
    assert "mention" in looks("hi @Ann!", "@Ann", called)
    assert "called" in looks("hi @ben!", "@ben", called)
    assert not any("mention" in piece.styles for part in parts_of("`@ann`", called) for piece in part.pieces)


def test_how_a_message_begins() -> None:
    assert first_line("\n\n**Hello** there\nmore") == "Hello there"
    assert first_line("```python\nx = 1\n```") == "python: x = 1"
    assert first_line("x" * 500).endswith("…")


@given(st.text(alphabet=st.sampled_from("ab @`*_~[]()<>#-+.!|\\&\n\t1>:/h")))
def test_every_text_can_be_drawn_in_whole_lines(text: str) -> None:
    for part in parts_of(text, Called(frozenset({"a"}), anyone=True)):
        assert "".join(piece.text for piece in part.pieces).endswith("\n")


@given(st.text(alphabet=st.sampled_from("ab ,.;?'\"()%/-19"), max_size=60))
def test_the_short_cut_for_plain_text_shows_what_the_long_way_would(text: str) -> None:
    long = "".join(piece.text for part in _Writer(Called()).write(_MARKDOWN.parse(text)) for piece in part.pieces)
    assert words(text).rstrip() == long.rstrip()


def test_no_text_takes_long() -> None:
    began = time.monotonic()
    for hard in (
        "[" * 30_000,
        "*a" * 15_000,
        "> " * 3_000 + "x",
        "- " * 3_000 + "x",
        "`" * 30_000,
        "@a" * 15_000,
        "http://" * 4_000,
    ):
        parts_of(hard, Called(frozenset({"a"}), anyone=True))
    assert time.monotonic() - began < 20
