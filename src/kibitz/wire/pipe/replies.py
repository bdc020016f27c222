"""Answers, refusals and last words.

Rule: what an event echoes to its sender needs no answer; all else is answered in one line, a refusal always.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from kibitz.domain.errors import Refusal
from kibitz.wire.closing import REFUSED, Close
from kibitz.wire.code_commands import CodeCommand, CreateSession, InviteToSession, JoinSession, UpdateCode
from kibitz.wire.codec import Label, Viewer
from kibitz.wire.commands import (
    Command,
    DeleteFile,
    GetHistory,
    Help,
    ListFiles,
    ListMembers,
    ListOnline,
    ListRooms,
    LogIn,
    Ping,
)
from kibitz.wire.pipe import coding
from kibitz.wire.pipe.escape import json_line, line, notice
from kibitz.wire.pipe.shapes import (
    FileDeleteResponse,
    FileList,
    MessageHistory,
    ServerInfo,
    UserGroups,
    UserListUpdate,
    listed,
    said,
)
from kibitz.wire.pipe.verbs import GENERAL_ROOM, SPOKEN
from kibitz.wire.results import Files, History, Members, Online, Rooms, Welcome
from kibitz.wire.views import MyRoom, UserRef


def encode_welcome(_: LogIn, welcome: Welcome, history: History | None, viewer: Viewer) -> bytes:
    """All that a connection is told when it opens."""
    groups = _groups(welcome.rooms)
    lines = (
        line("CONNECTED"),
        json_line("SERVER_INFO", _server_info(welcome)),
        json_line("USER_GROUPS", UserGroups(groups=groups)) if groups else b"",
        _history(GetHistory(room=GENERAL_ROOM), history, viewer) if history is not None else b"",
        json_line("USER_LIST", UserListUpdate(users=tuple(person.user.name for person in welcome.online))),
    )
    return b"".join(lines)


def encode_reply(command: Command, result: msgspec.Struct | msgspec.Raw, viewer: Viewer) -> bytes:
    """The answer to a command that was carried out; empty for those whose effect is told as an event."""
    answer = _ANSWERS.get(type(command))
    return answer(command, result, viewer) if answer is not None else b""


def encode_refusal(command: Command | None, refusal: Refusal) -> bytes:
    """Why a command was not carried out: a word for a program and a sentence for a person."""
    if refusal.code == "name_taken" and isinstance(command, LogIn):
        return line("NAME_TAKEN")
    if isinstance(command, DeleteFile) and refusal.number < 400:
        gone = FileDeleteResponse(success=False, file_id=command.file, message=refusal.message)
        return json_line("FILE_DELETE_RESPONSE", gone)
    if isinstance(command, CodeCommand) and refusal.number < 400:
        return coding.problem(refusal.message)
    if refusal.code == "not_found":
        return notice(refusal.message.removesuffix("."))
    return line(f"ERROR|{refusal.code}|{refusal.message}")


def encode_close(close: Close) -> bytes:
    """Why the server closes. A refused login has just been told by its refusal."""
    return b"" if close is REFUSED else notice(close.sentence)


def _server_info(welcome: Welcome) -> ServerInfo:
    server = welcome.server
    return ServerInfo(
        supported_languages=server.supported_languages,
        active_users=welcome.online_count,
        http_port=server.http_port,
        file_upload_url=f"{server.http_url}/upload",
        file_download_url=f"{server.http_url}/download",
        file_list_url=f"{server.http_url}/files",
        token=welcome.token,
    )


def _groups(rooms: Iterable[MyRoom]) -> list[str]:
    return [mine.room.name for mine in rooms if mine.room.kind == "group" and mine.room.name is not None]


def _history(command: GetHistory, history: History, viewer: Viewer) -> bytes:
    label = _label(str(command.room), viewer)
    page = MessageHistory(
        msg_type={"general": "BROADCAST", "group": "GROUP", "direct": "PERSONAL"}[label.kind],
        target=None if label.kind == "general" else label.name,
        # What was taken back has nothing to show.
        messages=[said(message, label) for message in history.messages if not message.deleted],
    )
    return json_line("MESSAGE_HISTORY", page)


def _label(room: str, viewer: Viewer) -> Label:
    """The room of a verb's `GetHistory`, as far as the verb names it: of the partner in a direct room, the name alone."""
    name = room[1:]
    if room.startswith("@"):
        return Label(0, "direct", name, (UserRef(id=viewer.id, name=viewer.name), UserRef(id=0, name=name)))
    return Label(0, "general" if room == GENERAL_ROOM else "group", name)


def _online(_: ListOnline, online: Online, __: Viewer) -> bytes:
    names = [person.user.name + (" (away)" if person.status == "away" else "") for person in online.people]
    return notice(f"{len(names)} online: {', '.join(names)}")


def _rooms(_: ListRooms, rooms: Rooms, __: Viewer) -> bytes:
    groups = _groups(rooms.rooms)
    return notice(f"Your groups: {', '.join(groups)}" if groups else "You are in no group; CREATE_GROUP|name makes one")


def _members(command: ListMembers, members: Members, _: Viewer) -> bytes:
    names = [one.user.name + (f" ({one.role})" if one.role != "member" else "") for one in members.members]
    more = " and more" if members.more else ""
    return notice(f"Members of '{str(command.room)[1:]}': {', '.join(names)}{more}")


def _files(_: ListFiles, files: Files, __: Viewer) -> bytes:
    return json_line("FILE_LIST", FileList(files=[listed(file) for file in files.files]))


def _file_deleted(command: DeleteFile, _: object, __: Viewer) -> bytes:
    return json_line("FILE_DELETE_RESPONSE", FileDeleteResponse(success=True, file_id=command.file, message=None))


def _help(*_: object) -> bytes:
    return _HELP


def _pong(*_: object) -> bytes:
    return line("PONG")


_HELP: Final = b"".join(notice(f"{verb.usage} - {verb.purpose}") for verb in SPOKEN)

_ANSWERS: Final[dict[type[Command], Callable[[Any, Any, Viewer], bytes]]] = {
    GetHistory: _history,
    ListOnline: _online,
    ListRooms: _rooms,
    ListMembers: _members,
    ListFiles: _files,
    DeleteFile: _file_deleted,
    CreateSession: coding.joined,
    JoinSession: coding.joined,
    UpdateCode: coding.saved,
    InviteToSession: coding.invited,
    Help: _help,
    Ping: _pong,
}
