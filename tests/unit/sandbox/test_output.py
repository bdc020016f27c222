"""The output: at once, in order, in few pieces, harmless, and never more than it may be."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sandbox.boxes import until

from kibitz.sandbox.messages import Stream
from kibitz.sandbox.output import NOTE, Output
from kibitz.sandbox.policy import MAX_OUTPUT


class Watching:
    """Whoever watches a run."""

    def __init__(self) -> None:
        self.pieces: list[tuple[Stream, str]] = []
        self.overflows = 0
        self.output = Output(lambda stream, text: self.pieces.append((stream, text)), self._overflow)

    def _overflow(self) -> None:
        self.overflows += 1

    def text(self, stream: Stream) -> str:
        return "".join(text for one, text in self.pieces if one == stream)


async def test_the_first_byte_goes_out_in_the_same_tick() -> None:
    watching = Watching()
    watching.output.write("stdout", b"n")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert watching.pieces == [("stdout", "n")]


async def test_what_follows_soon_goes_out_together() -> None:
    watching = Watching()
    watching.output.write("stdout", b"one ")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for word in (b"two ", b"three ", b"four"):
        watching.output.write("stdout", word)
        await asyncio.sleep(0)
    assert watching.pieces == [("stdout", "one ")]
    await until(lambda: len(watching.pieces) == 2)
    assert watching.pieces[1:] == [("stdout", "two three four")]


async def test_the_streams_stay_in_the_order_in_which_they_came() -> None:
    watching = Watching()
    for stream, data in (("stdout", b"1"), ("stdout", b"2"), ("stderr", b"3"), ("stdout", b"4")):
        watching.output.write(stream, data)  # type: ignore[arg-type]
    watching.output.finish()
    assert watching.pieces == [("stdout", "12"), ("stderr", "3"), ("stdout", "4")]


async def test_what_is_no_text_is_made_harmless() -> None:
    watching = Watching()
    watching.output.write("stdout", b"a\0b\xffc\xed\xa0\x80")
    watching.output.finish()
    assert watching.text("stdout") == "a\ufffdb\ufffdc\ufffd\ufffd\ufffd"


async def test_half_a_character_waits_for_its_other_half_and_is_shown_at_the_end_if_none_comes() -> None:
    watching = Watching()
    whole = "ü😀".encode()
    for index in range(len(whole)):
        watching.output.write("stdout", whole[index : index + 1])
    watching.output.write("stderr", "ü".encode()[:1])
    watching.output.finish()
    assert watching.text("stdout") == "ü😀"
    assert watching.text("stderr") == "\ufffd"


async def test_more_than_it_may_write_is_cut_off_with_a_note_while_it_writes() -> None:
    watching = Watching()
    watching.output.write("stdout", b"x" * (MAX_OUTPUT - 1))
    assert watching.overflows == 0
    watching.output.write("stderr", b"yz")
    assert watching.overflows == 1
    watching.output.write("stdout", b"more")
    watching.output.finish()
    assert watching.text("stdout") == "x" * (MAX_OUTPUT - 1)
    assert watching.text("stderr") == "y" + NOTE
    assert watching.overflows == 1
    assert watching.output.truncated


async def test_exactly_as_much_as_it_may_write_is_all_right() -> None:
    watching = Watching()
    watching.output.write("stdout", b"x" * MAX_OUTPUT)
    watching.output.finish()
    assert watching.text("stdout") == "x" * MAX_OUTPUT
    assert not watching.output.truncated


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.data())
def test_text_arrives_as_it_was_written_however_it_is_cut(text: str, data: st.DataObject) -> None:
    async def scenario() -> None:
        watching = Watching()
        rest = text.encode()
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            watching.output.write("stdout", rest[:size])
            rest = rest[size:]
        watching.output.finish()
        assert watching.text("stdout") == text

    asyncio.run(scenario())
