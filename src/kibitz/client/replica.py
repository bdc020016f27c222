"""The state of the server as this client's user may see it.

Rule: whatever comes from the server changes it here and nowhere else; `apply` returns what took effect, each event once and the events
of a room in their order, so that whoever follows those has the same state.
"""

from typing import Final, Literal

from kibitz.client.room import KEEP, RoomReplica
from kibitz.client.timing import Timing
from kibitz.domain.rooms import room_key
from kibitz.domain.users import name_key
from kibitz.wire.commands import Resume
from kibitz.wire.events import (
    Event,
    MessagePosted,
    PresenceChanged,
    ReadMarked,
    RoomEvent,
    RoomJoined,
    RoomLeft,
    Typing,
    UserUpdated,
)
from kibitz.wire.results import ServerFacts, Welcome
from kibitz.wire.views import MyRoom, Presence, User, UserRef

TYPING_SECONDS: Final = 6.0
"""How long someone is shown as typing after the last word of it; they say so again while they go on."""

MAX_RESUMED: Final = 2500
"""Rooms whose position fits in a login (64 KiB, up to 25 bytes each); the others are shown afresh."""

MAX_TYPING: Final = 100
"""People of one room who are remembered as typing."""


class Replica:
    """`rooms` by id, `presence` of whoever is not offline by user id; `me`, `server` and `epoch` as of the last login."""

    def __init__(self, timing: Timing, keep: int = KEEP) -> None:
        self.rooms: dict[int, RoomReplica] = {}
        self.presence: dict[int, Presence] = {}
        self.me: User | None = None
        self.server: ServerFacts | None = None
        self.epoch: str | None = None
        self._timing = timing
        self._keep = keep
        self._typing: dict[int, dict[int, tuple[UserRef, float]]] = {}

    def resume(self) -> Resume | None:
        """What a login says of where this client left off."""
        if self.epoch is None:
            return None
        newest = sorted(
            self.rooms.values(), key=lambda room: room.floor > room.position
        )  # those of which nothing is held come last
        return Resume(self.epoch, {room.id: room.position for room in newest[:MAX_RESUMED]})

    def welcome(self, welcome: Welcome) -> list[int]:
        """Take over what a login showed; returns the rooms of which something was held that is forgotten."""
        before = self.rooms
        self.me, self.server, self.epoch = welcome.user, welcome.server, welcome.epoch
        self.presence = {one.user.id: one for one in welcome.online}
        self.rooms = {}
        reset = []
        for mine in welcome.rooms:
            held = before.get(mine.room.id)
            if held is not None and mine.resume == "resumed":
                held.refresh(mine)
                self.rooms[held.id] = held
            else:
                self.rooms[mine.room.id] = self._new_room(mine)
                if held is not None and held.messages:
                    reset.append(held.id)
        return reset

    def reset(self, room: int) -> None:
        """Forget what is held of a room, and begin again where it is now known to be."""
        self.rooms[room] = self._new_room(self.rooms[room].now)

    def apply(self, event: Event) -> list[Event]:
        """Take an event; returns those that take effect by it."""
        match event:
            case RoomEvent():
                return list(self._apply_to_room(event))
            case RoomJoined(room=mine):
                return [event] if self._joined(mine) else []
            case RoomLeft(room=room):
                return [event] if self._left(room) else []
            case ReadMarked(room=room):
                return [event] if self._marked(room, event) else []
            case Typing(room=room):
                return [event] if self._type(room, event) else []
            case PresenceChanged(people=people):
                self._see(people)
            case UserUpdated(user=user):
                if self.me is not None and user.id == self.me.id:
                    self.me = user
        return [event]

    def typing(self, room: int) -> list[UserRef]:
        """Who is typing in a room just now."""
        now = self._timing.clock()
        return [user for user, until in self._typing.get(room, {}).values() if until > now]

    def status(self, user: int) -> Literal["online", "away", "offline"]:
        """Whether a person is here. Of very many the server tells only some at a login."""
        return self.presence[user].status if user in self.presence else "offline"

    def find(self, ref: int | str) -> RoomReplica | None:
        """A room of mine by its id, `#name` or `@user`; None where there is none."""
        if isinstance(ref, int):
            return self.rooms.get(ref)
        name = ref[1:]
        return next((room for room in self.rooms.values() if self._is_called(room.mine, ref[:1], name)), None)

    def _is_called(self, mine: MyRoom, sign: str, name: str) -> bool:
        if sign == "#":
            return mine.room.name is not None and room_key(mine.room.name) == room_key(name)
        if sign != "@" or mine.room.kind != "direct" or self.me is None:
            return False
        others = [person for person in mine.room.members if person.id != self.me.id] or mine.room.members
        return any(name_key(person.name) == name_key(name) for person in others)

    def _new_room(self, mine: MyRoom) -> RoomReplica:
        assert self.me is not None, "rooms are told after the login"
        return RoomReplica(mine, self.me.id, self._keep)

    def _apply_to_room(self, event: RoomEvent) -> list[RoomEvent]:
        room = self.rooms.get(event.room)
        effective = room.apply(event) if room is not None else []
        for one in effective:
            if isinstance(one, MessagePosted) and (typing := self._typing.get(one.room)):
                typing.pop(one.message.sender.id, None)
        return effective

    def _joined(self, mine: MyRoom) -> bool:
        if mine.room.id in self.rooms:  # the login has shown it already
            return False
        self.rooms[mine.room.id] = self._new_room(mine)
        return True

    def _left(self, room: int) -> bool:
        self._typing.pop(room, None)
        return self.rooms.pop(room, None) is not None

    def _marked(self, room: int, event: ReadMarked) -> bool:
        held = self.rooms.get(room)
        if held is not None:
            held.mark(event)
        return held is not None

    def _type(self, room: int, event: Typing) -> bool:
        now = self._timing.clock()
        here = {user: one for user, one in self._typing.get(room, {}).items() if one[1] > now}
        if room not in self.rooms or len(here) >= MAX_TYPING:
            return False
        self._typing[room] = here | {event.user.id: (event.user, now + TYPING_SECONDS)}
        return True

    def _see(self, people: list[Presence]) -> None:
        for one in people:
            if one.status == "offline":
                self.presence.pop(one.user.id, None)
            else:
                self.presence[one.user.id] = one
