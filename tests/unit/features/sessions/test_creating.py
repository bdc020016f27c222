"""Beginning code sessions: by themselves, in conversations, out of messages."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, ref, say
from tests.support.sessions import ask_for_session, session_of

from kibitz.coedit import history
from kibitz.domain.blocks import CodeBlock
from kibitz.domain.coding import MAX_TITLE, Openness, Part
from kibitz.domain.errors import Refusal
from kibitz.fanout.steps import Publish, Tell
from kibitz.features.sessions.creating import block_asked, create_session
from kibitz.storage import participants, replay, sessions
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.code_commands import CreateSession
from kibitz.wire.events import ParticipantJoined, SessionOpened
from kibitz.wire.results import SessionShown
from kibitz.wire.views import Participant, SessionRef

CODE = "print('é')\n"
MESSAGE = f"Look:\n```python\n{CODE}```\nand\n~~~c\nint x;\n~~~\n"


def test_whoever_makes_a_session_owns_it_and_its_first_text_is_theirs() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        command = CreateSession(language="py", title="  An  interview", access="private", code=CODE)
        outcome = create_session(ask_for_session(tx, alice, command), "python", CODE)
        answer = outcome.answer
        assert isinstance(answer, SessionShown)
        session = answer.session
        assert (session.language, session.title, session.access) == ("python", "An interview", "private")
        assert (session.room, session.seq, session.block) == (None, None, None)
        assert (session.part, session.joined, session.created_by) == ("owner", True, ref(alice))
        assert answer.participants == [Participant(user=ref(alice), role="owner", joined_at=NOW)]
        assert outcome.steps == ()
        (entry,) = history.entries(tx, session.id, None, 10)
        assert (entry.version, entry.user, entry.at) == (1, ref(alice), NOW)
        assert history.text_at(tx, session.id) == CODE


def test_a_session_without_a_text_begins_at_version_zero() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        answer = create_session(ask_for_session(tx, alice, CreateSession()), "python", "").answer
        assert isinstance(answer, SessionShown)
        assert (history.head(tx, answer.session.id), answer.session.access) == (0, "open")


def test_a_session_of_a_conversation_is_for_its_members_and_leaves_an_entry_there() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        command = CreateSession(room="#kitchen", title="Soup", access="open")
        outcome = create_session(ask_for_session(tx, bob, command), "c", CODE)
        answer = outcome.answer
        assert isinstance(answer, SessionShown)
        assert (answer.session.access, answer.session.room) == ("room", kitchen)
        ref_ = SessionRef(id=answer.session.id, language="c", title="Soup")
        event = SessionOpened(room=kitchen, seq=1, session=ref_, by=ref(bob), at=NOW)
        assert outcome.steps == (Publish(event),)
        assert replay.events(tx, kitchen, 0, 1, 10) == ([event], False)


def test_a_code_block_of_a_message_becomes_a_session_that_points_to_it() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
        call = ask_for_session(tx, bob, CreateSession(room=GENERAL_ID, seq=seq, block=1))
        assert block_asked(call) == CodeBlock("c", "int x;\n")
        outcome = create_session(call, "c", "int x;\n")
        answer = outcome.answer
        assert isinstance(answer, SessionShown)
        place = (answer.session.access, answer.session.room, answer.session.seq, answer.session.block)
        assert place == ("room", GENERAL_ID, seq, 1)
        (step,) = outcome.steps
        assert isinstance(step, Publish)
        assert isinstance(step.event, SessionOpened)
        assert (step.event.target, step.event.block, step.event.by) == (seq, 1, ref(bob))
        assert sessions.of_block(tx, GENERAL_ID, seq, 1) == answer.session.id
        assert sessions.of_block(tx, GENERAL_ID, seq, 0) is None


def test_a_block_that_is_a_session_already_is_joined() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
        there = session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0, code="changed since")
        command = CreateSession(room=GENERAL_ID, seq=seq)
        outcome = create_session(ask_for_session(tx, bob, command), "python", CODE)
        answer = outcome.answer
        assert isinstance(answer, SessionShown)
        assert (answer.session.id, answer.session.part) == (there, "editor")
        (step,) = outcome.steps
        assert isinstance(step, Tell)
        assert isinstance(step.event, ParticipantJoined)
        assert history.text_at(tx, there) == "changed since"
        again = create_session(ask_for_session(tx, bob, command), "python", CODE)
        assert (again.answer, again.steps) == (answer, ())
        assert len(sessions.in_room(tx, GENERAL_ID, bob.id, None, 10)) == 1


def test_whoever_was_put_out_does_not_come_back_by_the_message() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
        there = session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0)
        participants.put(tx, there, bob.id, Part.REMOVED, joined_at=None)
        with pytest.raises(Refusal) as refused:
            create_session(ask_for_session(tx, bob, CreateSession(room=GENERAL_ID, seq=seq)), "python", CODE)
        assert refused.value.code == "forbidden"
        assert participants.part(tx, there, bob.id) is Part.REMOVED


def test_without_a_message_there_is_no_block() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        for command in (CreateSession(), CreateSession(room=GENERAL_ID, block=3)):
            assert block_asked(ask_for_session(tx, alice, command)) is None


def test_a_block_that_a_message_does_not_have_is_not_found() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice, text=MESSAGE)
        with pytest.raises(Refusal, match="Code block 2 of this message, which has 2, not found") as refused:
            block_asked(ask_for_session(tx, alice, CreateSession(room=GENERAL_ID, seq=seq, block=2)))
        assert refused.value.code == "not_found"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (CreateSession(access="room"), "Name the room"),
        (CreateSession(room="@bob"), "Nothing has been said"),
        (CreateSession(title="x" * (MAX_TITLE + 1)), "A title may have"),
    ],
)
def test_what_cannot_be_made_says_what_to_do(command: CreateSession, says: str) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        person(tx, "bob")
        with pytest.raises(Refusal, match=says) as refused:
            create_session(ask_for_session(tx, alice, command), "python", "")
        assert refused.value.code == "invalid"
        assert sessions.mine(tx, alice.id, None, 10) == []


def test_a_private_session_is_found_by_nobody_who_was_not_asked() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        create_session(ask_for_session(tx, alice, CreateSession(access="private")), "python", "")
        (made,) = sessions.mine(tx, alice.id, None, 10)
        facts = sessions.need(tx, made.id, bob.id)
        assert (facts.openness, facts.part) == (Openness.PRIVATE, None)
