"""Beginning a session: by itself, in a conversation, or out of a code block of a message.

Rule: a code block becomes at most one session; whoever asks for it again is given that one.
"""

from kibitz.coedit import history
from kibitz.domain.access import Act, may
from kibitz.domain.blocks import CodeBlock
from kibitz.domain.coding import Openness, Part, SessionFacts, clean_title
from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Publish, Step
from kibitz.features.blocks import block_of
from kibitz.features.call import Call, Outcome
from kibitz.features.sessions.joining import join
from kibitz.features.sessions.showing import session_ref, shown, user_ref
from kibitz.storage import participants, room_events, sessions
from kibitz.wire.code_commands import CreateSession

Place = RoomFacts | MessageFacts | None


def block_asked(call: Call[CreateSession, Place]) -> CodeBlock | None:
    """The code block that is to become a session, where one is named. Raises `Refusal("not_found")`."""
    return block_of(call.tx, call.thing, call.command.block) if isinstance(call.thing, MessageFacts) else None


def create_session(call: Call[CreateSession, Place], language: str, code: str) -> Outcome:
    """Make a session that its maker owns, with its first text; `language` is the server's name of it. Answers with `SessionShown`."""
    place = call.thing
    if isinstance(place, MessageFacts):
        there = sessions.of_block(call.tx, place.room.id, place.seq, call.command.block)
        if there is not None:
            return _enter(call, sessions.need(call.tx, there, call.actor.id))
    session = _make(call, place, language)
    participants.put(call.tx, session, call.actor.id, Part.OWNER, joined_at=call.now)
    if code:
        history.seed(call.tx, session, call.actor.id, code, call.now)
    return Outcome(shown(call.tx, session, call.actor.id), _told(call, place, session))


def _enter(call: Call[CreateSession, Place], session: SessionFacts) -> Outcome:
    if not may(call.actor, Act.JOIN_SESSION, session):
        raise Refusal("forbidden", "This code block is a session already, and you were put out of it.")
    return join(call.tx, call.actor, session, call.now)


def _make(call: Call[CreateSession, Place], place: Place, language: str) -> int:
    command = call.command
    room = place.room if isinstance(place, MessageFacts) else place
    openness = Openness.ROOM if room is not None else Openness(command.access)
    if room is None and openness is Openness.ROOM:
        raise Refusal("invalid", "Name the room whose members may join, or make the session open or private.")
    if room is not None and not room.id:
        raise Refusal("invalid", "Nothing has been said in this conversation yet: say something in it first.")
    in_message = isinstance(place, MessageFacts)
    return sessions.create(
        call.tx,
        openness=openness,
        room=None if room is None else room.id,
        seq=place.seq if isinstance(place, MessageFacts) else None,
        block=command.block if in_message else None,
        language=language,
        title=clean_title(command.title),
        user=call.actor.id,
        now=call.now,
    )


def _told(call: Call[CreateSession, Place], place: Place, session: int) -> tuple[Step, ...]:
    if place is None:
        return ()
    room, target = (place.room, place.seq) if isinstance(place, MessageFacts) else (place, None)
    block = None if target is None else call.command.block
    ref = session_ref(sessions.view(call.tx, session, call.actor.id))
    event = room_events.session_opened(
        call.tx, room.id, user_ref(call.actor), ref, target=target, block=block, at=call.now
    )
    return (Publish(event),)
