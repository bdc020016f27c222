"""Backup and restore beside a server that goes on working."""

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, insert, make_url, text

from kibitz.blobs import Blobs
from kibitz.storage import copying, schema
from kibitz.storage import upgrade as upgrading
from kibitz.storage.backup import backup, look, restore
from kibitz.storage.faults import StartError
from kibitz.storage.seed import seed
from kibitz.storage.store import database_url, open_engine
from kibitz.storage.upgrade import DatabaseTooNew, upgrade

NOW = "2026-01-31T12:00:00.000Z"
CONTENTS = [b"one" * 1000, b"two" * 70_000, b"three"]
DIGESTS = [sha256(content).hexdigest() for content in CONTENTS]

# What the committer does, in a process of its own: the next seq of a room, and the message of that seq, in one transaction.
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("PRAGMA synchronous = OFF")
number = 0
while True:
    connection.execute("BEGIN IMMEDIATE")
    (seq,) = connection.execute("UPDATE rooms SET seq = seq + 1 WHERE id = 1 RETURNING seq").fetchone()
    connection.execute(
        "INSERT INTO messages (room_id, seq, sender_id, text, sent_at) VALUES (1, ?, 1, ?, '')", (seq, "y" * 300)
    )
    (epoch,) = connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    connection.execute("COMMIT")
    print(epoch, seq, flush=True)
"""

# Restores in a child that is ended by an alarm, as a power cut would: no handler runs, nothing is tidied up.
CUTTER = """
import os, signal, sys
from pathlib import Path
from kibitz.storage import copying
from kibitz.storage.backup import restore
from kibitz.storage.store import database_url
copying.PAGES = 2
for line in sys.stdin:
    archive, data, epoch, seconds = line.split()
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_REAL, float(seconds))
        restore(Path(archive), database_url(f"{data}/kibitz.db"), Path(data) / "blobs", epoch=epoch)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Server:
    """What a server keeps: a database and files."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "kibitz.db"

    @property
    def url(self) -> URL:
        return database_url(str(self.database))

    @property
    def blobs(self) -> Path:
        return self.folder / "blobs"

    def ask(self, sql: str) -> Any:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchone()[0]

    def say(self, *texts: str) -> None:
        with closing(sqlite3.connect(self.database, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for words in texts:
                (seq,) = connection.execute("UPDATE rooms SET seq = seq + 1 WHERE id = 1 RETURNING seq").fetchone()
                row = (seq, words)
                connection.execute(
                    "INSERT INTO messages (room_id, seq, sender_id, text, sent_at) VALUES (1, ?, 1, ?, '')", row
                )
            connection.execute("COMMIT")

    def said(self) -> list[str]:
        with closing(sqlite3.connect(self.database)) as connection:
            return [words for (words,) in connection.execute("SELECT text FROM messages ORDER BY seq")]

    def share(self, content: bytes) -> None:
        asyncio.run(self._store(content))
        engine = open_engine(self.url, writer=True)
        with engine.begin() as tx:
            seq = tx.execute(text("UPDATE rooms SET seq = seq + 1 WHERE id = 1 RETURNING seq")).scalar_one()
            row = {"room_id": 1, "message_seq": seq, "sender_id": 1, "filename": "a", "file_size": len(content)}
            tx.execute(
                insert(schema.shared_files).values(
                    **row, mime_type="x/y", sha256=sha256(content).hexdigest(), shared_at=NOW
                )
            )
        engine.dispose()

    async def _store(self, content: bytes) -> None:
        blobs = Blobs(self.blobs)
        async with blobs.stage() as staged:
            await staged.write(content)
            await staged.finish()
            await blobs.place(staged)
        blobs.close()

    def files(self) -> set[bytes]:
        """The content of every file that is where the server looks for it."""
        return {path.read_bytes() for path in self.blobs.rglob("*") if path.is_file() and "staging" not in path.parts}

    def is_one_whole(self) -> bool:
        """Whether the database is sound, and its log without a gap."""
        unaccounted = (
            self.ask("SELECT seq FROM rooms") - len(self.said()) - self.ask("SELECT count(*) FROM shared_files")
        )
        return copying.damage(self.database) is None and unaccounted == 0


def new_server(folder: Path, epoch: str = "first-epoch") -> Server:
    folder.mkdir()
    server = Server(folder)
    engine = open_engine(server.url, writer=True)
    upgrade(engine)
    with engine.begin() as tx:
        seed(tx, epoch=epoch, now=NOW)
        tx.execute(insert(schema.users).values(name="alice", name_key="alice", role="owner", created_at=NOW))
    engine.dispose()
    return server


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return new_server(tmp_path / "data")


@contextmanager
def another_process_writing(server: Server, heard: list[tuple[str, int]]) -> Iterator[Callable[[int], None]]:
    """Gives a way to wait until it has written so much more; what it wrote stands in `heard` afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(server.database)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        lines = writer.stdout

        def wait_for(more: int) -> None:
            for _ in range(more):
                epoch, seq = lines.readline().split()
                heard.append((epoch, int(seq)))

        try:
            wait_for(50)
            yield wait_for
        finally:
            writer.kill()
        heard.extend((line.split()[0], int(line.split()[1])) for line in lines if line.endswith("\n") and " " in line)


