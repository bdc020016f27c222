"""What a file is taken for."""

import puremagic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.features.files import sniffing
from kibitz.features.files.sniffing import UNKNOWN, media_type

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("photo.png", PNG, "image/png"),
        ("no name that tells", PNG, "image/png"),
        ("disguised.txt", PNG, "image/png"),
        ("paper.pdf", b"%PDF-1.7\n1 0 obj", "application/pdf"),
        ("page.html", b"<!DOCTYPE html><html>", "text/html"),
        ("notes.txt", b"just words", "text/plain"),
        ("notes.txt", b"BM are two letters and no bitmap", "text/plain"),
        ("empty.txt", b"", "text/plain"),
        ("data", b"\x00\x01\x02\x03", UNKNOWN),
        ("", b"", UNKNOWN),
    ],
)
def test_the_bytes_tell_and_where_they_do_not_the_name(name: str, head: bytes, expected: str) -> None:
    assert media_type(name, head) == expected


@given(st.text(max_size=40), st.binary(max_size=200) | st.binary(max_size=40).map(lambda tail: PNG[:8] + tail))
def test_whatever_comes_has_a_type_that_fits_in_a_header(name: str, head: bytes) -> None:
    found = media_type(name, head)
    assert found.isascii()
    assert len(found) <= 127
    assert found.count("/") == 1
    assert not set(found) & set("\r\n;, ")


def test_a_library_that_stumbles_costs_nothing_but_the_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(puremagic, "magic_string", stumble)
    assert media_type("photo.png", PNG) == "image/png"
    assert media_type("photo", PNG) == UNKNOWN


def test_a_type_that_is_none_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "_by_signature", lambda *_: "text/html\r\nSet-Cookie: a=b")
    assert media_type("a", b"") == UNKNOWN
