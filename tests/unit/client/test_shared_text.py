"""One document in several copies: what everyone types is everywhere, counted in characters whatever they are."""

import gc
import weakref
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kibitz.client.shared_text import Anchor, Change, SharedText, Unusable, Whose, sound
from kibitz.domain.coding import MAX_TEXT

PIECES = st.lists(
    st.sampled_from(
        ["a", "(", "\n", "\t", "é", "e\u0301", "漢", "😀", "👩\u200d👩\u200d👧", "👍🏽", "\u202e", "\U0010ffff"]
    ),
    max_size=4,
).map("".join)
EDITS = st.tuples(st.integers(0, 1), st.floats(0, 1), st.integers(0, 5), PIECES)


class Copy:
    """A copy, what its changes make of another text, and what it has to say."""

    def __init__(self, client: int | None = None) -> None:
        self.shown = ""
        self.whose: list[Whose] = []
        self.news: list[bytes] = []
        self.it = SharedText(self._changed, self.news.append, client=client)

    def _changed(self, changes: tuple[Change, ...], whose: Whose) -> None:
        self.whose.append(whose)
        for at, removed, added in changes:
            self.shown = self.shown[:at] + added + self.shown[at + removed :]

    def type(self, where: float, removed: int, added: str) -> None:
        at = round(where * len(self.it.text))
        self.it.edit(Change(at, min(removed, len(self.it.text) - at), added))

    def hear(self, other: "Copy") -> None:
        for update in other.news:
            self.it.apply(update)
        other.news.clear()


def pair(text: str = "") -> tuple[Copy, Copy]:
    one, other = Copy(), Copy()
    if text:
        one.it.edit(Change(0, 0, text))
        other.hear(one)
    return one, other


@settings(max_examples=60)
@given(st.lists(st.lists(EDITS, max_size=4), max_size=5))
def test_copies_that_were_edited_apart_are_the_same_once_they_have_met(
    rounds: list[list[tuple[int, float, int, str]]],
) -> None:
    copies = Copy(), Copy()
    for edits in rounds:
        for who, where, removed, added in edits:
            copies[who].type(where, removed, added)
        copies[0].hear(copies[1])
        copies[1].hear(copies[0])
        assert copies[0].it.text == copies[1].it.text == copies[0].shown == copies[1].shown
    late = Copy()
    late.it.apply(copies[0].it.since(late.it.state()))
    assert late.it.text == copies[0].it.text


@settings(max_examples=60)
@given(st.lists(EDITS, max_size=12))
def test_a_place_is_found_again_in_every_copy_wherever_it_has_moved(edits: list[tuple[int, float, int, str]]) -> None:
    copies = pair("漢é|hello😀w")
    for who, where, removed, added in edits:
        copies[who].type(where, removed, added)
        copies[1 - who].hear(copies[who])
    here, there = copies[0].it, copies[1].it
    anchors = [here.anchor(at) for at in range(len(here.text) + 1)]
    assert [there.place(anchor) for anchor in anchors] == list(range(len(here.text) + 1))
    copies[1].it.edit(Change(0, 0, "😀漢\n"))
    copies[0].hear(copies[1])
    assert [here.place(anchor) for anchor in anchors] == list(range(3, len(here.text) + 1))


def test_a_place_whose_character_is_gone_is_where_it_was() -> None:
    one, other = pair("ab😀cd")
    anchor = one.it.anchor(3)
    other.it.edit(Change(1, 3, ""))
    one.hear(other)
    assert one.it.text == "ad"
    assert one.it.place(anchor) == other.it.place(anchor) == 1


def test_a_place_that_nobody_knows_is_no_place() -> None:
    one, _ = pair("abc")
    assert one.it.place(Anchor(77, 5)) is None
    assert one.it.place(Anchor(one.it.client, 999)) is None


