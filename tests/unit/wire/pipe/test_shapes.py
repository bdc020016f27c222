"""The JSON of pipe lines: who is meant by a file's conversation."""

import json

import msgspec
import pytest

from kibitz.wire.codec import Label
from kibitz.wire.pipe.shapes import FileShared, file_shared, listed, other, said
from kibitz.wire.results import SharedFile
from kibitz.wire.views import File, Message, UserRef

ALICE, BOB = UserRef(id=1, name="alice"), UserRef(id=2, name="bob")
PLAN = File(id=9, name="plan.png", size=20480, mime_type="image/png", url="/download/9")
GENERAL = Label(1, "general", "general")
KITCHEN = Label(4, "group", "kitchen")
DIRECT = Label(5, "direct", None, (ALICE, BOB))
NOTES = Label(6, "direct", None, (ALICE,))


@pytest.mark.parametrize(
    ("label", "recipient", "group"),
    [(GENERAL, None, None), (KITCHEN, None, "kitchen"), (DIRECT, "bob", None), (NOTES, "alice", None)],
)
def test_a_file_is_in_one_conversation(label: Label, recipient: str | None, group: str | None) -> None:
    shared = file_shared(PLAN, ALICE, label)
    assert (shared.sender, shared.recipient, shared.group_name) == ("alice", recipient, group)


def test_what_is_not_there_is_null() -> None:
    assert json.loads(msgspec.json.encode(file_shared(PLAN, ALICE, GENERAL))) == {
        "file_id": 9,
        "filename": "plan.png",
        "file_size": 20480,
        "mime_type": "image/png",
        "sender": "alice",
        "recipient": None,
        "group_name": None,
        "url": "/download/9",
    }


def test_one_talks_to_the_other_or_to_oneself() -> None:
    assert other(DIRECT, ALICE.id) == BOB
    assert other(DIRECT, BOB.id) == ALICE
    assert other(NOTES, ALICE.id) == ALICE


def test_a_message_is_shown_with_its_file() -> None:
    message = Message(room=4, seq=1, sender=BOB, text="soup", sent_at="2026-01-31T12:00:00.000Z", file=PLAN)
    shown = said(message, KITCHEN)
    assert (shown.sender, shown.content, shown.timestamp) == ("bob", "soup", message.sent_at)
    assert isinstance(shown.file_data, FileShared)
    assert shown.file_data.group_name == "kitchen"


def test_a_listed_file_tells_who_shared_it_and_when() -> None:
    shown = listed(SharedFile(file=PLAN, room=1, seq=1, sender=BOB, shared_at="2026-01-31T12:00:00.000Z"))
    assert (shown.file_id, shown.sender, shown.timestamp) == (9, "bob", "2026-01-31T12:00:00.000Z")
