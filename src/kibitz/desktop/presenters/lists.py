"""What the side bar lists: conversations and people, and how a few letters find one of them.

Rule: it reads the client's replica and changes nothing; what comes out is ready to be drawn.
"""

import unicodedata
from typing import Final

from kibitz.client.client import Client
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters.shown import PersonRow, RoomRow

MAX_PEOPLE: Final = 500
"""People listed in the side bar: more than anyone reads; the rest are counted."""


def room_row(client: Client, room: RoomReplica) -> RoomRow:
    """A conversation as the side bar shows it."""
    mine, me = room.mine, client.replica.me
    kind = mine.room.kind
    if kind != "direct":
        private = kind == "group" and mine.room.visibility == "private"
        return RoomRow(room.id, mine.room.name or "general", kind, mine.unread, mine.mentions, private=private)
    others = [person for person in mine.room.members if me is None or person.id != me.id] or list(mine.room.members)
    other = others[0]
    return RoomRow(room.id, other.name, kind, mine.unread, mine.mentions, other.id, client.replica.status(other.id))


def rooms(client: Client, needle: str = "") -> tuple[RoomRow, ...]:
    """My conversations in the order of the side bar; with a `needle` those it finds, the best first in each kind."""
    rows = [room_row(client, room) for room in client.rooms]
    if needle:
        found = [(score, row) for row in rows if (score := match(needle, row.title)) is not None]
        return tuple(row for _, row in sorted(found, key=lambda one: (_kind(one[1]), one[0], _folded(one[1].title))))
    return tuple(sorted(rows, key=lambda row: (_kind(row), _folded(row.title))))


def people(client: Client, needle: str = "") -> tuple[tuple[PersonRow, ...], int]:
    """Who is here, myself first, and how many more than are listed."""
    me = client.replica.me
    here = [
        PersonRow(one.user.id, one.user.name, one.status, me is not None and one.user.id == me.id)
        for one in client.replica.presence.values()
        if not needle or match(needle, one.user.name) is not None
    ]
    here.sort(key=lambda one: (not one.me, one.status != "online", _folded(one.name)))
    return tuple(here[:MAX_PEOPLE]), max(0, len(here) - MAX_PEOPLE)


def match(needle: str, text: str) -> int | None:
    """How well a few letters find a text, 0 being best; None: not at all. They must come in their order, not side by side."""
    needle, text = _folded(needle).strip(), _folded(text)
    if text.startswith(needle):
        return 0
    at = text.find(needle)
    if at >= 0:
        return 1 if not text[at - 1].isalnum() else 2
    return _scattered(needle, text)


def _scattered(needle: str, text: str) -> int | None:
    at, gaps = -1, 0
    for char in needle:
        found = text.find(char, at + 1)
        if found < 0:
            return None
        gaps += found - at - 1
        at = found
    return 3 + gaps


def _kind(row: RoomRow) -> int:
    return {"general": 0, "group": 1, "direct": 2}[row.kind]


def _folded(text: str) -> str:
    # Letters without their marks, so that whoever has no ö on the keyboard finds Björn.
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))
