"""Small pictures."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from kibitz.desktop.presenters.pictures import SPARE, Pictures, avatar, initials
from kibitz.desktop.presenters.rows import Piece, Row


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("ann", "A"),
        ("Ann Smith", "AS"),
        ("ada.lovelace", "AL"),
        ("ann.maria.smith", "AS"),
        ("ann-lee", "AL"),
        ("x_y-z", "XZ"),
        ("émile", "É"),
        ("李雷", "李"),
        ("_", "?"),
        ("", "?"),
        ("ß", "SS"),
    ],
)
def test_initials_stand_for_a_name(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["ann", "ada.lovelace", "李雷", "ß", "🎉 z"])
def test_an_avatar_is_a_round_png_of_its_size(name: str) -> None:
    image = Image.open(io.BytesIO(avatar(3, name, 42, "dark")))
    assert image.size == (42, 42)
    assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]
    assert image.getpixel((21, 3))[3] == 255  # type: ignore[index]


def rows(*names: str) -> list[Row]:
    return [Row(name, (Piece("", picture=name),)) for name in names]


def test_a_view_is_given_what_it_lacks_and_told_what_to_forget() -> None:
    shell: Any = SimpleNamespace(files=None)
    pictures = Pictures(shell, lambda: None)
    given, _ = pictures.wanted(rows("avatar:1:ann", "avatar:2:ben"))
    assert sorted(name for name, _ in given) == ["avatar:1:ann", "avatar:2:ben"]
    assert pictures.wanted(rows("avatar:1:ann")) == ((), ())
    many = [f"avatar:{number}:x{number}" for number in range(SPARE + 10)]
    pictures.wanted(rows(*many))
    _, forgotten = pictures.wanted(rows("avatar:1:ann"))
    assert "avatar:5:x5" in forgotten
    assert "avatar:1:ann" not in forgotten
    pictures.looks("dark", 56, 640)
    assert [name for name, _ in pictures.wanted(rows("avatar:1:ann"))[0]] == ["avatar:1:ann"]
