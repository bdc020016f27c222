"""A command that needs more than one transaction: a password to hash or a secret to make lies between.

Rule: what an earlier transaction said is not believed by a later one, which comes after an await: each checks login and right anew.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from kibitz.api.caller import Caller
from kibitz.api.verb import Verb
from kibitz.api.workspace import Workspace
from kibitz.api.written import Written, nonce_of, seal
from kibitz.domain.access import Act, may
from kibitz.domain.errors import Refusal
from kibitz.features.call import Call, Outcome
from kibitz.storage import Tx, users
from kibitz.storage.committer import Job, settle
from kibitz.wire.commands import Command

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, whose it is, and the row of the table that says which right it needs. The gate makes it."""

    workspace: Workspace
    caller: Caller
    command: Any
    verb: Verb

    async def permit(self) -> None:
        """Refuse whoever may not, where there is nothing else to look at."""
        await self.check(lambda _: None)

    async def check(self, work: Callable[[Call[Any, Any]], T]) -> T:
        """Look before anything is worked on, with the right checked: otherwise anyone could have the server work without end."""
        now = self.workspace.now()
        return await self.workspace.store.read(lambda tx: work(self._permitted(tx, now)))

    async def carry_out(self, work: Callable[[Call[Any, Any]], Outcome]) -> msgspec.Raw:
        """Do it, in one transaction with the check of the right; a command sent again with its nonce is not done again."""
        now = self.workspace.now()
        nonce, fingerprint = nonce_of(self.command)
        future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
        self.workspace.committer.submit(
            Job(
                run=lambda tx: seal(work(self._permitted(tx, now))),
                done=settle(future),
                user=self.caller.user,
                nonce=nonce,
                fingerprint=fingerprint,
                repeated=Written,
            )
        )
        return msgspec.Raw((await future).answer)

    async def answered(self, work: Callable[[Call[Any, Any]], Outcome], kind: type[T]) -> T:
        """The same, with the answer as the struct it is."""
        return msgspec.json.decode(await self.carry_out(work), type=kind)

    def _permitted(self, tx: Tx, now: str) -> Call[Any, Any]:
        return permitted(tx, self.verb, self.caller, self.command, now)


def permitted(tx: Tx, verb: Verb, caller: Caller, command: Command, now: str) -> Call[Any, Any]:
    """The call of a command whose caller is logged in and has the right. Raises `Refusal`."""
    actor = users.actor(tx, caller.user, caller.token_id)
    thing = None if verb.thing is None else verb.thing(tx, actor, command)
    if verb.act is not None and not may(actor, verb.act, thing):
        raise no_right(verb.act)
    return Call(tx, actor, command, thing, now)


def no_right(act: Act) -> Refusal:
    """The refusal for want of a right."""
    return Refusal("forbidden", f"You may not do this here: {act}.")
