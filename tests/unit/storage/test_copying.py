"""Copies of a database that is in use."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from kibitz.storage import copying
from kibitz.storage.copying import damage, overwrite, replacing, snapshot

WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("PRAGMA synchronous = OFF")
number = 0
while True:
    number += 1
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO said (number, text) VALUES (?, ?)", (number, "x" * 500))
    connection.execute("UPDATE total SET number = number + 1")
    connection.execute("COMMIT")
    if number == 200:
        print("busy", flush=True)
"""


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A database of two tables that must agree: `total` counts the rows of `said`."""
    path = tmp_path / "live.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, number INTEGER, text TEXT)")
        connection.execute("CREATE TABLE total (number INTEGER)")
        connection.execute("INSERT INTO total VALUES (0)")
    return path


@contextmanager
def another_process_writing(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "busy\n"
            yield writer
        finally:
            writer.kill()


def counts(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT (SELECT number FROM total), (SELECT count(*) FROM said)").fetchone()
    return row[0], row[1]


def fill(path: Path, rows: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO said (number, text) VALUES (?, ?)", [(n, "old" * 99) for n in range(rows)])
        connection.execute("UPDATE total SET number = number + ?", (rows,))
        connection.execute("COMMIT")


def test_a_snapshot_taken_while_another_process_writes_is_one_moment(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)  # as many chances as can be for a write to come between
    seen: list[tuple[int, int]] = []
    with another_process_writing(live) as writer:
        for number in range(5):
            target = tmp_path / f"copy-{number}.db"
            snapshot(live, target)
            assert damage(target) is None
            seen.append(counts(target))
        assert writer.poll() is None
    assert all(total == rows >= 200 for total, rows in seen)
    assert seen == sorted(seen)
    assert seen[0] != seen[-1], "the writer went on meanwhile"


def test_a_snapshot_is_a_single_file(live: Path, tmp_path: Path) -> None:
    fill(live, 10)
    snapshot(live, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy.db"]


def test_a_snapshot_of_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        snapshot(tmp_path / "none.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_the_whole(live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)
    fill(live, 200)
    told: list[tuple[int, int]] = []
    snapshot(live, tmp_path / "copy.db", lambda done, of: told.append((done, of)))
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == (told[-1][1], (tmp_path / "copy.db").stat().st_size)


def test_overwriting_under_another_process_that_writes_gives_it_the_new_content(live: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    snapshot(live, source)
    fill(source, 1_000_000 // 500)
    with another_process_writing(live) as writer:
        overwrite(live, source)
        total, rows = counts(live)
        assert writer.poll() is None
    assert total == rows >= 2000
    assert damage(live) is None


def test_a_reader_in_the_midst_keeps_the_old_content_until_it_is_done(live: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    snapshot(live, source)
    fill(source, 7)
    with closing(sqlite3.connect(live, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM said").fetchone() == (0,)
        overwrite(live, source)
        assert reader.execute("SELECT count(*) FROM said").fetchone() == (0,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM said").fetchone() == (7,)


def test_overwriting_that_is_cut_off_leaves_the_old_content(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source.db"
    snapshot(live, source)
    fill(source, 500)
    fill(live, 3)
    monkeypatch.setattr(copying, "PAGES", 1)

    def cut(done: int, of: int) -> None:
        if done > of // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        overwrite(live, source, cut)
    assert counts(live) == (3, 3)
    assert damage(live) is None


def test_overwriting_waits_for_a_writer_only_so_long(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "BUSY_SECONDS", 0.05)
    source = tmp_path / "source.db"
    snapshot(live, source)
    with closing(sqlite3.connect(live, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            overwrite(live, source)
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_BUSY


def test_a_database_with_another_page_size_can_be_overwritten(live: Path, tmp_path: Path) -> None:
    target = tmp_path / "small-pages.db"
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 1024")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE other (id INTEGER)")
    source = tmp_path / "source.db"
    snapshot(live, source)
    fill(source, 20)
    overwrite(target, source)
    assert counts(target) == (20, 20)


def test_overwriting_makes_a_database_that_is_not_there(live: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    snapshot(live, source)
    overwrite(tmp_path / "new.db", source)
    assert counts(tmp_path / "new.db") == (0, 0)


def test_damage_is_found(live: Path, tmp_path: Path) -> None:
    fill(live, 500)
    copy = tmp_path / "copy.db"
    snapshot(live, copy)
    assert damage(copy) is None
    content = bytearray(copy.read_bytes())
    content[-3 * 4096 : -2 * 4096] = b"\xff" * 4096
    copy.write_bytes(content)
    assert damage(copy) is not None


def test_a_reference_to_nothing_is_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "dangling.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE rooms (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE said (room INTEGER REFERENCES rooms (id))")
        connection.execute("INSERT INTO said VALUES (7)")
    assert damage(path) == "a row of said refers to a row of rooms that is not there"


def test_a_file_that_is_replaced_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    target.write_text("old")
    with replacing(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_fails_midway_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "letter.txt"
    target.write_text("old")
    with suppress(KeyboardInterrupt), replacing(target) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
