"""What stands for a name."""

import pytest

from kibitz.desktop.views.drawing import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("ann", "A"),
        ("Ann Smith", "AS"),
        ("ann.maria.smith", "AS"),
        ("ann-lee", "AL"),
        ("émile", "É"),
        ("_", "?"),
        ("", "?"),
    ],
)
def test_a_name_has_one_letter_or_two(name: str, letters: str) -> None:
    assert initials(name) == letters
