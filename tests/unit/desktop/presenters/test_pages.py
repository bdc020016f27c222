"""The part of the log that is shown, and how it moves."""

from typing import Any

from kibitz.desktop.presenters.pages import Pages, quotation
from kibitz.desktop.presenters.runs import Runs
from kibitz.desktop.presenters.timeline import Stretch
from kibitz.wire import events as e
from kibitz.wire.views import LiveBlock, Message, SessionRef, UserRef

ANN = UserRef(id=1, name="ann")


def message(seq: int, **more: Any) -> Message:
    return Message(room=1, seq=seq, sender=ANN, **{"text": f"number {seq}", "sent_at": "2026-01-01T10:00:00Z"} | more)


class Log:
    """A log of a hundred messages, read ten at a time."""

    async def newest(self) -> Stretch:
        return self._part(91, 100)

    async def before(self, seq: int) -> Stretch:
        return self._part(max(1, seq - 10), seq - 1)

    async def after(self, seq: int) -> Stretch:
        return self._part(seq + 1, min(100, seq + 10))

    async def around(self, seq: int) -> Stretch:
        return self._part(seq - 5, seq + 5)

    async def message(self, seq: int) -> Message | None:
        return message(seq)

    def _part(self, start: int, end: int) -> Stretch:
        block = [LiveBlock(block=0, session=7)] if start <= 95 <= end else []
        shown = tuple(message(seq, blocks=block if seq == 95 else []) for seq in range(start, end + 1))
        return Stretch(shown, (), start, end, 100, start > 1, end == 100)


def pages() -> tuple[Pages, list[int]]:
    saw: list[int] = []
    log: Any = Log()
    return Pages(log, Runs(1), lambda one: saw.append(one.seq)), saw


async def test_it_moves_without_gaps() -> None:
    made, saw = pages()
    await made.newest()
    await made.older()
    assert made.timeline.seqs == list(range(81, 101))
    await made.around(40)
    await made.newer()
    assert made.timeline.seqs == list(range(35, 56))
    await made.again()
    assert made.timeline.start <= 45 <= made.timeline.end
    assert set(saw) >= set(range(81, 101))


async def test_blocks_that_are_sessions_are_known_from_pages_and_from_events() -> None:
    made, _ = pages()
    await made.newest()
    made.apply(
        e.SessionOpened(room=1, seq=101, session=SessionRef(id=8, language="c"), target=96, block=1, by=ANN, at="")
    )
    assert made.sessions == {95: {0: 7}, 96: {1: 8}}


async def test_an_answered_message_that_is_not_shown_is_looked_up() -> None:
    made, _ = pages()
    await made.newest()
    assert made.quote(95) == "ann: number 95"
    assert made.quote(3) == "an earlier message"
    assert made.lacks
    client: Any = None
    assert [None async for _ in made.look_up(client)]
    assert made.quote(3) == "ann: number 3"
    made.apply(e.MessageDeleted(room=1, seq=102, target=95, by=ANN, at=""))
    assert made.quote(95) == quotation(message(95, deleted=True)) == "ann: a deleted message"
