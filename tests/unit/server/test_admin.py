"""`kibitz admin`: accounts and data, beside a server that runs or without one."""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import argon2
import pytest
import structlog
from click.testing import CliRunner, Result

from kibitz.server.admin import admin
from kibitz.storage import lock, upgrade
from kibitz.storage.upgrade import NEWEST

PASSWORD = "correct horse battery"

Kibitz = Callable[..., Result]


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """The commands set up logging, as a program does once in its life."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in [name for name in os.environ if name.startswith("KIBITZ_")]:
        monkeypatch.delenv(variable)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def kibitz(data: Path) -> Kibitz:
    """The command, with a password on standard input."""

    def run(command: str, *args: str, typed: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(admin, [command, "--data-dir", str(data), *args], input=typed)

    return run


@pytest.fixture
def alice(kibitz: Kibitz) -> Kibitz:
    """The command, on a server that alice owns and bob is a member of."""
    assert kibitz("create-user", "alice", "--password-stdin").exit_code == 0
    assert kibitz("create-user", "bob", "--password-stdin").exit_code == 0
    return kibitz


def rows(data: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(data / "kibitz.db", isolation_level=None)) as connection:
        return connection.execute(sql).fetchall()


def roles(data: Path) -> dict[str, str]:
    return dict(rows(data, "SELECT name, role FROM users"))


def is_password(data: Path, name: str, password: str) -> bool:
    ((stored,),) = rows(data, f"SELECT password_hash FROM users WHERE name = '{name}'")  # noqa: S608 - of our own cast
    try:
        return argon2.PasswordHasher().verify(stored, password)
    except argon2.exceptions.VerifyMismatchError:
        return False


def test_the_first_account_owns_the_server_and_the_next_are_what_they_are_made(kibitz: Kibitz, data: Path) -> None:
    first = kibitz("create-user", "alice", "--role", "member", "--password-stdin")
    assert first.stdout == "alice has an account now, as owner.\n"
    second = kibitz("create-user", "bob", "--role", "admin", "--password-stdin")
    assert second.stdout == "bob has an account now, as admin.\n"
    assert kibitz("create-user", "carol", "--password-stdin").exit_code == 0
    assert roles(data) == {"alice": "owner", "bob": "admin", "carol": "member"}
    assert is_password(data, "alice", PASSWORD)


def test_the_directory_of_a_server_that_never_ran_is_made_for_its_owner_alone(kibitz: Kibitz, data: Path) -> None:
    assert kibitz("create-user", "alice", "--password-stdin").exit_code == 0
    assert data.stat().st_mode & 0o777 == 0o700
    assert rows(data, "SELECT name FROM rooms") == [("general",)]


def test_a_password_is_asked_twice_and_never_shown(kibitz: Kibitz, data: Path) -> None:
    result = kibitz("create-user", "alice", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert is_password(data, "alice", PASSWORD)


def test_a_password_cannot_be_an_argument(kibitz: Kibitz) -> None:
    assert kibitz("create-user", "alice", PASSWORD).exit_code == 2
    assert kibitz("create-user", "alice", "--password", PASSWORD).exit_code == 2


@pytest.mark.parametrize("typed", ["short\n", "x" * 300 + "\n", "\n", ""])
def test_a_password_that_is_too_short_or_too_long_is_refused(alice: Kibitz, data: Path, typed: str) -> None:
    for command, name in (("create-user", "carol"), ("reset-password", "bob")):
        result = alice(command, name, "--password-stdin", typed=typed)
        assert (result.exit_code, result.stderr) == (1, "Error: A password has 8 to 256 characters.\n")
    assert is_password(data, "bob", PASSWORD)


def test_a_line_that_ends_as_on_windows_is_the_same_password(kibitz: Kibitz, data: Path) -> None:
    assert kibitz("create-user", "alice", "--password-stdin", typed=f"{PASSWORD}\r\n").exit_code == 0
    assert is_password(data, "alice", PASSWORD)


def test_a_name_that_is_taken_or_no_name_is_refused(alice: Kibitz, data: Path) -> None:
    assert "is taken" in alice("create-user", "ALICE", "--password-stdin").stderr
    assert "one word of letters" in alice("create-user", "two words", "--password-stdin").stderr
    assert set(roles(data)) == {"alice", "bob"}


def test_a_new_password_ends_every_login(alice: Kibitz, data: Path) -> None:
    with closing(sqlite3.connect(data / "kibitz.db", isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO tokens (user_id, kind, hash, created_at) SELECT id, 'login', name, '' FROM users"
        )
    result = alice("reset-password", "bob", "--password-stdin", typed="another password\n")
    assert result.exit_code == 0
    assert is_password(data, "bob", "another password")
    assert rows(data, "SELECT hash FROM tokens") == [("alice",)]


def test_nobody_is_asked_for_the_password_of_a_user_who_is_not_there(alice: Kibitz) -> None:
    result = alice("reset-password", "dave")
    assert result.exit_code == 1
    assert result.output == "Error: User 'dave' not found.\n"


def test_a_guest_by_name_alone_gets_no_password_and_no_role(alice: Kibitz, data: Path) -> None:
    rows(data, "INSERT INTO users (name, name_key, role, created_at) VALUES ('dave', 'dave', 'guest', '')")
    for result in (alice("reset-password", "dave", "--password-stdin"), alice("promote", "dave", "admin")):
        assert result.exit_code == 1
        assert "is a guest by name alone" in result.stderr


def test_a_role_can_be_given_and_taken(alice: Kibitz, data: Path) -> None:
    assert alice("promote", "bob", "admin").stdout == "bob is admin now.\n"
    assert roles(data)["bob"] == "admin"
    assert alice("promote", "bob", "guest").exit_code == 0
    assert roles(data)["bob"] == "guest"


def test_a_new_owner_relieves_the_one_before(alice: Kibitz, data: Path) -> None:
    assert alice("promote", "bob", "owner").exit_code == 0
    assert roles(data) == {"alice": "admin", "bob": "owner"}


def test_the_owner_cannot_be_taken_away(alice: Kibitz, data: Path) -> None:
    result = alice("promote", "alice", "member")
    assert "make somebody else the owner instead" in result.stderr
    assert roles(data) == {"alice": "owner", "bob": "member"}


def test_a_role_that_does_not_exist_is_a_wrong_usage(alice: Kibitz) -> None:
    assert alice("promote", "bob", "emperor").exit_code == 2


def test_everyone_is_listed_over_many_pages(alice: Kibitz, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kibitz.server.admin._PAGE", 2)
    rows(data, "INSERT INTO users (name, name_key, role, created_at) VALUES ('dave', 'dave', 'guest', '')")
    rows(data, "UPDATE users SET disabled = 1, last_seen_at = '2026-01-31T12:00:00.000Z' WHERE name = 'bob'")
    heading, *lines = alice("list-users").stdout.splitlines()
    assert heading.split() == ["NAME", "ROLE", "STATE", "LAST", "SEEN"]
    assert [" ".join(line.split()) for line in lines] == [
        "alice owner active -",
        "bob member locked 2026-01-31T12:00:00.000Z",
        "dave guest no account -",
    ]


@pytest.mark.parametrize("command", [("list-users",), ("promote", "bob", "admin"), ("reset-password", "bob")])
def test_a_database_that_is_not_there_is_not_made_by_mistake(
    kibitz: Kibitz, data: Path, command: tuple[str, ...]
) -> None:
    result = kibitz(*command)
    assert f"There is no database {data / 'kibitz.db'}" in result.stderr
    assert not data.exists()


def test_the_commands_work_beside_a_server_that_runs(alice: Kibitz, data: Path) -> None:
    with lock.hold(data):
        assert alice("create-user", "carol", "--password-stdin").exit_code == 0
        assert alice("promote", "carol", "admin").exit_code == 0
        assert alice("backup", str(data / "a.tar")).exit_code == 0
        assert alice("restore", str(data / "a.tar"), "--yes").exit_code == 0
    assert roles(data)["carol"] == "admin"


def test_an_older_server_that_runs_is_left_alone(alice: Kibitz, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kibitz.server.admin.NEWEST", "0999")
    monkeypatch.setattr(upgrade, "NEWEST", "0999")
    with lock.hold(data):
        result = alice("promote", "bob", "admin")
    assert "restart it first" in result.stderr
    assert roles(data)["bob"] == "member"
    assert rows(data, "SELECT version_num FROM alembic_version") == [(NEWEST,)]


def test_no_server_starts_on_data_that_is_being_restored(
    alice: Kibitz, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alice("backup", str(data / "a.tar")).exit_code == 0
    holders: list[int | None] = []
    monkeypatch.setattr("kibitz.server.admin.backups.restore", lambda *_, **__: holders.append(lock.holder(data)))
    assert alice("restore", str(data / "a.tar"), "--yes").exit_code == 0
    assert holders == [os.getpid()]


def test_a_database_in_other_hands_is_told_in_words(alice: Kibitz, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kibitz.storage.store.BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(data / "kibitz.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = alice("promote", "bob", "admin")
    assert result.exit_code == 1
    assert "is locked by another program" in result.stderr


def test_a_backup_comes_back_under_a_new_epoch(alice: Kibitz, data: Path, tmp_path: Path) -> None:
    epoch = rows(data, "SELECT value FROM meta WHERE key = 'epoch'")
    made = alice("backup", str(tmp_path / "a.tar"))
    assert made.stdout == f"{tmp_path / 'a.tar'}: 2 users, 0 messages, 0 files (0.0 MB).\n"
    alice("promote", "bob", "admin")
    result = alice("restore", str(tmp_path / "a.tar"), typed="y\n")
    assert result.exit_code == 0
    assert "2 users, 0 messages, 0 files" in result.stdout
    assert roles(data)["bob"] == "member"
    assert rows(data, "SELECT value FROM meta WHERE key = 'epoch'") != epoch


def test_a_restore_asks_first(alice: Kibitz, data: Path, tmp_path: Path) -> None:
    alice("backup", str(tmp_path / "a.tar"))
    alice("promote", "bob", "admin")
    result = alice("restore", str(tmp_path / "a.tar"), typed="n\n")
    assert result.exit_code == 1
    assert f"Replace all that is in {data / 'kibitz.db'} by it?" in result.stdout
    assert roles(data)["bob"] == "admin"


def test_a_restore_onto_a_new_machine_makes_what_it_needs(alice: Kibitz, tmp_path: Path) -> None:
    alice("backup", str(tmp_path / "a.tar"))
    other = tmp_path / "other"
    result = CliRunner().invoke(admin, ["restore", "--data-dir", str(other), str(tmp_path / "a.tar"), "--yes"])
    assert result.exit_code == 0
    assert roles(other) == {"alice": "owner", "bob": "member"}


def test_what_is_no_backup_is_refused_before_anyone_is_asked(alice: Kibitz, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")
    result = alice("restore", str(tmp_path / "letter.txt"))
    assert result.exit_code == 1
    assert "is not a whole backup of Kibitz" in result.stderr
    assert "Replace" not in result.output


def test_a_file_that_could_not_be_backed_up_is_told(alice: Kibitz, data: Path, tmp_path: Path) -> None:
    rows(
        data,
        "INSERT INTO shared_files (room_id, message_seq, sender_id, filename, file_size, mime_type, sha256, shared_at) "
        "VALUES (1, 1, 1, 'a', 5, 'x/y', 'abcd', '')",
    )
    result = alice("backup", str(tmp_path / "a.tar"))
    assert result.exit_code == 0
    assert result.stderr == "warning: a file is gone or damaged and could not be backed up: abcd\n"
