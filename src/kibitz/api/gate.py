"""The gate every command passes, whatever it came by.

Rule: size and rate are checked before anything is done, login and right in the transaction that does it; a handler that runs may.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import structlog

from kibitz.api import accounts, collab, things
from kibitz.api.asked import Asked, no_right, permitted
from kibitz.api.caller import Caller
from kibitz.api.limiter import Limiter
from kibitz.api.sessions import Sessions
from kibitz.api.things_many import Naming, rooms_of_many
from kibitz.api.verb import Mode, Verb
from kibitz.api.verbs import VERBS
from kibitz.api.workspace import Workspace
from kibitz.api.written import Written, nonce_of, seal
from kibitz.domain.access import Actor, may
from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Step
from kibitz.features.call import Call, Outcome
from kibitz.storage import Tx, posting, rooms
from kibitz.storage.committer import Job, settle
from kibitz.wire.closing import LOGGED_OUT, RESTORED
from kibitz.wire.commands import Command

T = TypeVar("T")
log = structlog.get_logger()


class Gate:
    """The door of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.limiter = Limiter(workspace.policy.rate_limits)
        self._epoch: str | None = None
        self.sessions = Sessions(workspace.policy.max_clients)
        self._groups = {verb.command: self._grouped(verb) for verb in VERBS.values() if verb.many is not None}

    # --- before anything is done ---------------------------------------------------------------------------------------

    def admit(self, caller: Caller, command: Command, size: int = 0) -> Verb:
        """The table's row for a command that may be tried. Raises `Refusal` for one that may not."""
        verb = VERBS.get(type(command))
        if verb is None:
            raise Refusal("unknown_command", f"There is no command {type(command).__name__} here.")
        if size > verb.size:
            raise Refusal("too_long", f"This command may have {verb.size} bytes; it has {size}.")
        self.limiter.check(caller, verb.cost, self.workspace.monotonic())
        if verb.login and not caller.user:
            raise Refusal("not_logged_in", "Log in first.")
        return verb

    # --- doing it ------------------------------------------------------------------------------------------------------

    def write(self, caller: Caller, verb: Verb, command: Command, done: Callable[[Written | Exception], None]) -> None:
        """Hand a writing command to the committer; `done` is called on the loop once it is durable, or refused."""
        now = self.workspace.now()
        nonce, fingerprint = nonce_of(command)
        self.workspace.committer.submit(
            Job(
                run=lambda tx: self._write_one(tx, verb, caller, command, now),
                done=done,
                group=self._groups.get(verb.command),
                user=caller.user,
                nonce=nonce,
                fingerprint=fingerprint,
                repeated=Written,
                payload=(caller, command, now),
            )
        )

    async def read(self, caller: Caller, verb: Verb, command: Command) -> msgspec.Struct:
        """What a reading command is answered."""
        result: msgspec.Struct = await self.workspace.store.read(
            self._read_one, verb, caller, command, self.workspace.now()
        )
        return result

    async def call(self, caller: Caller, command: Command, size: int = 0) -> msgspec.Struct | msgspec.Raw:
        """Carry out one command and wait for its answer: the whole way, for callers without a session. Raises `Refusal`."""
        verb = self.admit(caller, command, size)
        if verb.mode is Mode.READ:
            return await self.read(caller, verb, command)
        if verb.mode is Mode.WRITE:
            return await self._written(caller, verb, command)
        if verb.mode is Mode.TASK:
            return await self.task(caller, verb, command)
        answer: msgspec.Struct = verb.run(self.workspace, caller, command)
        return answer

    async def task(self, caller: Caller, verb: Verb, command: Command) -> msgspec.Struct | msgspec.Raw:
        """Carry out a command that takes more than one transaction."""
        answer: msgspec.Struct | msgspec.Raw = await verb.run(Asked(self.workspace, caller, command, verb))
        return answer

    async def caller(self, token: str | None, address: str) -> Caller:
        """Whoever comes by this token over HTTP; nobody where there is none. Raises `Refusal` for a token that is not valid."""
        if not token:
            return Caller(address)
        self.limiter.check(Caller(address), 0.1, self.workspace.monotonic())
        found = await accounts.holder(self.workspace, token)
        if found is None:
            raise Refusal("not_logged_in", "This token is not valid (any more); log in again.")
        user, row = found
        return Caller(address, user.id, user.name, row.id)

    async def _written(self, caller: Caller, verb: Verb, command: Command) -> msgspec.Raw:
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self.write(caller, verb, command, settle(future))
        written = await future
        return msgspec.Raw(written.answer)

    # --- in the transaction --------------------------------------------------------------------------------------------

    def _read_one(self, tx: Tx, verb: Verb, caller: Caller, command: Command, now: str) -> Any:
        return verb.run(permitted(tx, verb, caller, command, now))

    def _write_one(self, tx: Tx, verb: Verb, caller: Caller, command: Command, now: str) -> Written:
        return seal(verb.run(permitted(tx, verb, caller, command, now)))

    def _grouped(self, verb: Verb) -> Callable[[Tx, Sequence[Job]], list[Any]]:
        def run(tx: Tx, jobs: Sequence[Job]) -> list[Any]:
            calls = _permitted_many(tx, verb, jobs)
            assert verb.many is not None
            outcomes = iter(verb.many(tx, [call for call in calls if isinstance(call, Call)]))
            results = [next(outcomes) if isinstance(call, Call) else call for call in calls]
            self.workspace.counters.posted += len(results)
            return [seal(result) if isinstance(result, Outcome) else result for result in results]

        return run

    # --- after the commit ----------------------------------------------------------------------------------------------

    def settled(self, jobs: Sequence[Job], results: Sequence[Any]) -> None:
        """Answer the senders of a batch, then tell everyone else, in the order of the commits."""
        steps: list[Step] = []
        for job, result in zip(jobs, results, strict=True):
            if isinstance(result, Written | Outcome):
                steps.extend(result.steps)
            try:
                job.done(result)
            except Exception:  # one connection's trouble must not keep the others from hearing
                log.exception("answer failed")
        self.workspace.hub.apply(steps)
        collab.apply(self.workspace, steps)

    def outside(self, epoch: str) -> None:
        """Another process has changed the database: logins may have ended, or a backup was restored under us."""
        if self._epoch is not None and epoch != self._epoch:
            log.warning("data restored", note="a backup was restored while the server runs: every client starts afresh")
            self.sessions.end_all(RESTORED)
            self.workspace.documents.forget()
        else:
            self.workspace.tasks.spawn("check logins", self._check_logins())
        self._epoch = epoch

    def began(self, epoch: str) -> None:
        """The history that clients are in from now on."""
        self._epoch = epoch

    async def _check_logins(self) -> None:
        listeners = self.workspace.hub.connections()
        logins = {(listener.viewer.id, listener.token_id) for listener in listeners}
        live = await self.workspace.store.read(posting.actors, logins)
        for listener in listeners:
            if (listener.viewer.id, listener.token_id) not in live:
                listener.end(LOGGED_OUT)
        await collab.recheck_all(self.workspace)