@pytest.mark.parametrize(
    ("written", "anchor"),
    [
        ({"type": None, "tname": "code", "item": {"client": 7, "clock": 3}, "assoc": 0}, Anchor(7, 3)),
        ({"tname": "code", "item": {"client": 7, "clock": 3}, "assoc": -1}, Anchor(7, 3, after=True)),
        ({"type": None, "tname": "code", "item": None, "assoc": 0}, Anchor()),
        ({"tname": "other", "item": None}, None),
        ({"item": {"client": "x", "clock": 3}}, None),
        ("nonsense", None),
        (None, None),
    ],
)  # fmt: skip
def test_places_are_read_as_yjs_writes_them(written: object, anchor: Anchor | None) -> None:
    assert Anchor.of_yjs(written) == anchor
    if anchor is not None:
        assert Anchor.of_yjs(anchor.to_yjs()) == anchor


def test_undo_takes_back_what_i_did_and_nothing_that_others_did() -> None:
    one, other = pair("start ")
    one.it.part()
    one.it.edit(Change(6, 0, "mine😀 "))
    other.hear(one)
    other.it.edit(Change(0, 0, "theirs "))
    one.hear(other)
    assert one.it.undo()
    assert one.it.text == "theirs start "
    assert one.it.redo()
    assert one.it.text == "theirs start mine😀 "
    assert one.shown == one.it.text
    other.hear(one)
    assert other.it.text == one.it.text
    assert one.whose[-1] == "undone"


def test_what_is_typed_in_one_go_is_undone_together_and_what_is_parted_is_not() -> None:
    copy = Copy()
    for at, letter in enumerate("abc"):
        copy.it.edit(Change(at, 0, letter))
    copy.it.part()
    copy.it.edit(Change(3, 0, "d"))
    copy.it.undo()
    assert copy.it.text == "abc"
    copy.it.undo()
    assert copy.it.text == ""
    assert not copy.it.can_undo
    assert not copy.it.undo()


def test_several_changes_are_one_and_count_one_after_the_other() -> None:
    one, other = pair("é b é b")
    one.it.part()
    one.it.edit(Change(2, 1, "😀😀"), Change(7, 1, "c"))
    other.hear(one)
    assert one.it.text == other.it.text == one.shown == "é 😀😀 é c"
    one.it.undo()
    assert one.it.text == "é b é b"


def test_what_is_typed_is_made_sound() -> None:
    copy = Copy()
    copy.it.edit(Change(0, 0, "a\r\nb\rc\ud83d"))
    assert copy.it.text == "a\nb\nc�"
    assert sound("\ud83d\ude00") == "😀"


def test_a_text_that_would_become_too_long_is_refused_with_nothing_lost() -> None:
    copy = Copy()
    copy.it.edit(Change(0, 0, "é" * (MAX_TEXT // 2)))
    with pytest.raises(ValueError, match="1024 KiB"):
        copy.it.edit(Change(0, 0, "x"))
    with pytest.raises(ValueError, match="not in the text"):
        copy.it.edit(Change(MAX_TEXT, 1, ""))
    copy.it.edit(Change(0, 1, "ab"))
    assert copy.it.text.startswith("abé")


@settings(max_examples=300)
@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 255))
def test_nothing_that_comes_can_hurt_the_text(noise: bytes, at: int, byte: int) -> None:
    one, other = pair("some 😀 text")
    good = one.it.since(b"\x00")
    broken = bytearray(good)
    broken[at % len(broken)] = byte
    for bad in (noise, bytes(broken), good[: at % len(good)]):
        with suppress(Unusable):
            other.it.apply(bad)
        with suppress(Unusable):
            other.it.since(bad)
    assert "some" in other.it.text or "some" not in other.shown
    assert other.it.text == other.shown


def test_a_closed_text_is_let_go_of() -> None:
    copy = Copy()
    copy.it.edit(Change(0, 0, "x"))
    copy.it.close()
    held = weakref.ref(copy.it)
    del copy
    gc.collect()
    assert held() is None


def test_ids_are_random_and_short() -> None:
    assert len({SharedText().client for _ in range(5)}) == 5
    assert all(SharedText().client < 1 << 31 for _ in range(20))
