"""What a file may be called, whoever sends it and wherever it is saved."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kibitz.domain.files import MAX_NAME_BYTES, NAMELESS, clean_file_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("plan.txt", "plan.txt"),
        ("Straße - Überblick.pdf", "Straße - Überblick.pdf"),
        ("日本語.md", "日本語.md"),
        (".bashrc", ".bashrc"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("👩\u200d💻.png", "👩\u200d💻.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\plan.txt", "plan.txt"),
        ("/", NAMELESS),
        ("", NAMELESS),
        ("..", NAMELESS),
        (" . . ", NAMELESS),
        ("plan.txt. .", "plan.txt"),
        ("a\r\nSet-Cookie: x\0.txt", "aSet-Cookie_ x.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("half \ud800 pair", "half  pair"),
        ('what?<is>:"this"|*.txt', "what__is___this___.txt"),
        ("nul", "_nul"),
        ("Con.tar.gz", "_Con.tar.gz"),
        ("LPT¹ .txt", "_LPT¹ .txt"),
        ("console.log", "console.log"),
        ("cafe\u0301.txt", "café.txt"),
        ("e\u202e\u0301", "é"),
    ],
)
def test_a_name_is_cleaned(given_name: str, kept: str) -> None:
    assert clean_file_name(given_name) == kept


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_file_name("ä" * 500 + ".tar.gz")

    assert name.endswith("ä.gz")
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert len(name.encode()) > MAX_NAME_BYTES - 2


def test_a_long_name_without_an_extension_is_cut() -> None:
    assert clean_file_name("x" * 300) == "x" * MAX_NAME_BYTES
    assert clean_file_name("x." + "y" * 300) == ("x." + "y" * 300)[:MAX_NAME_BYTES]
    assert clean_file_name("x" * 254 + " " + "y" * 300) == "x" * 254


@given(st.text(max_size=400) | st.text("ab./\\ :\u202e\u0301é<conNUL1\ud800", max_size=400))
@example("é" * 127 + "." + "x" * 40)
def test_a_cleaned_name_is_safe_anywhere_and_stays_as_it_is(name: str) -> None:
    cleaned = clean_file_name(name)

    assert 0 < len(cleaned.encode()) <= MAX_NAME_BYTES
    assert cleaned not in {".", ".."}
    assert not set(cleaned) & set('/\\<>:"|?*\x00\r\n\t\u202e')
    assert cleaned == cleaned.strip()
    assert not cleaned.endswith(".")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_file_name(cleaned) == cleaned
