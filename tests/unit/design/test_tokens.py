"""What is shown can be read: WCAG 2.2's contrasts of level AA, in light and dark."""

import re

import pytest

from kibitz.design import MODES, Colours, Syntax, contrast, tokens

TEXT = 4.5
"""1.4.3: text, and what is as small."""

MARK = 3.0
"""1.4.11: outlines of what can be operated, and marks that say something."""

GROUNDS = ("window", "side", "surface", "raised", "hover")

PAIRS = {
    # words: what they stand on somewhere
    "text": (*GROUNDS, "accent_soft", "danger_soft", "warning_soft", "selection", "mention", "code"),
    "muted": (*GROUNDS, "accent_soft", "code"),
    "link": ("surface", "raised", "mention", "hover"),
    "danger": ("surface", "raised", "danger_soft", "window", "hover"),
    "success": ("surface", "raised"),
    "warning": ("surface", "warning_soft"),
    "on_accent": ("accent", "accent_hover"),
}

MARKS = {
    "focus": GROUNDS,
    "edge": ("window", "side", "surface", "raised"),
    "accent": ("window", "side", "surface", "raised"),
    "online": ("side", "surface"),
    "away": ("side", "surface"),
    "offline": ("side", "surface"),
    "on_accent": ("edge",),  # the knob of a switch on its track
}


def of(mode: str) -> Colours:
    found: Colours = getattr(tokens(), mode)
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("words", "ground"), [(words, ground) for words, grounds in PAIRS.items() for ground in grounds]
)
def test_words_can_be_read(mode: str, words: str, ground: str) -> None:
    assert contrast(getattr(of(mode), words), getattr(of(mode), ground)) >= TEXT


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("mark", "ground"), [(mark, ground) for mark, grounds in MARKS.items() for ground in grounds])
def test_marks_can_be_seen(mode: str, mark: str, ground: str) -> None:
    assert contrast(getattr(of(mode), mark), getattr(of(mode), ground)) >= MARK


@pytest.mark.parametrize("mode", MODES)
def test_senders_can_be_read_and_so_can_their_initials(mode: str) -> None:
    for colour in of(mode).people:
        assert contrast(colour, of(mode).surface) >= TEXT


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ground", ["surface", "code"])
@pytest.mark.parametrize("piece", Syntax.__struct_fields__)
def test_code_can_be_read(mode: str, ground: str, piece: str) -> None:
    assert contrast(getattr(of(mode).syntax, piece), getattr(of(mode), ground)) >= TEXT


@pytest.mark.parametrize("mode", MODES)
def test_a_number_in_a_badge_can_be_read(mode: str) -> None:
    assert contrast(of(mode).surface, of(mode).muted) >= TEXT


@pytest.mark.parametrize("mode", MODES)
def test_every_colour_is_written_as_six_digits(mode: str) -> None:
    every = [
        value for value in (getattr(of(mode), name) for name in Colours.__struct_fields__) if isinstance(value, str)
    ]
    for colour in [*every, *of(mode).people]:
        assert re.fullmatch("#[0-9a-f]{6}", colour)


def test_contrast_is_what_the_guidelines_say() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#123456", "#123456") == 1


def test_distances_grow_and_sizes_are_told_apart() -> None:
    look = tokens()
    assert look.space == sorted(set(look.space))
    assert look.fonts.small < look.fonts.body < look.fonts.large < look.fonts.title
