"""Groups: making one, and seeing to who is in it.

Rule: a dialog stays until the server has said yes, with everything that was written in it; a no is shown where it can be mended.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from kibitz.client.errors import ClientError, Refused
from kibitz.client.feed import Happening
from kibitz.client.room import RoomReplica
from kibitz.desktop.presenters.people import People
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shown import PersonRow
from kibitz.domain.access import Act, Actor, MemberFacts, UserFacts, may
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.domain.users import Role
from kibitz.wire import commands as c
from kibitz.wire import events as e
from kibitz.wire.views import Member

RoomRoleName = Literal["owner", "moderator", "member"]

SILENCE = "The server does not answer; try again."


class CreateGroupView(Protocol):
    """The dialog that makes a group."""

    def allow_public(self, *, allowed: bool) -> None:
        """Whether this person may make groups that everyone can find."""

    def show_found(self, people: tuple[PersonRow, ...]) -> None:
        """Whom the letters typed find."""

    def show_picked(self, names: tuple[str, ...]) -> None:
        """Who will be in it."""

    def busy(self, *, on: bool) -> None:
        """Whether the server is asked just now."""

    def refuse_at(self, problem: str, field: Literal["name", "topic", "people"]) -> None:
        """What is wrong, and where."""

    def close(self) -> None:
        """It is made."""


class CreateGroup:
    """Making a group."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._people = People(shell.client)
        self._picked: list[str] = []
        self._needle = ""
        self._view: CreateGroupView | None = None
        self._busy = False

    async def open(self, view: CreateGroupView) -> None:
        """This is the dialog."""
        self._view = view
        me = self._shell.client.replica.me
        view.allow_public(allowed=me is not None and me.role != "guest")
        self._show()
        await self._people.fetch()
        self._show()

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None

    def search(self, needle: str) -> None:
        """Show whom these letters find."""
        self._needle = needle.strip()
        self._show()

    def pick(self, name: str) -> None:
        """Have somebody in it."""
        name = name.strip().lstrip("@")
        if name and name not in self._picked and len(self._picked) < 500:
            self._picked.append(name)
        self._needle = ""
        self._show()

    def unpick(self, name: str) -> None:
        """Have them out again."""
        if name in self._picked:
            self._picked.remove(name)
        self._show()

    async def create(self, name: str, topic: str, *, public: bool = False) -> None:
        """Make it."""
        if self._busy or self._view is None:
            return
        if not name.strip():
            self._view.refuse_at("Give the group a name.", "name")
            return
        self._busy = True
        self._view.busy(on=True)
        try:
            await self._create(name, topic, public=public)
        finally:
            self._busy = False
            if self._view is not None:
                self._view.busy(on=False)

    async def _create(self, name: str, topic: str, *, public: bool) -> None:
        try:
            room = await self._shell.carry_out(
                c.CreateRoom(
                    name=name, members=list(self._picked), topic=topic, visibility="public" if public else "private"
                )
            )
        except ClientError as error:
            if self._view is not None:
                self._view.refuse_at(str(error), self._field(error))
            return
        if self._view is not None:
            self._view.close()
        await self._shell.client.feed.until(lambda: room.id in self._shell.client.replica.rooms)
        await self._shell.open_room(room.id)

    def _field(self, error: Exception) -> Literal["name", "topic", "people"]:
        if isinstance(error, Refused) and error.code == "not_found":
            return "people"
        return "topic" if "topic" in str(error) else "name"

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_picked(tuple(self._picked))
            self._view.show_found(self._people.find(self._needle, frozenset(self._picked)))


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody in a group, and what this person may do about them."""

    person: int
    name: str
    role: RoomRoleName
    status: Literal["online", "away", "offline"]
    me: bool = False
    may_remove: bool = False
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group as its dialog shows it, and what this person may do."""

    room: int
    name: str
    topic: str
    public: bool
    members: tuple[MemberRow, ...]
    may_add: bool
    may_update: bool
    may_publish: bool
    may_leave: bool
    general: bool


class MembersView(Protocol):
    """The dialog about a group."""

    def show_group(self, group: Group) -> None:
        """Show it as it is now."""

    def show_found(self, people: tuple[PersonRow, ...]) -> None:
        """Whom the letters typed find, of those who are not in it."""

    def refuse(self, problem: str) -> None:
        """What the server has said no to; an empty text: nothing any more."""

    def done(self, what: str) -> None:
        """What has just been done."""

    def close(self) -> None:
        """It is over."""


