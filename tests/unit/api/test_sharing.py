"""Bytes and words of files together: what is told is there, and what is not told goes away."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.support.database import person
from tests.support.rooms import group
from tests.support.workspace import workspace

from kibitz.api import sharing
from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.domain.errors import Refusal
from kibitz.domain.files import StoredFile
from kibitz.storage import Tx, messages
from kibitz.wire.commands import DeleteFile, RoomRef
from kibitz.wire.views import Message


class Place:
    """A workspace of alice, bob and carol, where alice and bob share the group `kitchen`."""

    def __init__(self, gate: Gate, folder: Path) -> None:
        self.gate = gate
        self.folder = folder
        self.people: dict[str, Caller] = {}

    async def settle_in(self) -> None:
        def move_in(tx: Tx) -> list[Any]:
            everyone = [person(tx, name) for name in ("alice", "bob", "carol")]
            group(tx, *everyone[:2])
            return everyone

        for actor in await self.gate.workspace.committer.run(move_in):
            self.people[actor.name] = Caller("127.0.0.1", actor.id, actor.name)

    async def share(
        self, content: bytes = b"hello", room: RoomRef = "#general", who: str = "alice", nonce: str | None = None
    ) -> dict[str, Any]:
        async with self.gate.workspace.blobs.stage() as staged:
            await staged.write(content)
            await staged.finish()
            answer = await sharing.share(
                self.gate, self.people[who], staged, room=room, name="plan.txt", text="look", nonce=nonce
            )
        shared: dict[str, Any] = json.loads(answer)
        return shared

    async def message(self, room: int, seq: int) -> Message | None:
        return await self.gate.workspace.store.read(messages.one, room, seq)

    async def delete(self, file: int, who: str = "alice") -> None:
        await self.gate.call(self.people[who], DeleteFile(file=file))

    def blobs(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    def age(self, content: bytes) -> None:
        """Have its bytes look as if they had been there for long."""
        digest = sha256(content).hexdigest()
        os.utime(self.folder / digest[:2] / digest[2:4] / digest, (1000, 1000))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with workspace(tmp_path / "data") as gate:
        made = Place(gate, tmp_path / "data" / "blobs")
        await made.settle_in()
        yield made


def digests(*contents: bytes) -> list[str]:
    return sorted(sha256(content).hexdigest() for content in contents)


# --- in ----------------------------------------------------------------------------------------------------------------


async def test_a_shared_file_is_a_message_of_its_room(place: Place) -> None:
    answer = await place.share()
    assert answer == {
        "file_id": 1,
        "filename": "plan.txt",
        "file_size": 5,
        "mime_type": "text/plain",
        "url": "/download/1",
    }
    message = await place.message(1, 1)
    assert message is not None
    assert (message.sender.name, message.text) == ("alice", "look")
    assert message.file is not None
    assert (message.file.id, message.file.name) == (1, "plan.txt")
    assert place.blobs() == digests(b"hello")


async def test_the_first_word_of_a_conversation_can_be_a_file(place: Place) -> None:
    first = await place.share(room="@bob")
    again = await place.share(b"more", room="@bob")
    for who, allowed in (("alice", True), ("bob", True), ("carol", False)):
        for one in (first, again):
            if allowed:
                assert (await sharing.find(place.gate, place.people[who], one["file_id"])).name == "plan.txt"
            else:
                with pytest.raises(Refusal, match="File not found"):
                    await sharing.find(place.gate, place.people[who], one["file_id"])


async def test_a_file_in_a_group_is_for_its_members(place: Place) -> None:
    shared = await place.share(room="#kitchen")
    found = await sharing.find(place.gate, place.people["bob"], shared["file_id"])
    assert found == StoredFile("plan.txt", 5, "text/plain", sha256(b"hello").hexdigest())
    with pytest.raises(Refusal, match="File not found"):
        await sharing.find(place.gate, place.people["carol"], shared["file_id"])


@pytest.mark.parametrize("room", ["#kitchen", "#nowhere", "@nobody"])
async def test_whoever_may_not_post_is_told_before_and_at_the_end_and_leaves_nothing(
    place: Place, room: RoomRef
) -> None:
    with pytest.raises(Refusal, match="not found"):
        await sharing.check_target(place.gate, place.people["carol"], room)
    with pytest.raises(Refusal, match="not found"):
        await place.share(room=room, who="carol")
    assert place.blobs() == []


async def test_a_refused_file_does_not_take_anothers_bytes_with_it(place: Place) -> None:
    await place.share()
    with pytest.raises(Refusal):
        await place.share(room="#nowhere")
    assert place.blobs() == digests(b"hello")


async def test_a_file_sent_again_is_shared_once(place: Place) -> None:
    first = await place.share(nonce="upload-0001")
    assert await place.share(nonce="upload-0001") == first
    assert await place.message(1, 2) is None
    with pytest.raises(Refusal) as refused:
        await place.share(b"other", nonce="upload-0001")
    assert refused.value.code == "nonce_reused"
    assert place.blobs() == digests(b"hello")


async def test_the_same_bytes_at_once_are_two_files_and_one_blob(place: Place) -> None:
    answers = await asyncio.gather(*(place.share(who=who) for who in ("alice", "bob", "carol", "alice")))
    assert sorted(answer["file_id"] for answer in answers) == [1, 2, 3, 4]
    assert place.blobs() == digests(b"hello")


async def test_one_that_is_refused_at_the_same_time_does_not_spoil_it(place: Place) -> None:
    results = await asyncio.gather(
        *(place.share(room=room) for room in ("#nowhere", "#general", "#nowhere")), return_exceptions=True
    )
    assert [isinstance(result, Refusal) for result in results] == [True, False, True]
    assert place.blobs() == digests(b"hello")


async def test_what_is_shared_is_counted(place: Place) -> None:
    await place.share()
    counters = place.gate.workspace.counters
    assert (counters.uploaded_bytes, counters.posted) == (5, 1)


# --- away --------------------------------------------------------------------------------------------------------------


async def test_the_sweep_takes_what_no_file_needs_any_more(place: Place) -> None:
    for content in (b"kept", b"deleted", b"both", b"both"):
        await place.share(content)
        place.age(content)
    await place.delete(2)
    await place.delete(3)
    assert await sharing.sweep(place.gate.workspace) == 1
    assert place.blobs() == digests(b"kept", b"both")
    await place.delete(4)
    assert await sharing.sweep(place.gate.workspace) == 1
    assert place.blobs() == digests(b"kept")


async def test_the_sweep_leaves_what_came_within_the_hour(place: Place) -> None:
    shared = await place.share()
    await place.delete(shared["file_id"])
    assert await sharing.sweep(place.gate.workspace) == 0
    assert place.blobs() == digests(b"hello")
    now = place.gate.workspace.clock
    place.gate.workspace.clock = lambda: now() + sharing.GRACE_SECONDS + 1
    assert await sharing.sweep(place.gate.workspace) == 1


class Interrupted:
    """A sweep that has found bytes which no file needs, and has not deleted them yet."""

    def __init__(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        self._place = place
        self._lock = place.gate.workspace.blobs.lock(sha256(b"hello").hexdigest())
        self._asked = asyncio.Event()
        monkeypatch.setattr(place.gate.workspace.blobs, "lock", self._note)

    def _note(self, _: str) -> asyncio.Lock:
        self._asked.set()
        return self._lock

    async def while_it_waits(self, work: Any) -> int:
        """How much it freed, when `work` was done before it could."""
        async with asyncio.TaskGroup() as group, self._lock:
            sweeping = group.create_task(sharing.sweep(self._place.gate.workspace))
            await self._asked.wait()
            await work()
        return sweeping.result()


async def orphan(place: Place) -> None:
    shared = await place.share()
    await place.delete(shared["file_id"])
    place.age(b"hello")


async def test_bytes_that_a_new_file_needs_meanwhile_survive_the_sweep(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await orphan(place)

    async def share_it_again() -> None:
        # What `share` does while it holds the lock; its bytes are made old, so that its row alone can save them.
        async with place.gate.workspace.blobs.stage() as staged:
            await staged.write(b"hello")
            await staged.finish()
            await place.gate.workspace.blobs.place(staged)
        place.age(b"hello")
        row = (
            "INSERT INTO shared_files SELECT 9, 1, 9, 1, 'a', 5, 'b', sha256, shared_at, NULL FROM shared_files LIMIT 1"
        )
        await place.gate.workspace.committer.run(lambda tx: tx.exec_driver_sql(row).rowcount)

    assert await Interrupted(place, monkeypatch).while_it_waits(share_it_again) == 0
    assert place.blobs() == digests(b"hello")


async def test_bytes_placed_meanwhile_survive_even_before_their_row_is_there(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await orphan(place)

    async def place_them_again() -> None:
        async with place.gate.workspace.blobs.stage() as staged:
            await staged.write(b"hello")
            await staged.finish()
            await place.gate.workspace.blobs.place(staged)

    assert await Interrupted(place, monkeypatch).while_it_waits(place_them_again) == 0
    assert place.blobs() == digests(b"hello")


async def test_an_upload_in_the_middle_of_a_sweep_keeps_its_bytes(place: Place) -> None:
    for _ in range(20):
        await orphan(place)
        shared, _ = await asyncio.gather(place.share(who="bob"), sharing.sweep(place.gate.workspace))
        found = await sharing.find(place.gate, place.people["carol"], shared["file_id"])
        pieces = [bytes(piece) async for piece in place.gate.workspace.blobs.read(found.sha256, 0, found.size)]
        assert pieces == [b"hello"]
        await place.delete(shared["file_id"], "bob")