def test_a_backup_brings_everything_back_elsewhere(server: Server, tmp_path: Path) -> None:
    server.say("hello", "world")
    for content in CONTENTS:
        server.share(content)
    made = backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    assert (made.users, made.rooms, made.messages, made.files, made.missing) == (1, 1, 2, 3, [])
    assert (made.created_at, made.epoch, made.revision) == (NOW, "first-epoch", upgrading.NEWEST)
    assert made.file_bytes == sum(map(len, CONTENTS))

    other = Server(tmp_path / "other")
    other.folder.mkdir()
    assert restore(tmp_path / "a.tar", other.url, other.blobs, epoch="second-epoch") == made
    assert other.said() == ["hello", "world"]
    assert other.files() == set(CONTENTS)
    assert other.ask("SELECT value FROM meta WHERE key = 'epoch'") == "second-epoch"
    assert other.is_one_whole()


def test_a_restore_takes_the_server_back(server: Server, tmp_path: Path) -> None:
    server.say("before")
    server.share(CONTENTS[0])
    backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    server.say("after")
    server.share(CONTENTS[1])
    restore(tmp_path / "a.tar", server.url, server.blobs, epoch="second-epoch")
    assert server.said() == ["before"]
    assert server.ask("SELECT count(*) FROM shared_files") == 1
    assert CONTENTS[0] in server.files()


def test_an_archive_is_for_its_owner_alone_and_nothing_else_is_left(server: Server, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    backup(server.url, server.blobs, tmp_path / "backups" / "a.tar", now=NOW)
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["a.tar"]
    assert (tmp_path / "backups" / "a.tar").stat().st_mode & 0o777 == 0o600
    restore(tmp_path / "backups" / "a.tar", server.url, server.blobs, epoch="e")
    assert list((server.blobs / "staging").iterdir()) == []


def test_only_files_that_are_still_shared_are_kept(server: Server, tmp_path: Path) -> None:
    server.share(CONTENTS[0])
    server.share(CONTENTS[1])
    with closing(sqlite3.connect(server.database, isolation_level=None)) as connection:
        connection.execute("UPDATE shared_files SET deleted_at = ? WHERE sha256 = ?", (NOW, DIGESTS[0]))
    assert backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW).files == 1
    with tarfile.open(tmp_path / "a.tar") as archive:
        assert archive.getnames() == ["kibitz.db", f"files/{DIGESTS[1]}", "manifest.json"]


def test_a_file_that_is_gone_or_damaged_is_told_and_does_not_stop_the_backup(server: Server, tmp_path: Path) -> None:
    for content in CONTENTS:
        server.share(content)
    (gone,) = server.blobs.rglob(DIGESTS[0])
    gone.unlink()
    (damaged,) = server.blobs.rglob(DIGESTS[1])
    damaged.write_bytes(b"???" * 70_000)
    made = backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    assert made.missing == DIGESTS[:2]
    assert (made.files, made.file_bytes) == (1, len(CONTENTS[2]))

    other = new_server(tmp_path / "other")
    restore(tmp_path / "a.tar", other.url, other.blobs, epoch="e")
    assert other.files() == {CONTENTS[2]}


def test_a_file_of_the_wrong_length_is_put_back(server: Server, tmp_path: Path) -> None:
    server.share(CONTENTS[1])
    backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    (place,) = server.blobs.rglob(DIGESTS[1])
    place.write_bytes(CONTENTS[1][:-1])
    restore(tmp_path / "a.tar", server.url, server.blobs, epoch="e")
    assert server.files() == {CONTENTS[1]}


