"""From the server's bytes to its events and answers.

Rule: a client may be older than its server: an event it does not know is passed over, and where it is one of a room's log its place
is still counted.
"""

import logging
from typing import Any, Final

import msgspec

from kibitz.client.errors import Refused
from kibitz.wire import code_commands as k
from kibitz.wire import commands as c
from kibitz.wire import results as r
from kibitz.wire import views as v
from kibitz.wire.events import AnyEvent, Event, RoomEvent

log = logging.getLogger(__name__)


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """A `kibitz.wire.results.Changes` whose events are read one by one."""

    events: list[msgspec.Raw]
    more: bool
    head: int
    epoch: str


RESULTS: Final[dict[type[c.Command], type[msgspec.Struct]]] = {
    c.LogIn: r.Welcome, c.Help: r.Guide, c.ListOnline: r.Online,
    c.SignUp: r.LoggedIn, c.ObtainToken: r.LoggedIn, c.CreateToken: r.TokenCreated, c.ListTokens: r.Tokens, c.GetMe: v.User,
    c.SetProfile: v.User, c.ListUsers: r.Users, c.CreateUser: v.User, c.SetRole: v.User, c.SetDisabled: v.User,
    c.CreateRoom: v.Room, c.OpenDirect: v.Room, c.UpdateRoom: r.Changed, c.ListRooms: r.Rooms, c.BrowseRooms: r.PublicRooms,
    c.GetRoom: v.Room, c.JoinRoom: v.MyRoom, c.LeaveRoom: r.Changed, c.AddMember: r.Changed, c.RemoveMember: r.Changed,
    c.SetRoomRole: r.Changed, c.ListMembers: r.Members,
    c.PostMessage: r.Posted, c.EditMessage: r.Changed, c.DeleteMessage: r.Changed, c.AddReaction: r.Changed,
    c.RemoveReaction: r.Changed, c.GetHistory: r.History, c.GetMessage: v.Message, c.GetVersions: r.Versions, c.MarkRead: r.Read,
    c.ListFiles: r.Files, c.DeleteFile: r.Changed, c.GetChanges: Changes,
    k.CreateSession: r.SessionJoined, k.JoinSession: r.SessionJoined, k.LeaveSession: r.SessionChanged,
    k.InviteToSession: r.SessionChanged, k.SetSessionRole: r.SessionChanged, k.RemoveParticipant: r.SessionChanged,
    k.UpdateSession: r.SessionChanged, k.ListSessions: r.Sessions, k.GetSession: r.SessionShown, k.GetCode: r.CodeText,
    k.UpdateCode: r.CodeSaved, k.GetCodeHistory: r.CodeHistory, k.GetAuthors: r.Authors, k.RestoreCode: r.CodeSaved, k.ExportCode: r.CodeExport,
    k.RunCode: r.RunStarted, k.RunAgain: r.RunStarted, k.GetRun: r.Run, k.ListRuns: r.Runs, k.CompareRuns: r.Compared,
    k.ListLanguages: r.Languages,
}  # fmt: skip
"""What a command is answered with, as the server's table of verbs has it; whatever is not here is answered with `Done`."""


class _Place(msgspec.Struct):
    type: str
    room: int | None = None
    seq: int | None = None


_events: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(AnyEvent)
_places: Final = msgspec.json.Decoder(_Place)
_results: Final = {command: msgspec.json.Decoder[Any](result) for command, result in RESULTS.items()}
_done: Final = msgspec.json.Decoder(r.Done)

_FAULTS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises over bytes that are not what they should be."""


def decode_event(raw: bytes | msgspec.Raw) -> Event | None:
    """The event in one message; None for what this client has no word for."""
    try:
        return _events.decode(raw)
    except _FAULTS:
        return _passed_over(raw)


def decode_result(command: c.Command, raw: msgspec.Raw) -> Any:
    """A command's answer. Raises `Refused("unreadable")` if it is none that this client knows."""
    try:
        return _results.get(type(command), _done).decode(raw)
    except _FAULTS as error:
        raise Refused(
            "unreadable", 500, "The server's answer is in a form that this client does not know; bring it up to date."
        ) from error


def _passed_over(raw: bytes | msgspec.Raw) -> Event | None:
    try:
        place = _places.decode(raw)
    except _FAULTS:
        log.warning("the server sent a message that is no event (%d bytes)", len(bytes(raw)))
        return None
    log.info("the server sent an event of a kind unknown here: %.64s", place.type)
    if place.room is None or place.seq is None:
        return None
    return RoomEvent(room=place.room, seq=place.seq)
