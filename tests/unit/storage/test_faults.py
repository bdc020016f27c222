"""What a database's errors mean to people."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, QueuePool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from kibitz.storage.faults import Fault, StartError, fault_of, refusal_of, told_at_start
from kibitz.storage.store import database_url, open_engine

NOBODY = 65534


class ServerError(Exception):
    """An error as a PostgreSQL driver raises it, by the attributes that the adapters are documented to have."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("in words that change")
        self.sqlstate = sqlstate


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's rights, which permissions do not bind."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that every user of the machine can reach, which pytest's own cannot be."""
    directory = Path(tempfile.mkdtemp(prefix="kibitz-test-"))
    directory.chmod(0o755)
    yield directory
    directory.chmod(0o755)
    shutil.rmtree(directory)


def a_database(path: Path) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE said (text TEXT)")
        connection.executemany("INSERT INTO said VALUES (?)", [("x" * 900,)] * 100)
    return path


def write_to(path: Path, *pragmas: str) -> Exception:
    """What comes of writing with these pragmas, as the committer meets it."""
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": 0})
    with pytest.raises(Exception) as caught, engine.begin() as tx:  # noqa: PT011, PT012 - the kind is what is under test
        for pragma in pragmas:
            tx.exec_driver_sql(f"PRAGMA {pragma}")
        tx.execute(text("INSERT INTO said SELECT a.text FROM said a, said b"))
    engine.dispose()
    return caught.value


def opening(url: URL) -> str:
    """Why a server cannot start on this database."""
    with pytest.raises(StartError) as caught, told_at_start(url):
        open_engine(url, writer=True).connect()
    return str(caught.value)


def test_a_lock_that_another_process_holds_is_worth_another_try(tmp_path: Path) -> None:
    path = a_database(tmp_path / "a.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refusal = refusal_of(write_to(path))
    assert refusal is not None
    assert (refusal.code, refusal.retry_after) == ("unavailable", 1.0)
    assert "nothing was stored" in refusal.message


def test_a_full_disk_says_so_and_stores_nothing(tmp_path: Path) -> None:
    path = a_database(tmp_path / "a.db")
    refusal = refusal_of(write_to(path, "max_page_count = 60"))
    assert refusal is not None
    assert (refusal.code, refusal.message) == ("unavailable", "The server's disk is full; nothing was stored.")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (100,)


def test_a_database_that_may_not_be_written_to_says_so(tmp_path: Path) -> None:
    error = write_to(a_database(tmp_path / "a.db"), "query_only = ON")
    assert fault_of(error) is Fault.READ_ONLY
    assert refusal_of(error)


def test_a_damaged_page_is_told_from_a_bug(tmp_path: Path) -> None:
    path = a_database(tmp_path / "a.db")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    error = write_to(path)
    assert fault_of(error) is Fault.DAMAGED
    refusal = refusal_of(error)
    assert refusal is not None
    assert "restore a backup" in refusal.message


def test_our_own_mistakes_are_not_the_databases(tmp_path: Path) -> None:
    path = a_database(tmp_path / "a.db")
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.connect() as tx, pytest.raises(DBAPIError) as caught:
        tx.execute(text("SELECT no_such_column FROM said"))
    engine.dispose()
    assert refusal_of(caught.value) is None
    assert refusal_of(ValueError("a bug")) is None
    assert refusal_of(sqlite3.ProgrammingError("Cannot operate on a closed database.")) is None


def test_all_connections_being_in_use_is_worth_another_try(tmp_path: Path) -> None:
    url = URL.create("sqlite", database=str(a_database(tmp_path / "a.db")))
    engine = create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with engine.connect(), pytest.raises(Exception, match="QueuePool") as caught:
        engine.connect()
    engine.dispose()
    assert fault_of(caught.value) is Fault.BUSY


@pytest.mark.parametrize(
    ("sqlstate", "fault"),
    [
        ("08006", Fault.UNREACHABLE),  # connection_failure
        ("57P01", Fault.UNREACHABLE),  # admin_shutdown
        ("57P03", Fault.UNREACHABLE),  # cannot_connect_now
        ("57014", Fault.BUSY),  # query_canceled: the statement timeout
        ("40001", Fault.BUSY),  # serialization_failure
        ("40P01", Fault.BUSY),  # deadlock_detected
        ("55P03", Fault.BUSY),  # lock_not_available
        ("53100", Fault.FULL),  # disk_full
        ("53300", Fault.BUSY),  # too_many_connections
        ("25006", Fault.READ_ONLY),  # read_only_sql_transaction
        ("XX001", Fault.DAMAGED),  # data_corrupted
        ("58030", Fault.DISK),  # io_error
        ("23505", None),  # unique_violation: our own mistake
        ("42P01", None),  # undefined_table: likewise
        (None, Fault.UNREACHABLE),  # the driver could not reach the server at all
    ],
)
def test_postgresql_is_understood_by_its_codes(sqlstate: str | None, fault: Fault | None) -> None:
    assert fault_of(OperationalError("INSERT", {}, ServerError(sqlstate))) is fault


def test_a_connection_that_broke_is_told_from_a_bug() -> None:
    broken = DBAPIError("INSERT", {}, ServerError(None), connection_invalidated=True)
    assert fault_of(broken) is Fault.UNREACHABLE
    assert fault_of(DBAPIError("INSERT", {}, ServerError(None))) is None


def test_every_fault_has_an_answer_for_people() -> None:
    states = {Fault.BUSY: "40001", Fault.FULL: "53100", Fault.READ_ONLY: "25006", Fault.DAMAGED: "XX001"}
    for sqlstate in (*states.values(), "08006", "58030"):
        refusal = refusal_of(OperationalError("INSERT", {}, ServerError(sqlstate)))
        assert refusal is not None
        assert refusal.http_status == 503
        assert refusal.retry_after


def test_a_missing_directory_stops_the_start(tmp_path: Path) -> None:
    sentence = opening(database_url(str(tmp_path / "none" / "a.db")))
    assert sentence.startswith(f"There is no directory {tmp_path / 'none'}")


def test_a_directory_in_the_files_place_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    assert opening(database_url(str(tmp_path / "a.db"))).startswith(f"{tmp_path / 'a.db'} is a directory")


def test_a_file_that_is_no_database_stops_the_start_and_is_left_as_it_is(tmp_path: Path) -> None:
    letter = tmp_path / "a.db"
    letter.write_text("Dear reader, " * 100)
    assert "is not a SQLite database" in opening(database_url(str(letter)))
    assert letter.read_text() == "Dear reader, " * 100


def test_a_directory_that_may_not_be_written_to_stops_the_start(place: Path) -> None:
    place.chmod(0o555)
    with as_nobody():
        assert f"may not write to {place}" in opening(database_url(str(place / "a.db")))


def test_a_file_that_may_not_be_written_to_stops_the_start(place: Path) -> None:
    path = a_database(place / "a.db")
    place.chmod(0o777)
    path.chmod(0o444)
    with as_nobody():
        engine = open_engine(database_url(str(path)), writer=True)
        with (
            pytest.raises(StartError, match=f"may not write to {path}"),
            told_at_start(engine.url),
            engine.begin() as tx,
        ):
            tx.execute(text("DELETE FROM said"))


def test_a_lock_held_at_the_start_names_the_file(tmp_path: Path) -> None:
    path = a_database(tmp_path / "a.db")
    url = database_url(str(path))
    with pytest.raises(StartError, match=f"{path} is locked by another program"), told_at_start(url):
        raise write_to_a_locked(path)


def write_to_a_locked(path: Path) -> Exception:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        return write_to(path)


def test_a_password_in_the_url_is_not_told() -> None:
    url = make_url("postgresql+psycopg://kibitz:geheim@db.example/kibitz")
    with pytest.raises(StartError) as caught, told_at_start(url):
        raise OperationalError("SELECT 1", {}, ServerError("57P03"))
    assert "geheim" not in str(caught.value)
    assert "db.example" in str(caught.value)


def test_a_bug_at_the_start_is_not_dressed_up(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError), told_at_start(database_url(str(tmp_path / "a.db"))):
        raise sqlite3.ProgrammingError("You did not supply a value for binding 1.")
