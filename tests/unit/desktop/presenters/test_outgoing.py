"""Between the place where one writes and the log."""

from types import SimpleNamespace
from typing import Any

from kibitz.desktop.presenters.outgoing import Outgoing
from kibitz.wire import commands as c
from kibitz.wire.views import Message, UserRef


def post(nonce: str, text: str = "hello", room: int | str = 1) -> c.PostMessage:
    return c.PostMessage(room=room, text=text, nonce=nonce)


def outgoing(*waiting: c.Write) -> tuple[Outgoing, Any]:
    client: Any = SimpleNamespace(
        outbox=SimpleNamespace(waiting=tuple(waiting)),
        replica=SimpleNamespace(find=lambda ref: SimpleNamespace(id=1) if ref == "#here" else None),
    )
    return Outgoing(client, 1), client


def message(nonce: str, seq: int = 9) -> Message:
    return Message(room=1, seq=seq, sender=UserRef(id=1, name="ann"), text="hello", sent_at="", nonce=nonce)


def test_what_waits_is_shown_until_it_is_seen_and_never_again() -> None:
    out, _ = outgoing(post("nonce-01"), post("nonce-02", room="#here"), post("nonce-03", room=2))
    assert [one.nonce for one in out.waiting(0)] == ["nonce-01", "nonce-02"]
    out.saw(message("nonce-01"))
    assert [one.nonce for one in out.waiting(9)] == ["nonce-02"]


def test_nothing_is_lost_between_the_answer_and_the_log() -> None:
    out, client = outgoing(post("nonce-01"))
    out.add(post("nonce-01"))
    client.outbox.waiting = ()
    out.answered("nonce-01", 9)
    assert [one.nonce for one in out.waiting(8)] == ["nonce-01"]
    assert out.waiting(9) == []


def test_what_left_the_outbox_while_nobody_watched_is_in_the_log() -> None:
    out, client = outgoing(post("nonce-01"))
    out.waiting(0)
    client.outbox.waiting = ()
    assert out.waiting(5)
    out.settle()
    assert out.waiting(5) == []


def test_what_was_refused_can_be_taken_back_once() -> None:
    out, client = outgoing(post("nonce-01", "my words"))
    out.waiting(0)
    client.outbox.waiting = ()
    assert out.refuse(post("nonce-01", "my words"), "No.")
    assert not out.refuse(post("nonce-09", room=2), "No.")
    assert not out.refuse(c.DeleteMessage(room=1, seq=1, nonce="nonce-08"), "No.")
    assert out.waiting(0) == []
    assert out.take_back("nonce-01") == "my words"
    assert out.take_back("nonce-01") == ""


def test_messages_that_are_about_to_change_are_known() -> None:
    out, _ = outgoing(
        c.EditMessage(room=1, seq=4, text="x"), c.DeleteMessage(room=1, seq=5), c.DeleteMessage(room=2, seq=6)
    )
    assert out.changing == {4, 5}
