"""How sessions and people appear in answers and in the logs of conversations.

Rule: what is shown is read in the transaction it is shown from.
"""

from kibitz.domain.access import Actor
from kibitz.storage import Tx, participants, sessions
from kibitz.wire.results import SessionShown
from kibitz.wire.views import CodeSession, SessionRef, UserRef


def shown(tx: Tx, session: int, user: int) -> SessionShown:
    """A session and its people, as this user sees them."""
    return SessionShown(session=sessions.view(tx, session, user), participants=participants.listed(tx, session))


def session_ref(session: CodeSession) -> SessionRef:
    """A session as a conversation's log names it."""
    return SessionRef(id=session.id, language=session.language, title=session.title)


def user_ref(actor: Actor) -> UserRef:
    """An actor as everyone sees them."""
    return UserRef(id=actor.id, name=actor.name)
