"""How what happened is worded."""

from datetime import datetime, timedelta
from typing import Any

from kibitz.desktop.presenters import wording as w
from kibitz.desktop.presenters.runs import Runs
from kibitz.desktop.presenters.timeline import Stretch, Timeline
from kibitz.wire import events as e
from kibitz.wire.views import File, Message, Reaction, SessionRef, UserRef

ANN, BEN = UserRef(id=1, name="ann"), UserRef(id=2, name="ben")
NOON = "2026-01-01T12:00:00.000Z"


def message(seq: int, sender: UserRef = BEN, **more: Any) -> Message:
    return Message(room=1, seq=seq, sender=sender, **{"text": f"number {seq}", "sent_at": NOON} | more)


def rows(*items: Any, **context: Any) -> list[Any]:
    timeline = Timeline()
    messages = tuple(one for one in items if isinstance(one, Message))
    notes = tuple(one for one in items if not isinstance(one, Message))
    timeline.replace(Stretch(messages, notes, 1, 100, 100, False, True))
    made = w.Wording(w.Context(ANN, Runs(1), {1: "ann", 2: "ben"}, lambda _: "ben: lunch?", lambda _: False, **context))
    return made.rows(timeline)


def text(*items: Any, **context: Any) -> str:
    return "".join(row.text for row in rows(*items, **context))


def test_neighbours_share_a_name_for_five_minutes() -> None:
    late = "2026-01-01T12:05:01.000Z"
    assert text(message(1), message(2)).count("ben  ") == 1
    assert text(message(1), message(2, ANN)).count("ann  ") == 1
    assert text(message(1), message(2, sent_at=late)).count("ben  ") == 2


def test_a_new_day_and_what_is_new_have_lines() -> None:
    shown = [row.key for row in rows(message(1), message(2, sent_at="2026-01-03T12:00:00.000Z"), chosen_new=1)]
    assert shown == ["day:1", "1/0", "day:2", "new", "2/0"]


def test_a_row_is_made_anew_only_when_it_changes() -> None:
    timeline, context = Timeline(), w.Context(ANN, Runs(1), {}, lambda _: "", lambda _: False)
    timeline.replace(Stretch((message(1), message(2)), (), 1, 2, 2, False, True))
    made = w.Wording(context)
    before = made.rows(timeline)
    timeline.apply(e.MessageEdited(room=1, seq=3, message=message(2, text="other")))
    after = made.rows(timeline)
    assert after[1] is before[1]
    assert after[2] is not before[2]


def test_a_message_says_what_became_of_it() -> None:
    assert "This message was deleted." in text(message(1, deleted=True, text=""))
    assert "(edited)" in text(message(1, edited_at=NOON))
    assert "(change on its way)" in text(message(1), changing=frozenset({1}))
    assert "↩ 2 replies" in text(message(1, replies=2))
    assert "↩ ben: lunch?" in text(message(2, thread=1))
    file = File(id=1, name="plan.pdf", size=1_500_000, mime_type="application/pdf", url="")
    assert "plan.pdf   1.5 MB   Download" in text(message(1, text="", file=file))


def test_a_reaction_says_who_and_whether_it_is_mine() -> None:
    found = rows(message(1, reactions=[Reaction(emoji="👍", users=[1, 2])]))[1].pieces
    chip = next(piece for piece in found if "👍" in piece.text)
    assert chip.tip == "you and ben"
    assert "chip_mine" in chip.styles


def test_what_else_happened_is_told() -> None:
    def joined(seq: int, user: UserRef, by: UserRef) -> e.MemberAdded:
        return e.MemberAdded(room=1, seq=seq, user=user, by=by, at=NOON)

    assert "ann and ben joined" in text(joined(1, ANN, ANN), joined(2, BEN, BEN))
    assert "ann added ben" in text(joined(1, BEN, ANN))
    assert "ben left" in text(e.MemberRemoved(room=1, seq=1, user=BEN, by=BEN, at=NOON))
    session = SessionRef(id=7, language="python", title="Sorting")
    opened = rows(e.SessionOpened(room=1, seq=1, session=session, by=BEN, at=NOON))[1]
    assert "ben opened the code session “Sorting” (python)" in opened.text
    assert [piece.act.block for piece in opened.pieces if piece.act] == [7]


def test_small_words() -> None:
    assert w.listed(["a"]) == "a"
    assert w.listed(list("abcdefgh")) == "a, b, c, d and 4 others"
    today = datetime.now().astimezone().date()
    assert (w.day_name(today), w.day_name(today - timedelta(days=1))) == ("Today", "Yesterday")
    assert w.printable("a\x1b[31mb\r\nc\x07") == "a[31mb\nc"