def _permitted_many(tx: Tx, verb: Verb, jobs: Sequence[Job]) -> list[Call[Any, Any] | Refusal]:
    logins = [(job.payload[0].user, job.payload[0].token_id) for job in jobs]
    actors = posting.actors(tx, set(logins))
    by_login = [(actors.get(login), job) for login, job in zip(logins, jobs, strict=True)]
    # Many of a batch are by one person to one room: what they may do there is found out once.
    named = {(actor.id, job.payload[1].room): actor for actor, job in by_login if actor is not None}
    found = {one: _checked(verb, named[one], one[1], room) for one, room in rooms_of_many(tx, named).items()}
    return [_call(tx, found, actor, job) for actor, job in by_login]


def _checked(verb: Verb, actor: Actor, ref: int | str, room: RoomFacts | Refusal) -> RoomFacts | Refusal:
    if isinstance(room, Refusal):
        return room
    if things.hidden(actor, room):
        return rooms.missing(ref)
    if verb.act is not None and not may(actor, verb.act, room):
        return no_right(verb.act)
    return room


def _call(
    tx: Tx, found: Mapping[Naming, RoomFacts | Refusal], actor: Actor | None, job: Job
) -> Call[Any, Any] | Refusal:
    _, command, now = job.payload
    if actor is None:
        return Refusal("not_logged_in", "This login has ended; log in again.")
    thing = found[actor.id, command.room]
    return thing if isinstance(thing, Refusal) else Call(tx, actor, command, thing, now)
