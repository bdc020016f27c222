"""What a viewer is sent for an event: golden vectors, and the promise that nobody speaks for another."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.wire.vectors import load

from kibitz.wire.catalogue import EVENTS
from kibitz.wire.codec import NOBODY, Context, Label, Printed, Roster, Sheet, Viewer
from kibitz.wire.events import AnyEvent, Error, Event, MessageEdited, MessagePosted, PresenceChanged, Reply, RoomUpdated
from kibitz.wire.pipe.encode import encode_event
from kibitz.wire.views import File, Message, UserRef

VECTORS = load("pipe")["events"]
ALICE, BOB = UserRef(id=1, name="alice"), UserRef(id=2, name="bob")
LABELS = (Label(1, "general", "general"), Label(4, "group", "kitchen"), Label(5, "direct", None, (ALICE, BOB)))
texts = st.text(st.characters(codec="utf-8"))


CONTEXTS: dict[str, type[Label | Roster | Sheet | Printed]] = {
    "room": Label, "names": Roster, "code": Sheet, "stdout": Printed,
}  # fmt: skip


def context_of(vector: dict[str, Any]) -> Context:
    """The context of a vector, told by the field that only its kind has."""
    given = vector["context"]
    if given is None:
        return None
    (kind,) = (CONTEXTS[field] for field in given if field in CONTEXTS)
    return msgspec.convert(given, kind)


def lines_of(data: bytes) -> list[str]:
    *lines, rest = data.decode().split("\n")
    assert rest == ""
    return lines


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['event']['type']} {vector['lines'][:1]}"[:80])
def test_an_event_is_told_as_promised(vector: dict[str, Any]) -> None:
    event: Event = msgspec.convert(vector["event"], AnyEvent)
    assert lines_of(encode_event(event, context_of(vector), Viewer(**vector["viewer"]))) == vector["lines"]


def test_every_event_but_answers_and_last_words_has_a_vector() -> None:
    # Replies, errors and closing have encoders of their own.
    assert {vector["event"]["type"] for vector in VECTORS} == EVENTS.keys() - {"reply", "error", "closing"}


@pytest.mark.parametrize(
    "event", [Reply(id=1, result=msgspec.Raw(b"{}")), Error(id=1, code="x", number=1, message="x")]
)
def test_answers_are_no_events(event: Event) -> None:
    assert encode_event(event, None, NOBODY) == b""


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.kind)
@given(text=texts, name=texts, topic=texts)
def test_whatever_people_write_stays_in_the_line_it_belongs_to(label: Label, text: str, name: str, topic: str) -> None:
    viewer = Viewer(2, "bob")
    file = File(id=9, name=name, size=1, mime_type="text/plain", url="/download/9")
    message = Message(room=label.room, seq=1, sender=ALICE, text=text, sent_at="", file=file)
    posted = lines_of(encode_event(MessagePosted(room=label.room, seq=1, message=message), label, viewer))
    assert posted[0].startswith("FILE_SHARED|{")
    assert len(posted) == 1 + bool(text)
    assert all(len(line.splitlines()) == 1 for line in posted)
    edited = lines_of(encode_event(MessageEdited(room=label.room, seq=2, message=message), label, viewer))
    updated = RoomUpdated(room=label.room, seq=3, by=ALICE, at="", name=name, topic=topic, visibility="public")
    for lines in (edited, lines_of(encode_event(updated, label, viewer))):
        assert len(lines) == 1
        assert len(lines[0].splitlines()) == 1
        assert lines[0].startswith("SERVER: alice ")


def told(*, online: int, joined: tuple[str, ...] = (), left: tuple[str, ...] = ()) -> list[str]:
    names = tuple(f"user{number}" for number in range(online))
    return lines_of(encode_event(PresenceChanged(people=[]), Roster(names, joined, left), NOBODY))


def test_up_to_a_hundred_are_listed_and_greeted() -> None:
    first, second, users = told(online=100, joined=("bob",), left=("carol",))
    assert first == "SERVER: bob has joined the chat!"
    assert second == "SERVER: carol has left the chat"
    verb, _, field = users.partition("|")
    assert verb == "USER_LIST"
    update = json.loads(field)
    assert update["type"] == "USER_LIST_UPDATE"
    assert update["users"] == [f"user{number}" for number in range(100)]


def test_in_a_crowd_only_the_change_is_told() -> None:
    assert told(online=101, joined=("bob",), left=("carol",)) == [
        'USER_LIST|{"type":"USER_LIST_CHANGE","joined":["bob"],"left":["carol"]}'
    ]


@pytest.mark.parametrize("online", [2, 200])
def test_being_away_for_a_while_is_not_leaving(online: int) -> None:
    assert told(online=online) == []