def test_a_file_that_the_sweep_takes_meanwhile_is_put_back(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.share(CONTENTS[0])
    backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    really = copying.overwrite

    def swept_before(*args: Any) -> None:
        for path in server.blobs.rglob(DIGESTS[0]):
            path.unlink()
        really(*args)

    monkeypatch.setattr(copying, "overwrite", swept_before)
    restore(tmp_path / "a.tar", server.url, server.blobs, epoch="e")
    assert server.files() == {CONTENTS[0]}


def test_progress_is_told_in_words_and_reaches_the_end(server: Server, tmp_path: Path) -> None:
    server.share(CONTENTS[1])
    told: dict[str, tuple[int, int]] = {}

    def progress(what: str, done: int, of: int) -> None:
        assert 0 <= done <= of
        told[what] = (done, of)

    backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW, progress=progress)
    assert list(told) == ["copying the database", "writing the archive"]
    shutil.rmtree(server.blobs)
    restore(tmp_path / "a.tar", server.url, server.blobs, epoch="e", progress=progress)
    assert list(told)[2:] == ["reading the archive", "putting files back", "replacing the database"]
    assert all(done == of for done, of in told.values())


def test_a_backup_under_another_process_that_writes_is_one_moment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)
    heard: list[tuple[str, int]] = []
    with another_process_writing(server, heard) as wait_for:
        first = backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
        wait_for(50)
        second = backup(server.url, server.blobs, tmp_path / "b.tar", now=NOW)
    assert 50 <= first.messages < second.messages <= len(heard)
    for made, archive in ((first, "a.tar"), (second, "b.tar")):
        other = Server(tmp_path / f"from-{archive}")
        other.folder.mkdir()
        restore(tmp_path / archive, other.url, other.blobs, epoch="e")
        assert other.is_one_whole()
        assert other.ask("SELECT seq FROM rooms") == len(other.said()) == made.messages


def test_a_restore_under_another_process_that_writes_loses_nothing_of_what_it_wrote_after(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)
    server.say(*(f"old {number}" * 50 for number in range(500)))
    backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    heard: list[tuple[str, int]] = []
    with another_process_writing(server, heard) as wait_for:
        restore(tmp_path / "a.tar", server.url, server.blobs, epoch="second-epoch")
        wait_for(50)
    after = [seq for epoch, seq in heard if epoch == "second-epoch"]
    before = [seq for epoch, seq in heard if epoch == "first-epoch"]
    assert len(after) + len(before) == len(heard)
    assert before == list(range(501, 501 + len(before)))
    assert after == list(range(501, 501 + len(after))), (
        "what is written after the restore goes on where the backup ended"
    )
    assert server.said()[:500] == [f"old {number}" * 50 for number in range(500)]
    assert len(server.said()) >= 500 + len(after)
    assert server.is_one_whole()


