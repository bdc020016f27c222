"""Turning the names called in a text into people.

Rule: only who is in the room is called; a name that is nobody's there is plain text.
"""

from kibitz.domain.mentions import EVERYONE, mentioned
from kibitz.domain.rooms import Kind, RoomFacts
from kibitz.storage import Tx, callable_people
from kibitz.storage.messages import EVERYONE_ID


def called_ids(tx: Tx, room: RoomFacts, text: str) -> tuple[int, ...]:
    """Ids of the people a text calls, `EVERYONE_ID` for `@all`."""
    names = mentioned(text)
    if not names:
        return ()
    everyone = (EVERYONE_ID,) if EVERYONE in names else ()
    return (*everyone, *callable_people.by_names(tx, room.id, names, everyone=room.kind is Kind.GENERAL))
