"""The stretch of the log that is shown."""

from typing import Any

from kibitz.desktop.presenters.timeline import KEPT, MAX_ITEMS, Stretch, Timeline
from kibitz.wire import events as e
from kibitz.wire.views import Message, UserRef

ANN = UserRef(id=1, name="ann")


def message(seq: int, **more: Any) -> Message:
    return Message(
        room=1, seq=seq, sender=ANN, **{"text": f"number {seq}", "sent_at": "2026-01-01T10:00:00.000Z"} | more
    )


def posted(seq: int, **more: Any) -> e.MessagePosted:
    return e.MessagePosted(room=1, seq=seq, message=message(seq, **more))


def joined(seq: int) -> e.MemberAdded:
    return e.MemberAdded(room=1, seq=seq, user=ANN, by=ANN, at="2026-01-01T10:00:00.000Z")


def stretch(start: int, end: int, *, head: int | None = None, at_end: bool = False) -> Stretch:
    shown = tuple(message(seq) for seq in range(start, end + 1))
    return Stretch(shown, (), start, end, end if head is None else head, start > 1, at_end)


def test_what_happens_at_the_end_belongs_to_it() -> None:
    timeline = Timeline()
    timeline.replace(stretch(5, 9, at_end=True))
    timeline.apply(posted(10))
    timeline.apply(joined(11))
    timeline.apply(e.MessageEdited(room=1, seq=12, message=message(9, text="other")))
    assert timeline.seqs == [5, 6, 7, 8, 9, 10, 11]
    assert timeline.messages[9].text == "other"
    assert timeline.end == 12


def test_what_happens_elsewhere_is_not_kept_but_its_thread_counts_it() -> None:
    timeline = Timeline()
    timeline.replace(stretch(5, 9))
    timeline.apply(posted(30, thread=7))
    assert timeline.seqs == [5, 6, 7, 8, 9]
    assert timeline.messages[7].replies == 1


def test_a_page_read_before_an_event_is_brought_up_to_it() -> None:
    timeline = Timeline()
    timeline.apply(posted(10))
    timeline.apply(e.MessageDeleted(room=1, seq=11, target=9, by=ANN, at=""))
    timeline.replace(stretch(5, 9, at_end=True))
    assert timeline.seqs == [5, 6, 7, 8, 9, 10]
    assert timeline.messages[9].deleted
    timeline.apply(e.MessageEdited(room=1, seq=12, message=message(3, text="other")))
    assert timeline.prepend(stretch(1, 4, head=11))
    assert timeline.messages[3].text == "other"


def test_a_page_that_does_not_fit_any_more_is_not_taken() -> None:
    timeline = Timeline()
    timeline.replace(stretch(50, 60))
    assert not timeline.prepend(stretch(1, 4))
    assert not timeline.append(stretch(70, 80))
    assert timeline.append(stretch(61, 70, at_end=True))
    assert timeline.at_end


def test_it_is_bounded_at_the_end_that_is_not_looked_at() -> None:
    timeline = Timeline()
    timeline.replace(stretch(1, MAX_ITEMS + 50, at_end=True))
    timeline.trim(keep_newest=True)
    assert (len(timeline), timeline.end, timeline.more, timeline.at_end) == (KEPT, MAX_ITEMS + 50, True, True)
    timeline.replace(stretch(1, MAX_ITEMS + 50, at_end=True))
    timeline.trim(keep_newest=False)
    assert (timeline.start, timeline.end, timeline.at_end) == (1, KEPT, False)
    timeline.apply(posted(1000))
    assert 1000 not in timeline.messages


def test_a_flood_that_nobody_draws_does_not_gather() -> None:
    timeline = Timeline()
    timeline.replace(stretch(1, 1, at_end=True))
    for seq in range(2, 20_000):
        timeline.apply(posted(seq))
    assert len(timeline) <= 4 * MAX_ITEMS
    assert max(timeline.messages) == 19_999
