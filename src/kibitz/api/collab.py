"""Rights to the text of a session: at the door, and again whenever they may have changed.

Rule: what somebody may do with a text is asked of the database, never remembered; so a connection outlives its right by one look only.
"""

from collections.abc import Collection, Iterable

from kibitz.api.caller import Caller
from kibitz.api.workspace import Workspace
from kibitz.coedit.access import Access
from kibitz.domain.access import Act, Actor, may
from kibitz.domain.errors import Refusal, not_found
from kibitz.fanout.steps import Leave, Recheck, Revoke, Step
from kibitz.storage import Tx, posting, sessions, users

Pair = tuple[int, int]
"""A session and a user."""


async def admit(workspace: Workspace, caller: Caller, session: int) -> Access:
    """What a caller may do with the text of a session. Raises `Refusal`."""
    if not caller.user:
        raise Refusal("not_logged_in", "Log in first: a token goes into the address or the cookie.")

    can_write = await workspace.store.read(right, caller, session)
    return Access(user=caller.user, name=caller.name, token_id=caller.token_id, can_write=can_write)


def right(tx: Tx, caller: Caller, session: int) -> bool:
    """Whether a caller may change the text of a session. Raises `Refusal` where they may not even read it."""
    actor = users.actor(tx, caller.user, caller.token_id)
    found = _right(tx, session, actor)
    if found is None:
        raise _why_not(tx, session, actor)
    return found


def apply(workspace: Workspace, steps: Iterable[Step]) -> None:
    """Carry out what of these steps concerns the texts of sessions."""
    changed: set[int] = set()
    people: set[int] = set()
    for step in steps:
        match step:
            case Recheck(session):
                changed.add(session)
            case Leave(_, user):
                people.add(user)
            case Revoke(user, tokens, keep):
                workspace.documents.end_login(user, tokens, keep=keep)
    if changed or people:
        workspace.documents.changes += 1  # whoever is being let in just now asks again
    if (changed or people) and not workspace.draining:  # then everybody is told to go anyway
        workspace.tasks.spawn("check rights to sessions", recheck(workspace, changed, people))


async def recheck(workspace: Workspace, changed: Collection[int], people: Collection[int]) -> None:
    """Ask anew about everyone in these sessions, and about these people in every session."""
    present = workspace.documents.present() | workspace.hub.audiences.present()
    pairs = {(session, user) for session, user in present if session in changed or user in people}
    if not pairs:
        return
    for (session, user), can_write in (await workspace.store.read(_rights, pairs)).items():
        workspace.documents.change_access(session, user, can_write)
        if can_write is None:
            workspace.hub.audiences.leave(session, user)


async def recheck_all(workspace: Workspace) -> None:
    """Ask anew about everyone: another process has changed the database."""
    logins = workspace.documents.logins()
    live = await workspace.store.read(posting.actors, logins)
    for user, token in logins:
        if (user, token) not in live:
            workspace.documents.end_login(user, None if token is None else (token,))
    present = workspace.documents.present() | workspace.hub.audiences.present()
    await recheck(workspace, {session for session, _ in present}, ())


def _rights(tx: Tx, pairs: Collection[Pair]) -> dict[Pair, bool | None]:
    people = users.many(tx, {user for _, user in pairs})
    actors = {user: Actor(user, row.name, row.role) for user, row in people.items() if not row.disabled}
    return {(session, user): _right(tx, session, actors[user]) if user in actors else None for session, user in pairs}


def _right(tx: Tx, session: int, actor: Actor) -> bool | None:
    """Whether this person may change the text of a session; None if they may not even read it."""
    found = sessions.facts(tx, session, actor.id)
    if found is None or not may(actor, Act.READ_SESSION, found):
        return None
    return may(actor, Act.EDIT_SESSION, found)


def _why_not(tx: Tx, session: int, actor: Actor) -> Refusal:
    found = sessions.facts(tx, session, actor.id)
    if found is None or not may(actor, Act.SEE_SESSION, found):
        return not_found("Session")
    return Refusal("forbidden", "Join the session first.")
