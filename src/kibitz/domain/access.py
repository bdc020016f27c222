"""Who may do what: the only place where rights are decided.

Rule: a right is a row of `_RULES`; whoever adds an act adds its row, and the table in the tests says who has it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kibitz.domain.coding import Openness, Part, PartFacts, RunFacts, SessionFacts
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import Kind, RoomFacts, RoomRole, Visibility
from kibitz.domain.users import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks: a user in good standing, with the token they came by (None inside the server)."""

    id: int
    name: str
    role: Role
    token_id: int | None = None


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What `may` needs to know of a person something is done to."""

    id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class RoleChange:
    """Another role on the server, for the act of giving it: who gets it and what they become."""

    user: UserFacts
    role: Role


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A person's place in a room, for acts on members: `role` is None for whoever is not in it."""

    room: RoomFacts
    user: UserFacts
    role: RoomRole | None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A shared file: the room it was sent to and who sent it."""

    room: RoomFacts
    id: int
    sender_id: int


_BELOW_ADMIN: Final = (Role.MEMBER, Role.GUEST)


class Act(StrEnum):
    """Everything that needs a right. What needs only a login has no act."""

    SEE_ROOM = "see room"
    READ_ROOM = "read room"
    READ_MESSAGE = "read message"
    POST = "post"
    EDIT_MESSAGE = "edit message"
    DELETE_MESSAGE = "delete message"
    REACT = "react"
    CREATE_PRIVATE_ROOM = "create private room"
    CREATE_PUBLIC_ROOM = "create public room"
    BROWSE_ROOMS = "browse rooms"
    JOIN_ROOM = "join room"
    LEAVE_ROOM = "leave room"
    CHANGE_ROOM = "change room"
    ADD_MEMBER = "add member"
    REMOVE_MEMBER = "remove member"
    SET_ROOM_ROLE = "set room role"
    LIST_FILES = "list files"
    GET_FILE = "get file"
    DELETE_FILE = "delete file"
    MAKE_TOKEN = "make token"  # noqa: S105 - the name of an act, not a secret
    CREATE_USER = "create user"
    CHANGE_USER = "change user"
    SET_ROLE = "set role"
    READ_METRICS = "read metrics"
    CREATE_SESSION = "create session"
    SEE_SESSION = "see session"
    LIST_SESSIONS = "list sessions"
    JOIN_SESSION = "join session"
    LEAVE_SESSION = "leave session"
    READ_SESSION = "read session"
    EDIT_SESSION = "edit session"
    INVITE_TO_SESSION = "invite to session"
    CHANGE_SESSION = "change session"
    CHANGE_PART = "change participant"
    RUN_CODE = "run code"
    LIST_RUNS = "list runs"
    READ_RUN = "read run"
    COMPARE_RUNS = "compare runs"
    STEER_RUN = "steer run"


def may(actor: Actor, act: Act, thing: Any = None) -> bool:
    """Whether the actor may do the act to the thing.

    The thing is a `RoomFacts`, `MessageFacts`, `MemberFacts`, `FileFacts`, `UserFacts`, `SessionFacts`, `PartFacts` or `RunFacts`; for
    CREATE_SESSION the room or the message it belongs to, for RUN_CODE and LIST_RUNS the session or the message, or None; for
    COMPARE_RUNS two runs; for CREATE_USER the `Role` to begin with, for
    SET_ROLE a `RoleChange`; None for the other acts that concern the whole server, and for LIST_FILES of all one's rooms. Making a
    private room public asks two rights: CHANGE_ROOM and CREATE_PUBLIC_ROOM.
    """
    return _RULES[act](actor, thing)


def _anyone(_: Actor, __: object = None) -> bool:
    return True


def _in_room(_: Actor, room: RoomFacts) -> bool:
    return room.my_role is not None


def _full_member(actor: Actor, _: object = None) -> bool:
    return actor.role is not Role.GUEST


def _is_admin(actor: Actor, _: object = None) -> bool:
    return actor.role in (Role.OWNER, Role.ADMIN)


def _public_to(actor: Actor, room: RoomFacts) -> bool:
    return room.kind is Kind.GROUP and room.visibility is Visibility.PUBLIC and _full_member(actor)


def _may_see(actor: Actor, room: RoomFacts) -> bool:
    return _in_room(actor, room) or _public_to(actor, room)


def _may_leave(actor: Actor, room: RoomFacts) -> bool:
    return room.kind is Kind.GROUP and _in_room(actor, room)


def _oversees(actor: Actor, room: RoomFacts) -> bool:
    # Where every member can come in, the server's admins keep order, so that no public room is ever without someone who can; a
    # private room is its owners' own affair.
    return (
        room.kind is not Kind.DIRECT
        and room.visibility is Visibility.PUBLIC
        and _in_room(actor, room)
        and _is_admin(actor)
    )


def _owns(actor: Actor, room: RoomFacts) -> bool:
    return room.my_role is RoomRole.OWNER or _oversees(actor, room)


def _keeps_order(actor: Actor, room: RoomFacts) -> bool:
    return room.my_role is RoomRole.MODERATOR or _owns(actor, room)


def _may_change_room(actor: Actor, room: RoomFacts) -> bool:
    return room.kind is not Kind.DIRECT and _owns(actor, room)


def _may_add(actor: Actor, room: RoomFacts) -> bool:
    # Whoever is in a group may bring someone, as in the messengers people know; a direct room stays a room of two.
    return room.kind is Kind.GROUP and _in_room(actor, room)


def _may_remove(actor: Actor, member: MemberFacts) -> bool:
    if member.room.kind is not Kind.GROUP:
        return False
    if actor.id == member.user.id:
        return _in_room(actor, member.room)
    if _owns(actor, member.room):
        return True
    return _keeps_order(actor, member.room) and member.role in (RoomRole.MEMBER, None)


def _may_set_room_role(actor: Actor, member: MemberFacts) -> bool:
    return member.room.kind is Kind.GROUP and _owns(actor, member.room)


def _may_edit(actor: Actor, message: MessageFacts) -> bool:
    return _in_room(actor, message.room) and message.sender_id == actor.id and not message.deleted


def _may_delete(actor: Actor, message: MessageFacts) -> bool:
    own = _in_room(actor, message.room) and message.sender_id == actor.id
    return not message.deleted and (own or _keeps_order(actor, message.room))


def _may_read_message(actor: Actor, message: MessageFacts) -> bool:
    return _in_room(actor, message.room)


def _may_react(actor: Actor, message: MessageFacts) -> bool:
    return _in_room(actor, message.room) and not message.deleted


def _may_list(actor: Actor, room: RoomFacts | None) -> bool:
    return room is None or _in_room(actor, room)  # without a room: what is one's own


def _may_get_file(actor: Actor, file: FileFacts) -> bool:
    return _in_room(actor, file.room)


def _may_delete_file(actor: Actor, file: FileFacts) -> bool:
    own = _in_room(actor, file.room) and file.sender_id == actor.id
    return own or _keeps_order(actor, file.room)


def _may_change_user(actor: Actor, user: UserFacts) -> bool:
    if actor.role is Role.OWNER:
        return actor.id != user.id
    return actor.role is Role.ADMIN and user.role in _BELOW_ADMIN


def _may_create_user(actor: Actor, role: Role) -> bool:
    return (actor.role is Role.OWNER and role is not Role.OWNER) or (actor.role is Role.ADMIN and role in _BELOW_ADMIN)


def _may_set_role(actor: Actor, change: RoleChange) -> bool:
    # The owner may hand the server over, but not drop it: it has exactly one owner at all times.
    return _may_change_user(actor, change.user) and (actor.role is Role.OWNER or change.role in _BELOW_ADMIN)


# --- code --------------------------------------------------------------------------------------------------------------


def _may_create_session(actor: Actor, place: RoomFacts | MessageFacts | None) -> bool:
    if isinstance(place, MessageFacts):
        return _may_react(actor, place)
    return place is None or _in_room(actor, place)


def _may_see_session(actor: Actor, session: SessionFacts) -> bool:
    return _may_join(actor, session) or (session.part is not None and session.openness is not Openness.ROOM)


def _may_join(_: Actor, session: SessionFacts) -> bool:
    if session.part is Part.REMOVED:
        return False
    if session.openness is Openness.ROOM:
        return session.room is not None and session.room.my_role is not None
    return session.openness is Openness.OPEN or session.part is not None


def _takes_part(actor: Actor, session: SessionFacts) -> bool:
    return session.joined and _may_join(actor, session)


def _may_edit_session(actor: Actor, session: SessionFacts) -> bool:
    return _takes_part(actor, session) and session.part is not Part.VIEWER and not session.closed


def _may_invite(actor: Actor, session: SessionFacts) -> bool:
    return _takes_part(actor, session) and session.part is not Part.VIEWER


def _runs_session(actor: Actor, session: SessionFacts) -> bool:
    if not _takes_part(actor, session):
        return False
    return session.part is Part.OWNER or (session.room is not None and _keeps_order(actor, session.room))


def _may_change_part(actor: Actor, one: PartFacts) -> bool:
    return _runs_session(actor, one.session)


def _may_run(actor: Actor, place: SessionFacts | MessageFacts | None) -> bool:
    if isinstance(place, SessionFacts):
        return _may_edit_session(actor, place)
    return place is None or _may_react(actor, place)


def _may_list_runs(actor: Actor, place: SessionFacts | MessageFacts | None) -> bool:
    if isinstance(place, SessionFacts):
        return _takes_part(actor, place)
    return place is None or _may_read_message(actor, place)


def _may_read_run(actor: Actor, run: RunFacts) -> bool:
    if run.session is not None:
        return _takes_part(actor, run.session)
    return actor.id == run.user_id if run.room is None else _in_room(actor, run.room)


def _may_compare_runs(actor: Actor, both: tuple[RunFacts, RunFacts]) -> bool:
    return all(_may_read_run(actor, run) for run in both)


def _may_steer_run(actor: Actor, run: RunFacts) -> bool:
    # Whoever may read a run may answer its questions and stop it: so has it everyone around one keyboard. A viewer only looks on.
    return _may_read_run(actor, run) and (run.session is None or _may_edit_session(actor, run.session))


_RULES: Final[dict[Act, Callable[[Actor, Any], bool]]] = {
    Act.SEE_ROOM: _may_see,
    Act.READ_ROOM: _in_room,
    Act.READ_MESSAGE: _may_read_message,
    Act.POST: _in_room,
    Act.EDIT_MESSAGE: _may_edit,
    Act.DELETE_MESSAGE: _may_delete,
    Act.REACT: _may_react,
    Act.CREATE_PRIVATE_ROOM: _anyone,
    Act.CREATE_PUBLIC_ROOM: _full_member,
    Act.BROWSE_ROOMS: _full_member,
    Act.JOIN_ROOM: _public_to,
    Act.LEAVE_ROOM: _may_leave,
    Act.CHANGE_ROOM: _may_change_room,
    Act.ADD_MEMBER: _may_add,
    Act.REMOVE_MEMBER: _may_remove,
    Act.SET_ROOM_ROLE: _may_set_room_role,
    Act.LIST_FILES: _may_list,
    Act.GET_FILE: _may_get_file,
    Act.DELETE_FILE: _may_delete_file,
    Act.MAKE_TOKEN: _full_member,
    Act.CREATE_USER: _may_create_user,
    Act.READ_METRICS: _is_admin,
    Act.CHANGE_USER: _may_change_user,
    Act.SET_ROLE: _may_set_role,
    Act.CREATE_SESSION: _may_create_session,
    Act.SEE_SESSION: _may_see_session,
    Act.LIST_SESSIONS: _may_list,
    Act.JOIN_SESSION: _may_join,
    Act.LEAVE_SESSION: _takes_part,
    Act.READ_SESSION: _takes_part,
    Act.EDIT_SESSION: _may_edit_session,
    Act.INVITE_TO_SESSION: _may_invite,
    Act.CHANGE_SESSION: _runs_session,
    Act.CHANGE_PART: _may_change_part,
    Act.RUN_CODE: _may_run,
    Act.LIST_RUNS: _may_list_runs,
    Act.READ_RUN: _may_read_run,
    Act.COMPARE_RUNS: _may_compare_runs,
    Act.STEER_RUN: _may_steer_run,
}
