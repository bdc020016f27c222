"""Hashing passwords beside the loop."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type
from argon2 import extract_parameters as parameters_of
from argon2.profiles import RFC_9106_LOW_MEMORY

from kibitz.api.passwords import AT_ONCE, Passwords
from kibitz.domain.errors import Refusal

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Gated(PasswordHasher):
    """A hasher that works when it is let, so that a test decides what is under way; it counts what was at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.let = threading.Event()
        self.started = threading.Semaphore(0)
        self.running = self.most = 0
        self._lock = threading.Lock()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.started.release()
        self.let.wait()
        with self._lock:
            self.running -= 1
        return super().hash(password, salt=salt)


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    one = Passwords(CHEAP)
    yield one
    one.close()


async def started(hasher: Gated, count: int) -> None:
    for _ in range(count):
        await asyncio.to_thread(hasher.started.acquire)


async def test_a_password_is_verified_by_its_hash_and_by_no_other(passwords: Passwords) -> None:
    one, other = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert one != other
    assert await passwords.verify(one, "correct horse")
    assert await passwords.verify(other, "correct horse")
    assert not await passwords.verify(one, "correct horsf")
    assert not await passwords.verify(one, "")


async def test_a_password_is_the_same_however_a_keyboard_composes_it(passwords: Passwords) -> None:
    made = await passwords.hash("pâté № 1")
    assert await passwords.verify(made, "pa\u0302te\u0301 No 1")


async def test_a_password_that_is_no_valid_unicode_is_hashed_all_the_same(passwords: Passwords) -> None:
    made = await passwords.hash("half \ud800 of a pair")
    assert await passwords.verify(made, "half \ud800 of a pair")
    assert not await passwords.verify(made, "half  of a pair")


async def test_nobody_has_a_password_and_finding_out_costs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Noting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Noting(time_cost=1, memory_cost=8, parallelism=1))
    try:
        real = await passwords.hash("correct horse")
        assert not await passwords.verify(None, "correct horse")
        assert not await passwords.verify(real, "wrong horse")
    finally:
        passwords.close()
    nobodys, somebodys = (parameters_of(one) for one in verified)
    assert nobodys == somebodys


async def test_hashes_are_argon2id_with_the_parameters_of_rfc_9106_for_little_memory() -> None:
    passwords = Passwords()
    try:
        made = await passwords.hash("correct horse")
    finally:
        passwords.close()
    assert parameters_of(made) == RFC_9106_LOW_MEMORY
    assert parameters_of(made).type is Type.ID


async def test_a_hash_made_with_other_parameters_is_outdated_and_still_good(passwords: Passwords) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("correct horse")
    assert passwords.is_outdated(older)
    assert not passwords.is_outdated(await passwords.hash("correct horse"))
    assert await passwords.verify(older, "correct horse")


async def test_few_are_hashed_at_once_and_few_wait() -> None:
    hasher = Gated()
    passwords = Passwords(hasher, max_waiting=3)
    async with asyncio.TaskGroup() as group:
        under_way = [group.create_task(passwords.hash("x")) for _ in range(AT_ONCE + 3)]
        await started(hasher, AT_ONCE)
        with pytest.raises(Refusal) as refused:
            await passwords.hash("one too many")
        assert (refused.value.code, refused.value.retry_after) == ("busy", 5.0)
        hasher.let.set()
    assert len({task.result() for task in under_way}) == AT_ONCE + 3
    assert hasher.most == AT_ONCE
    assert await passwords.hash("there is room again")
    passwords.close()


async def test_whoever_goes_away_while_waiting_gives_up_their_place() -> None:
    hasher = Gated()
    passwords = Passwords(hasher, max_waiting=1)
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(passwords.hash("x")) for _ in range(AT_ONCE)]
        await started(hasher, AT_ONCE)
        waiting = group.create_task(passwords.hash("y"))
        await asyncio.sleep(0)  # one turn of the loop: it waits now
        with pytest.raises(Refusal):
            await passwords.hash("z")
        waiting.cancel()
        await asyncio.wait({waiting})
        instead = group.create_task(passwords.hash("z"))
        await asyncio.sleep(0)
        hasher.let.set()
    assert waiting.cancelled()
    assert all(task.result() for task in [*running, instead])
    passwords.close()