def test_a_restore_that_is_cut_off_anywhere_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    servers = {epoch: new_server(tmp_path / epoch, epoch) for epoch in ("left", "right")}
    expected: dict[str, list[str]] = {}
    files = {"left": CONTENTS[0], "right": CONTENTS[1]}
    for epoch, server in servers.items():
        server.say(*(f"{epoch} {number} " * 40 for number in range(300)))
        server.share(files[epoch])
        expected[epoch] = server.said()
        backup(server.url, server.blobs, tmp_path / f"{epoch}.tar", now=NOW)

    live = new_server(tmp_path / "live")
    restore(tmp_path / "left.tar", live.url, live.blobs, epoch="left")
    chance = random.Random(20260131)
    outcomes = []
    with subprocess.Popen(
        [sys.executable, "-c", CUTTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as cutter:
        assert cutter.stdin is not None
        assert cutter.stdout is not None
        longest = 0.2
        for _ in range(60):
            now = live.ask("SELECT value FROM meta WHERE key = 'epoch'")
            wanted = "right" if now == "left" else "left"
            for path in live.blobs.rglob(sha256(files[wanted]).hexdigest()):
                path.unlink()
            print(
                tmp_path / f"{wanted}.tar",
                live.folder,
                wanted,
                chance.uniform(0.001, longest),
                file=cutter.stdin,
                flush=True,
            )
            code = int(cutter.stdout.readline())
            found = live.ask("SELECT value FROM meta WHERE key = 'epoch'")
            outcomes.append((code == 0, found == wanted))
            # Where few come through it is a slow machine, where most do a fast one: the cuts follow the work.
            longest *= 0.9 if code == 0 else 1.05
            assert found in {now, wanted}
            assert live.said() == expected[found]
            assert copying.damage(live.database) is None
            assert files[found] in live.files()
            if code == 0:
                assert found == wanted
        cutter.stdin.close()
    assert (False, False) in outcomes, "some were cut off before the new content was there"
    assert (True, True) in outcomes, "some came through"


@pytest.mark.parametrize("part", ["database", "file"])
def test_an_archive_that_is_damaged_changes_nothing(server: Server, tmp_path: Path, part: str) -> None:
    server.say("a message that can be found in the file")
    server.share(CONTENTS[0])
    archive = tmp_path / "a.tar"
    backup(server.url, server.blobs, archive, now=NOW)
    server.say("after")
    shutil.rmtree(server.blobs)
    needle = {"database": b"a message that can be found", "file": CONTENTS[0][:100]}[part]
    archive.write_bytes(archive.read_bytes().replace(needle, needle[::-1], 1))
    with pytest.raises(StartError, match="is not a whole backup of Kibitz"):
        restore(archive, server.url, server.blobs, epoch="e")
    assert server.said() == ["a message that can be found in the file", "after"]
    assert server.ask("SELECT value FROM meta WHERE key = 'epoch'") == "first-epoch"
    assert server.files() == set()
    assert list((server.blobs / "staging").iterdir()) == []


def test_a_backup_of_a_newer_kibitz_changes_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = new_server(tmp_path / "newer")
    with closing(sqlite3.connect(newer.database, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    with monkeypatch.context() as later:
        later.setattr(upgrading, "NEWEST", "0099")
        backup(newer.url, newer.blobs, tmp_path / "a.tar", now=NOW)
    server.say("kept")
    with pytest.raises(DatabaseTooNew, match=r"by a newer Kibitz \(revision 0099"):
        restore(tmp_path / "a.tar", server.url, server.blobs, epoch="e")
    assert server.said() == ["kept"]


def test_what_an_archive_holds_can_be_looked_at_first(server: Server, tmp_path: Path) -> None:
    made = backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    assert look(tmp_path / "a.tar") == made
    with pytest.raises(StartError, match=r"b\.tar cannot be used: No such file or directory"):
        look(tmp_path / "b.tar")


def test_a_disk_with_too_little_room_is_told_before_anything_is_done(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.share(CONTENTS[1])
    backup(server.url, server.blobs, tmp_path / "a.tar", now=NOW)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(StartError, match=r"which has 1,000 free: make room\."):
        backup(server.url, server.blobs, tmp_path / "b.tar", now=NOW)
    with pytest.raises(StartError, match=r"which has 1,000 free: make room\."):
        restore(tmp_path / "a.tar", server.url, server.blobs, epoch="e")
    assert not (tmp_path / "b.tar").exists()


def test_a_disk_that_fills_up_meanwhile_leaves_no_half_archive(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backups").mkdir()

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StartError, match="The disk is full: make room"):
        backup(server.url, server.blobs, tmp_path / "backups" / "a.tar", now=NOW)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_place_that_cannot_take_the_archive_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="There is no directory"):
        backup(server.url, server.blobs, tmp_path / "none" / "a.tar", now=NOW)
    with pytest.raises(StartError, match="is a directory: name a file in it"):
        backup(server.url, server.blobs, tmp_path, now=NOW)
    before = server.database.read_bytes()
    with pytest.raises(StartError, match="is there already: name a new file"):
        backup(server.url, server.blobs, server.database, now=NOW)
    assert server.database.read_bytes() == before


def test_an_empty_or_missing_database_has_nothing_to_back_up(tmp_path: Path) -> None:
    nothing = Server(tmp_path)
    with pytest.raises(StartError, match="cannot be opened"):
        backup(nothing.url, nothing.blobs, tmp_path / "a.tar", now=NOW)
    nothing.database.touch()
    with pytest.raises(StartError, match="nothing to back up yet"):
        backup(nothing.url, nothing.blobs, tmp_path / "a.tar", now=NOW)


def test_another_kind_of_database_is_left_to_its_own_tools(tmp_path: Path) -> None:
    url = make_url("postgresql+psycopg://kibitz:geheim@db.example/kibitz")
    with pytest.raises(StartError, match="such as pg_dump") as told_by_backup:
        backup(url, tmp_path, tmp_path / "a.tar", now=NOW)
    with pytest.raises(StartError, match="such as pg_dump") as told_by_restore:
        restore(tmp_path / "a.tar", url, tmp_path, epoch="e")
    assert "geheim" not in f"{told_by_backup.value} {told_by_restore.value}"
