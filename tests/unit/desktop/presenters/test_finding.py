"""Finding, with patterns that are wrong, slow, or right."""

import pytest

from kibitz.desktop.presenters import finding
from kibitz.desktop.presenters.finding import Found, Place, Wanted, find


async def test_words_are_found_with_and_without_case() -> None:
    assert await find("cat Cat 😀cat", Wanted("cat")) == Found((Place(0, 3), Place(4, 7), Place(9, 12)))
    assert await find("cat Cat", Wanted("Cat", case=True, put="dog")) == Found((Place(4, 7, "dog"),))
    assert await find("a.c abc", Wanted("a.c")) == Found((Place(0, 3),))
    assert await find("anything", Wanted("")) == Found()


async def test_patterns_find_and_replace_by_groups() -> None:
    wanted = Wanted(r"^(\w)(\w*)", pattern=True, put=r"\2\1")
    assert await find("ab\ncd", wanted) == Found((Place(0, 2, "ba"), Place(3, 5, "dc")))
    assert (await find("aaa", Wanted("x*", pattern=True))).places == ()


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted("c(", pattern=True), "Not a pattern"),
        (Wanted("(a)", pattern=True, put=r"\2"), "Not a replacement"),
        (Wanted("a", pattern=True, put="\\"), "Not a replacement"),
    ],
)
async def test_what_is_wrong_is_said(wanted: Wanted, says: str) -> None:
    assert says in (await find("aaa", wanted)).problem


async def test_a_pattern_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "SECONDS", 0.5)
    found = await find("a" * 40 + "b", Wanted("(a+)+$", pattern=True))
    assert "too long" in found.problem


async def test_no_more_is_found_than_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MAX_FOUND", 2)
    for wanted in (Wanted("a"), Wanted("a", pattern=True)):
        found = await find("aaa", wanted)
        assert len(found.places) == 2
        assert found.more
