"""Bringing a database to the shape this program knows. That each migration keeps the data is proved in tests/migrations."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from kibitz.storage import migrations, schema, upgrade
from kibitz.storage.faults import StartError
from kibitz.storage.seed import seed
from kibitz.storage.store import database_url, open_engine
from kibitz.storage.upgrade import DatabaseTooNew, NotKibitz

NOW = "2026-01-31T12:00:00.000Z"

STEP = '''
"""A step."""
from alembic import op
revision = "{revision}"
down_revision = "{before}"
def upgrade():
    {work}
'''

Later = Callable[..., None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kibitz.db"


@pytest.fixture
def engine(path: Path) -> Engine:
    return open_engine(database_url(str(path)), writer=True)


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Later:
    """A later Kibitz, with the real steps and the ones given: each is one SQL statement or more."""
    package = tmp_path / "later"
    shutil.copytree(migrations.__path__[0], package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "__path__", [str(package)])

    def add(*steps: str) -> None:
        for sql in steps:
            before = upgrade.NEWEST
            revision = f"{int(before) + 1:04}"
            work = "; ".join(f"op.execute({one.strip()!r})" for one in sql.split(";"))
            step = STEP.format(revision=revision, before=before, work=work)
            (package / "versions" / f"{revision}_test.py").write_text(step)
            monkeypatch.setattr(upgrade, "NEWEST", revision)

    return add


def fill(engine: Engine) -> None:
    with engine.begin() as tx:
        seed(tx, epoch="first-epoch", now=NOW)


def ask(path: Path, sql: str) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchone()[0]


def copies(path: Path) -> list[str]:
    return sorted(
        one.name for one in path.parent.glob(f"{path.name}.*") if "-wal" not in one.name and "-shm" not in one.name
    )


def test_an_empty_database_gets_every_table(engine: Engine, path: Path) -> None:
    upgrade.upgrade(engine)
    fill(engine)
    assert upgrade.revision(engine) == upgrade.NEWEST
    assert ask(path, "SELECT name FROM rooms") == "general"
    assert copies(path) == []


def test_a_start_with_nothing_to_do_changes_nothing_and_loads_no_alembic(engine: Engine, path: Path) -> None:
    upgrade.upgrade(engine)
    before = ask(path, "PRAGMA schema_version")
    program = (
        "import sys\n"
        "from kibitz.storage.store import database_url, open_engine\n"
        "from kibitz.storage.upgrade import upgrade\n"
        "upgrade(open_engine(database_url(sys.argv[1]), writer=True))\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert ask(path, "PRAGMA schema_version") == before


def test_every_missing_step_is_taken_in_order(engine: Engine, path: Path, later: Later) -> None:
    upgrade.upgrade(engine)
    fill(engine)
    later("ALTER TABLE rooms ADD COLUMN colour TEXT", "UPDATE rooms SET colour = 'green'")
    upgrade.upgrade(engine)
    assert upgrade.revision(engine) == upgrade.NEWEST
    assert ask(path, "SELECT colour FROM rooms") == "green"


def test_a_step_that_fails_leaves_the_database_as_the_step_before_left_it(
    engine: Engine, path: Path, later: Later
) -> None:
    upgrade.upgrade(engine)
    fill(engine)
    first = upgrade.NEWEST
    later(
        "ALTER TABLE rooms ADD COLUMN colour TEXT",
        "UPDATE rooms SET topic = 'gone'; DROP TABLE tokens; DROP TABLE attic",
    )
    with pytest.raises(Exception, match="no such table: attic"):
        upgrade.upgrade(engine)
    assert ask(path, "SELECT version_num FROM alembic_version") == f"{int(first) + 1:04}"
    assert ask(path, "SELECT topic FROM rooms") == ""
    assert ask(path, "SELECT count(*) FROM tokens") == 0


def test_a_table_can_be_made_anew_though_others_refer_to_it(engine: Engine, path: Path, later: Later) -> None:
    upgrade.upgrade(engine)
    fill(engine)
    with engine.begin() as tx:
        alice = {"id": 1, "name": "alice", "name_key": "alice", "role": "owner", "created_at": NOW}
        tx.execute(insert(schema.users).values(**alice))
        tx.execute(insert(schema.room_members).values(room_id=1, user_id=1, role="owner", joined_at=NOW))
    later(
        "DROP VIEW groups; DROP VIEW group_members; CREATE TABLE new AS SELECT * FROM rooms; DROP TABLE rooms;"
        "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO rooms SELECT id, name FROM new; DROP TABLE new"
    )
    upgrade.upgrade(engine)
    assert ask(path, "SELECT r.name FROM room_members m JOIN rooms r ON r.id = m.room_id") == "general"
    with engine.connect() as tx:
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_step_that_would_leave_references_to_nothing_is_undone(engine: Engine, path: Path, later: Later) -> None:
    upgrade.upgrade(engine)
    fill(engine)
    later("INSERT INTO room_members VALUES (1, 77, 'owner', '')")
    with pytest.raises(RuntimeError, match="references to rows that are gone"):
        upgrade.upgrade(engine)
    assert ask(path, "SELECT count(*) FROM room_members") == 0


def test_a_copy_from_before_is_kept_beside_the_database(engine: Engine, path: Path, later: Later) -> None:
    upgrade.upgrade(engine)
    fill(engine)
    first = upgrade.NEWEST
    later("UPDATE rooms SET topic = 'new'", "UPDATE rooms SET topic = 'newer'")
    upgrade.upgrade(engine)
    assert copies(path) == [f"kibitz.db.before-{int(first) + 1:04}"]
    assert ask(path.with_name(copies(path)[0]), "SELECT topic FROM rooms") == ""
    assert ask(path.with_name(copies(path)[0]), "SELECT version_num FROM alembic_version") == first


def test_the_last_two_copies_are_kept(engine: Engine, path: Path, later: Later) -> None:
    upgrade.upgrade(engine)
    for topic in ("one", "two", "three"):
        later(f"ALTER TABLE rooms ADD COLUMN {topic} TEXT")
        upgrade.upgrade(engine)
    newest = int(upgrade.NEWEST)
    assert copies(path) == [f"kibitz.db.before-{newest - 1:04}", f"kibitz.db.before-{newest:04}"]


def test_without_room_on_the_disk_no_copy_is_kept(
    engine: Engine, path: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade.upgrade(engine)
    later("SELECT 1")
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=2 * path.stat().st_size - 1))
    upgrade.upgrade(engine)
    assert upgrade.revision(engine) == upgrade.NEWEST
    assert copies(path) == []


def test_a_newer_database_is_refused_and_left_as_it_is(engine: Engine, path: Path) -> None:
    upgrade.upgrade(engine)
    with engine.begin() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(
        DatabaseTooNew, match=r"was written by a newer Kibitz \(revision 9999; this one knows \d{4}\): run that"
    ):
        upgrade.upgrade(engine)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE songs (title TEXT)",
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0001')",
        "CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE meta (key TEXT)",
        "CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE meta (key TEXT); "
        "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
    ],
)  # fmt: skip
def test_a_database_of_something_else_is_refused_and_left_as_it_is(engine: Engine, path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(sql)
    before = path.read_bytes()
    with pytest.raises(NotKibitz, match=f"{path} holds something else"):
        upgrade.upgrade(engine)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(engine: Engine, path: Path) -> None:
    path.write_text("Dear reader, " * 100)
    with pytest.raises(StartError, match="is not a SQLite database"):
        upgrade.upgrade(engine)


def test_a_database_that_someone_else_writes_to_is_refused(path: Path) -> None:
    engine = open_engine(database_url(str(path)), writer=True)
    upgrade.upgrade(engine)

    @event.listens_for(engine, "connect")
    def _impatient(connection: Any, _: object) -> None:
        connection.execute("PRAGMA busy_timeout = 0")

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StartError, match="is locked by another program"):
            upgrade.upgrade(engine)
