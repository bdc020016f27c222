"""What needs no window of how windows look."""

import pytest

from kibitz.design import tokens
from kibitz.desktop.views.paint import fitting, pair, theme


def test_a_token_is_a_pair_of_colours() -> None:
    assert pair("text") == (tokens().light.text, tokens().dark.text)


def test_every_colour_the_library_is_told_is_one_of_ours() -> None:
    ours = {
        colour
        for mode in (tokens().light, tokens().dark)
        for colour in map(str, (getattr(mode, name) for name in mode.__struct_fields__))
    }
    told = [value for widget in theme("Inter").values() for value in widget.values() if isinstance(value, tuple)]
    assert told
    assert all(set(value) <= ours for value in told)


@pytest.mark.parametrize(
    ("geometry", "fits"),
    [
        ("800x600", "800x600"),
        ("800x600+40+20", "800x600+40+20"),
        ("9000x8000+40+20", "1600x1000+40+20"),
        ("800x600+5000+20", "800x600"),
        ("800x600-40+20", "800x600"),
    ],
)
def test_a_window_is_put_where_the_screen_has_room_for_it(geometry: str, fits: str) -> None:
    assert fitting(geometry, (1600, 1000)) == fits
