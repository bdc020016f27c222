"""What needs no database: here, away, typing, and the like.

Rule: runs on the loop and returns at once.
"""

from kibitz.api.caller import Caller
from kibitz.api.workspace import Workspace
from kibitz.domain.errors import Refusal, not_found
from kibitz.wire.catalogue import GUIDE
from kibitz.wire.codec import Viewer
from kibitz.wire.commands import Help, ListOnline, Ping, Quit, SetPresence, SetTyping
from kibitz.wire.events import Typing
from kibitz.wire.results import Done, Guide, Online
from kibitz.wire.views import UserRef


def ping(_: Workspace, __: Caller, ___: Ping) -> Done:
    """Yes, the server is there."""
    return Done()


def guide(_: Workspace, __: Caller, ___: Help) -> Guide:
    """The commands in words."""
    return GUIDE


def quit(_: Workspace, __: Caller, ___: Quit) -> Done:
    """Goodbye: the session closes the connection."""
    return Done()


def list_online(workspace: Workspace, _: Caller, __: ListOnline) -> Online:
    """Who is connected."""
    return Online(people=workspace.presence.everyone())


def set_presence(workspace: Workspace, caller: Caller, command: SetPresence) -> Done:
    """At the keyboard, or away from it."""
    if caller.listener is None:
        raise Refusal("invalid", "Presence belongs to a connection: say this over TCP or WebSocket.")
    workspace.presence.set_status(Viewer(caller.user, caller.name), command.status)
    return Done()


def set_typing(workspace: Workspace, caller: Caller, command: SetTyping) -> Done:
    """Typing in a room one hears."""
    if caller.listener is None or not workspace.hub.hears(caller.listener, command.room):
        raise not_found("Room")
    event = Typing(room=command.room, user=UserRef(id=caller.user, name=caller.name))
    workspace.hub.fleeting(command.room, event, but=caller.listener)
    return Done()
