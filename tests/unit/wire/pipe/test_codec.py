"""The pipe protocol as the hub and the sessions see it."""

from kibitz.wire.codec import NOBODY, Codec, Label, Viewer
from kibitz.wire.commands import GetHistory, LogIn, Ping, PostMessage
from kibitz.wire.events import MessagePosted
from kibitz.wire.jsonlines import JSON_LINES, WS_TEXT
from kibitz.wire.pipe.codec import PIPE
from kibitz.wire.results import Done
from kibitz.wire.views import Message, UserRef

ALICE, BOB = UserRef(id=1, name="alice"), UserRef(id=2, name="bob")


def test_all_codecs_keep_the_contract() -> None:
    codecs: list[Codec] = [PIPE, JSON_LINES, WS_TEXT]
    assert len({codec.name for codec in codecs}) == len(set(codecs)) == 3


def test_a_welcome_shows_the_latest_of_the_general_channel() -> None:
    assert PIPE.greeting == GetHistory(room="#general", limit=50)


def test_a_private_message_is_told_to_each_of_the_two_in_their_own_way() -> None:
    assert PIPE.personal
    message = Message(room=5, seq=1, sender=ALICE, text="hi", sent_at="")
    event, label = MessagePosted(room=5, seq=1, message=message), Label(5, "direct", None, (ALICE, BOB))
    assert PIPE.encode_event(event, label, Viewer(1, "alice")) == b"PM to bob: hi\n"
    assert PIPE.encode_event(event, label, Viewer(2, "bob")) == b"PM from alice: hi\n"


def test_the_first_line_logs_in_and_the_others_speak() -> None:
    assert PIPE.decode_first(b"PING") == LogIn(name="PING")
    assert PIPE.decode(b"PING") == Ping()
    assert PIPE.decode(b"BROADCAST|hi") == PostMessage(room="#general", text="hi")
    assert PIPE.encode_reply(Ping(), Done(), NOBODY) == b"PONG\n"
