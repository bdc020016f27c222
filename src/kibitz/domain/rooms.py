"""Conversations: what kinds there are, what they are called, who is what in them.

Rule: everything that is said is said in a room; a private message is a room of two, the general channel a room of all.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kibitz.domain.errors import Refusal

MAX_ROOM_NAME: Final = 64
MAX_TOPIC: Final = 500
MAX_MEMBERS_AT_ONCE: Final = 500
"""People one command may add: more come in further commands, so that no transaction holds up the others."""

GENERAL: Final = "general"
"""The name of the channel every user is in."""

_ROOM_NAME = re.compile(r"[^|,#@/\\\[\]\x00-\x1f\x7f-\x9f]+")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Kind(StrEnum):
    """What a room is: the one of all users, one that people made, or one of two people."""

    GENERAL = "general"
    GROUP = "group"
    DIRECT = "direct"


class Visibility(StrEnum):
    """A public room can be found and joined by every member of the server; a private one only by being added."""

    PUBLIC = "public"
    PRIVATE = "private"


class RoomRole(StrEnum):
    """What someone is in a room."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What `access.may` needs to know of a room, seen from one actor: `my_role` is None for whoever is not in it."""

    id: int
    kind: Kind
    visibility: Visibility
    name: str | None
    my_role: RoomRole | None
    seq: int


def clean_room_name(name: str) -> str:
    """The name as it is stored and shown. Raises `Refusal("invalid")` if it cannot be one."""
    cleaned = " ".join(unicodedata.normalize("NFKC", name).split())
    if not cleaned or len(cleaned) > MAX_ROOM_NAME:
        raise Refusal("invalid", f"A group name has 1 to {MAX_ROOM_NAME} characters.")
    if not _ROOM_NAME.fullmatch(cleaned):
        raise Refusal("invalid", "A group name may not contain | , # @ / \\ [ ] or control characters.")
    return cleaned


def clean_topic(topic: str) -> str:
    """The topic as it is stored and shown, on one line. Raises `Refusal("invalid")` if it cannot be one."""
    cleaned = " ".join(topic.split())
    if len(cleaned) > MAX_TOPIC:
        raise Refusal("invalid", f"A topic has up to {MAX_TOPIC} characters; this one has {len(cleaned)}.")
    if _CONTROL.search(cleaned):
        raise Refusal("invalid", "A topic may not contain control characters.")
    return cleaned


def room_key(name: str) -> str:
    """What two spellings of the same room name have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def direct_key(one: int, other: int) -> str:
    """The name, unique in a workspace, of the room of two users; a room with oneself is a place for notes."""
    low, high = sorted((one, other))
    return f"{low}:{high}"
