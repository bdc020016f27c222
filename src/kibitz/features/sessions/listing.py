"""Looking sessions up.

Rule: a session is shown to whoever may see it; what is listed is what one takes part in, or what belongs to a conversation one is in.
"""

from kibitz.domain.coding import SessionFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.features.call import Call
from kibitz.features.sessions.showing import shown
from kibitz.storage import sessions
from kibitz.wire.code_commands import GetSession, ListSessions
from kibitz.wire.results import Sessions, SessionShown


def list_sessions(call: Call[ListSessions, RoomFacts | None]) -> Sessions:
    """A page of my sessions, or of a conversation's."""
    command, user = call.command, call.actor.id
    if call.thing is None:
        found = sessions.mine(call.tx, user, command.before, command.limit + 1)
    else:
        found = sessions.in_room(call.tx, call.thing.id, user, command.before, command.limit + 1)
    return Sessions(sessions=found[: command.limit], more=len(found) > command.limit)


def get_session(call: Call[GetSession, SessionFacts]) -> SessionShown:
    """A session and its people."""
    return shown(call.tx, call.thing.id, call.actor.id)
