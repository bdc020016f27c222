"""The verbs of the pipe protocol: what each is followed by, what it is for, and which command it stands for.

Rule: a verb is a row of `VERBS`; `HELP` shows the same rows, so that it is never wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import GENERAL
from kibitz.wire.commands import (
    AddMember,
    Command,
    CreateRoom,
    DeleteFile,
    GetHistory,
    Help,
    LeaveRoom,
    ListFiles,
    ListMembers,
    ListOnline,
    ListRooms,
    Ping,
    PostMessage,
    Quit,
    RemoveMember,
)
from kibitz.wire.pipe import coding

GENERAL_ROOM: Final = f"#{GENERAL}"
HISTORY: Final = 50
"""Messages in one MESSAGE_HISTORY: what the protocol promises."""

MEMBERS: Final = 500
"""People one GROUP_MEMBERS names: as many as a page of them can have."""

C = TypeVar("C", bound=Command)


@dataclass(frozen=True, slots=True)
class Verb:
    """One row: how it is written, what it is for, how its fields become a command, and how many it needs at least.

    `build` may raise `Refusal`, or what msgspec raises over a field. The field of a `verbatim` verb holds JSON, which has
    escapes of its own.
    """

    usage: str
    purpose: str
    build: Callable[..., Command]
    needs: int
    verbatim: bool = False

    @property
    def name(self) -> str:
        """The verb itself."""
        return self.usage.partition("|")[0]

    @property
    def takes(self) -> int:
        """Fields it has at most."""
        return self.usage.count("|")


def checked(kind: type[C], *, strict: bool = True, **fields: Any) -> C:
    """A command that keeps the limits its struct states, as one that came as JSON does. Raises `msgspec.ValidationError`."""
    return msgspec.convert(fields, kind, strict=strict)


def _post(room: str, text: str) -> Command:
    return checked(PostMessage, room=room, text=text)


def _create_group(name: str, members: str = "") -> Command:
    names = [member.strip() for member in members.split(",") if member.strip()]
    return checked(CreateRoom, name=name, members=names)


def _get_messages(kind: str, name: str = "") -> Command:
    match kind.strip().upper():
        case "BROADCAST" if not name:
            room = GENERAL_ROOM
        case "PERSONAL" if name:
            room = _person(name)
        case "GROUP" if name:
            room = _group(name)
        case _:
            ways = "GET_MESSAGES|BROADCAST, GET_MESSAGES|PERSONAL|user or GET_MESSAGES|GROUP|group"
            raise Refusal("malformed", f"Say whose messages: {ways}.")
    return checked(GetHistory, room=room, limit=HISTORY)


def _person(name: str) -> str:
    return f"@{name}"


def _group(name: str) -> str:
    return f"#{name}"


SPOKEN: Final = (
    Verb("BROADCAST|text", "say something to everyone", lambda text: _post(GENERAL_ROOM, text), 1),
    Verb("PERSONAL|user|text", "say something to one user", lambda user, text: _post(_person(user), text), 2),
    Verb("GROUP|group|text", "say something to a group", lambda name, text: _post(_group(name), text), 2),
    Verb("CREATE_GROUP|group|user1,user2", "make a group; users may be left out", _create_group, 1),
    Verb(
        "ADD_MEMBER|group|user",
        "bring a user into a group",
        lambda name, user: checked(AddMember, room=_group(name), user=user),
        2,
    ),
    Verb(
        "REMOVE_MEMBER|group|user",
        "put a user out of a group",
        lambda name, user: checked(RemoveMember, room=_group(name), user=user),
        2,
    ),
    Verb("LEAVE_GROUP|group", "leave a group", lambda name: checked(LeaveRoom, room=_group(name)), 1),
    Verb(
        "GROUP_MEMBERS|group",
        "who is in a group",
        lambda name: checked(ListMembers, room=_group(name), limit=MEMBERS),
        1,
    ),
    Verb("LIST_CLIENTS", "who is online", ListOnline, 0),
    Verb("LIST_GROUPS", "the groups you are in", ListRooms, 0),
    Verb(
        "GET_MESSAGES|GROUP|group",
        "the latest messages of a group; GET_MESSAGES|PERSONAL|user and GET_MESSAGES|BROADCAST for the others",
        _get_messages,
        1,
    ),
    Verb("LIST_FILES", "the files shared with you", ListFiles, 0),
    Verb("DELETE_FILE|id", "take a file back", lambda file: checked(DeleteFile, strict=False, file=file), 1),
    Verb("CREATE_CODE_SESSION|language", "begin a code session that others may join", coding.create, 1),
    Verb("JOIN_CODE_SESSION|id", "take part in a code session", coding.join, 1),
    Verb("LEAVE_CODE_SESSION|id", "take part no more", coding.leave, 1),
    Verb(
        'CODE_UPDATE|{"session_id": 1, "code": "…", "version": 3}',
        "the whole text as you have it, and the version you started from",
        coding.update,
        1,
        verbatim=True,
    ),
    Verb(
        'EXECUTE_CODE|{"session_id": 1, "input": "…"}',
        "run the session's code; name code, language or input to run others",
        coding.execute,
        1,
        verbatim=True,
    ),
    Verb(
        'INVITE_TO_CODE|{"session_id": 1, "recipient": "bob"}',
        "ask someone into a code session",
        coding.invite,
        1,
        verbatim=True,
    ),
    Verb("PING", "is the server there?", Ping, 0),
    Verb("HELP", "this list", Help, 0),
    Verb("QUIT", "leave", Quit, 0),
)
"""The verbs that `HELP` lists."""

VERBS: Final = {verb.name: verb for verb in SPOKEN}