class Members:
    """A group's members and what it is called."""

    def __init__(self, shell: Shell, room: int) -> None:
        self._shell, self._room = shell, room
        self._people = People(shell.client)
        self._members: list[Member] = []
        self._needle = ""
        self._view: MembersView | None = None
        self._listening = ExitStack()

    async def open(self, view: MembersView) -> None:
        """This is the dialog."""
        self._view = view
        self._listening.enter_context(self._shell.client.feed.listening(self._hear))
        await self._load()
        await self._people.fetch()
        self._show()

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None
        self._listening.close()

    def search(self, needle: str) -> None:
        """Show whom these letters find."""
        self._needle = needle.strip()
        self._show()

    async def add(self, name: str) -> None:
        """Bring somebody in."""
        name = name.strip().lstrip("@")
        if name and await self._attempt(c.AddMember(room=self._room, user=name), f"{name} is in the group now."):
            self._needle = ""
            await self._load()

    async def remove(self, name: str) -> None:
        """Put somebody out."""
        if await self._attempt(c.RemoveMember(room=self._room, user=name), f"{name} is out of the group."):
            await self._load()

    async def set_role(self, name: str, role: RoomRoleName) -> None:
        """Make somebody something else in it."""
        if await self._attempt(c.SetRoomRole(room=self._room, user=name, role=role), f"{name} is {role} now."):
            await self._load()

    async def update(self, name: str, topic: str, *, public: bool = False) -> None:
        """Call it something else."""
        held = self._held
        if held is None:
            return
        before = held.mine.room
        changed: dict[str, Any] = {"topic": topic} if topic != before.topic else {}
        if before.kind == "group":
            changed |= {"name": name} if name != before.name else {}
            visibility = "public" if public else "private"
            changed |= {"visibility": visibility} if visibility != before.visibility else {}
        if not changed:
            return
        if await self._attempt(c.UpdateRoom(room=self._room, **changed), "Saved."):
            self._show()

    async def leave(self) -> None:
        """Go out of it."""
        if await self._attempt(c.LeaveRoom(room=self._room), "") and self._view is not None:
            self._view.close()

    # --- within --------------------------------------------------------------------------------------------------------

    @property
    def _held(self) -> RoomReplica | None:
        return self._shell.client.replica.rooms.get(self._room)

    def _hear(self, happening: Happening) -> None:
        match happening:
            case e.MemberAdded(room=room) | e.MemberRemoved(room=room) | e.MemberRoleChanged(room=room):
                if room == self._room:
                    self._shell.begin(self._load)
            case e.RoomUpdated(room=room) if room == self._room:
                self._show()
            case e.RoomLeft(room=room) if room == self._room and self._view is not None:
                self._view.close()
            case e.PresenceChanged():
                self._show()

    async def _load(self) -> None:
        if self._view is None or self._held is None:
            return
        try:
            self._members = await self._shell.client.members(self._room)
        except (ClientError, TimeoutError) as error:
            if self._view is not None:
                self._view.refuse(str(error) or SILENCE)
        self._show()

    async def _attempt(self, command: c.Write, done: str) -> bool:
        if self._view is not None:
            self._view.refuse("")
        try:
            await self._shell.carry_out(command)
        except ClientError as error:
            if self._view is not None:
                self._view.refuse(str(error))
            return False
        if self._view is not None and done:
            self._view.done(done)
        return True

    def _show(self) -> None:
        held, view = self._held, self._view
        if held is None or view is None:
            return
        actor, facts = self._actor(), _facts(held)
        room = held.mine.room
        group = Group(
            self._room,
            room.name or "general",
            room.topic,
            room.visibility == "public",
            tuple(self._row(member, actor, facts) for member in sorted(self._members, key=_order)),
            may_add=may(actor, Act.ADD_MEMBER, facts),
            may_update=may(actor, Act.CHANGE_ROOM, facts),
            may_publish=may(actor, Act.CREATE_PUBLIC_ROOM) or room.visibility == "public",
            may_leave=may(actor, Act.LEAVE_ROOM, facts),
            general=room.kind == "general",
        )
        view.show_group(group)
        there = frozenset(member.user.name for member in self._members)
        view.show_found(self._people.find(self._needle, there) if group.may_add else ())

    def _actor(self) -> Actor:
        me = self._shell.client.replica.me
        assert me is not None, "there was a login"
        return Actor(me.id, me.name, Role(me.role))

    def _row(self, member: Member, actor: Actor, room: RoomFacts) -> MemberRow:
        facts = MemberFacts(room, UserFacts(member.user.id, member.user.name, Role.MEMBER), RoomRole(member.role))
        mine = member.user.id == actor.id
        return MemberRow(
            member.user.id,
            member.user.name,
            member.role,
            self._shell.client.replica.status(member.user.id),
            me=mine,
            may_remove=not mine and may(actor, Act.REMOVE_MEMBER, facts),
            may_change=may(actor, Act.SET_ROOM_ROLE, facts),
        )


def _facts(held: RoomReplica) -> RoomFacts:
    room = held.mine.room
    return RoomFacts(
        room.id, Kind(room.kind), Visibility(room.visibility), room.name, RoomRole(held.mine.role), room.head
    )


def _order(member: Member) -> tuple[int, str]:
    return ("owner", "moderator", "member").index(member.role), member.user.name.casefold()
