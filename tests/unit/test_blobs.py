"""Bytes on the disk: whole, durable and under their own digest, or not there at all."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from hashlib import sha256
from pathlib import Path

import pytest

from kibitz import blobs as module
from kibitz.blobs import PIECE, Blobs, Staged
from kibitz.domain.errors import Refusal


@pytest.fixture
async def blobs(tmp_path: Path) -> AsyncIterator[Blobs]:
    made = Blobs(tmp_path / "blobs")
    yield made
    made.close()


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def path_of(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


async def keep(blobs: Blobs, content: bytes, chunk: int = 300_000) -> str:
    async with blobs.stage() as staged:
        for at in range(0, len(content), chunk):
            await staged.write(content[at : at + chunk])
        await staged.finish()
        await blobs.place(staged)
        assert staged.size == len(content)
        return staged.sha256


async def read(blobs: Blobs, digest: str, start: int, end: int) -> bytes:
    return b"".join([bytes(piece) async for piece in blobs.read(digest, start, end)])


CONTENT = bytes(range(256)) * (3 * PIECE // 256) + b"the end"


@pytest.mark.parametrize("content", [b"", b"x", CONTENT[:PIECE], CONTENT])
async def test_what_comes_in_comes_out_and_lies_under_its_digest(blobs: Blobs, tmp_path: Path, content: bytes) -> None:
    digest = await keep(blobs, content)
    assert digest == sha256(content).hexdigest()
    assert files(tmp_path / "blobs") == [path_of(digest)]
    assert (tmp_path / "blobs" / path_of(digest)).read_bytes() == content
    assert await read(blobs, digest, 0, len(content)) == content


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (PIECE - 1, PIECE + 1), (5, 2 * PIECE + 9), (3 * PIECE, 3 * PIECE + 7)]
)
async def test_a_part_is_read_without_the_rest(blobs: Blobs, start: int, end: int) -> None:
    digest = await keep(blobs, CONTENT)
    assert await read(blobs, digest, start, end) == CONTENT[start:end]


async def test_it_is_read_a_piece_at_a_time_and_can_be_left(blobs: Blobs) -> None:
    digest = await keep(blobs, CONTENT)
    async with aclosing(blobs.read(digest, 0, len(CONTENT))) as pieces:
        async for piece in pieces:
            assert len(piece) == PIECE
            break


async def test_a_blob_that_is_not_there_is_missed(blobs: Blobs) -> None:
    with pytest.raises(FileNotFoundError):
        await read(blobs, "0" * 64, 0, 10)
    assert await blobs.placed("0" * 64) == 0.0
    await blobs.delete("0" * 64)


async def test_a_file_begins_with_its_head(blobs: Blobs) -> None:
    async with blobs.stage() as staged:
        for at in range(0, 20_000, 3000):
            await staged.write(CONTENT[at : at + 3000])
        assert staged.head == CONTENT[: module.HEAD]


# --- what is not placed ------------------------------------------------------------------------------------------------


async def send_half(staged: Staged) -> None:
    await staged.write(CONTENT)
    raise ConnectionResetError


async def send_all(staged: Staged) -> None:
    await staged.write(CONTENT)
    await staged.finish()
    raise ConnectionResetError


@pytest.mark.parametrize("work", [send_half, send_all])
async def test_bytes_that_are_not_placed_leave_nothing_behind(blobs: Blobs, tmp_path: Path, work: object) -> None:
    assert callable(work)
    with pytest.raises(ConnectionResetError):
        async with blobs.stage() as staged:
            await work(staged)
    assert files(tmp_path / "blobs") == []


async def test_an_upload_that_is_cancelled_while_it_writes_leaves_nothing_behind(blobs: Blobs, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def endless() -> None:
        async with blobs.stage() as staged:
            while True:
                await staged.write(CONTENT)
                begun.set()

    task = asyncio.get_running_loop().create_task(endless())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    blobs.close()
    assert files(tmp_path / "blobs") == []


async def test_what_a_killed_server_left_is_cleared_and_the_rest_stays(blobs: Blobs, tmp_path: Path) -> None:
    digest = await keep(blobs, b"stays")
    left = tmp_path / "blobs" / "staging" / "0123#1"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half a f")
    blobs.clear_staging()
    blobs.clear_staging()
    assert files(tmp_path / "blobs") == [path_of(digest)]
    assert await keep(blobs, b"and it goes on")


# --- the same twice ----------------------------------------------------------------------------------------------------


async def test_the_same_bytes_at_once_are_one_blob(blobs: Blobs, tmp_path: Path) -> None:
    digests = await asyncio.gather(*(keep(blobs, CONTENT) for _ in range(4)))
    assert len(set(digests)) == 1
    assert files(tmp_path / "blobs") == [path_of(digests[0])]
    assert await read(blobs, digests[0], 0, len(CONTENT)) == CONTENT


async def test_placing_bytes_again_makes_them_young_again(blobs: Blobs, tmp_path: Path) -> None:
    digest = await keep(blobs, b"again")
    os.utime(tmp_path / "blobs" / path_of(digest), (1000, 1000))
    assert await blobs.placed(digest) == 1000
    await keep(blobs, b"again")
    assert await blobs.placed(digest) > 1000


async def test_each_blob_has_a_lock_of_its_own(blobs: Blobs) -> None:
    one = blobs.lock("a" * 64)
    async with one:
        assert blobs.lock("a" * 64) is one
        assert not blobs.lock("b" * 64).locked()


# --- finding and deleting ----------------------------------------------------------------------------------------------


async def test_every_blob_is_listed_once_with_its_time_and_what_is_staged_is_not(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    digests = [await keep(blobs, b"%d" % number) for number in range(5)]
    os.utime(tmp_path / "blobs" / path_of(digests[0]), (1000, 1000))
    (tmp_path / "blobs" / "ab").mkdir(exist_ok=True)
    (tmp_path / "blobs" / "ab" / "stray").write_text("not ours")
    async with blobs.stage() as staged:
        await staged.write(CONTENT)
        await staged.finish()
        listed = [one async for page in blobs.pages() for one in page]
    assert sorted(digest for digest, _ in listed) == sorted(digests)
    assert dict(listed)[digests[0]] == 1000
    assert dict(listed)[digests[1]] > 1000


async def test_a_blob_can_be_deleted(blobs: Blobs, tmp_path: Path) -> None:
    digest = await keep(blobs, b"away")
    await blobs.delete(digest)
    assert files(tmp_path / "blobs") == []


# --- durability --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux to see what is made durable")
async def test_a_placed_blob_and_every_directory_on_the_way_are_durable(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path)))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    async with blobs.stage() as staged:
        await staged.write(b"for good")
        await staged.finish()
        assert synced == [f"blobs/{staged.path}"]
        synced.clear()
        await blobs.place(staged)
    home = Path("blobs") / path_of(staged.sha256)
    assert synced == [*(str(parent) for parent in home.parents[:3]), "."]


# --- disks that do not take it -----------------------------------------------------------------------------------------


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from kibitz.blobs import Blobs
from kibitz.domain.errors import Refusal

resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))

async def main() -> None:
    blobs = Blobs(Path(sys.argv[1]))
    try:
        async with blobs.stage() as staged:
            for _ in range(64):
                await staged.write(bytes(100_000))
            await staged.finish()
    except Refusal as refusal:
        print(refusal.code, refusal.message)
    blobs.close()

asyncio.run(main())
"""


def test_a_full_disk_refuses_the_file_and_nothing_is_left(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "blobs")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "unavailable The server's disk is full; nothing was kept."
    assert files(tmp_path / "blobs") == []


async def test_a_disk_that_cannot_be_written_refuses_the_file(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "blobs" / "staging").write_text("a file where the directory should be")
    with pytest.raises(Refusal) as refused:
        await keep(blobs, CONTENT)
    assert (refused.value.code, refused.value.message) == (
        "unavailable",
        "The server could not write to its disk; nothing was kept.",
    )
    assert files(tmp_path / "blobs") == ["staging"]


async def test_a_place_that_cannot_be_taken_refuses_the_file_and_nothing_is_left(blobs: Blobs, tmp_path: Path) -> None:
    digest = sha256(b"x").hexdigest()
    (tmp_path / "blobs" / digest[:2]).write_text("a file where the directory should be")
    with pytest.raises(Refusal, match="could not write"):
        await keep(blobs, b"x")
    assert files(tmp_path / "blobs") == [digest[:2]]
