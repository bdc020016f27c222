"""`kibitz doctor`: each check finds what is wrong, and says how to mend it."""

import json
import os
import shutil
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kibitz.server import doctor as doctors
from kibitz.server import self_signed
from kibitz.server.config import Settings
from kibitz.server.doctor import CHECKS, SYNCS, Check, Finding, State, doctor, examine
from kibitz.storage import lock, upgrade
from kibitz.storage.store import database_url, open_engine


@pytest.fixture(autouse=True)
def _good_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine under the tests may lack, so that each test says itself what is wrong."""
    monkeypatch.setattr(doctors, "raise_open_files", lambda: None)
    monkeypatch.setattr(doctors, "SLOW_SYNC", float("inf"))
    monkeypatch.setattr(doctors, "ENOUGH_DISK", 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", tcp_port=0, http_port=0)


@pytest.fixture
def database(settings: Settings) -> Path:
    settings.data_dir.mkdir()
    engine = open_engine(database_url(settings.database), writer=True)
    upgrade.upgrade(engine)
    engine.dispose()
    return Path(settings.database)


@contextmanager
def somebody_listening() -> Iterator[int]:
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        here.listen()
        yield here.getsockname()[1]


def run(*options: str) -> Any:
    return CliRunner().invoke(doctor, [*options, "--tcp-port", "0", "--http-port", "0"])


def a_certificate(directory: Path, made: datetime) -> Path:
    path = directory / "cert.pem"
    path.write_bytes(self_signed.make(["localhost"], made))
    return path


def test_a_machine_that_has_everything_is_told_so(tmp_path: Path) -> None:
    result = run("--data-dir", str(tmp_path))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == [
        f"✓ {check.name}" for check in CHECKS
    ]


def test_json_holds_every_check(tmp_path: Path) -> None:
    found = json.loads(run("--data-dir", str(tmp_path), "--json").stdout)
    assert [row["check"] for row in found] == [check.name for check in CHECKS]
    assert {row["state"] for row in found} == {"ok"}
    assert set(found[0]) == {"check", "state", "found", "mend"}


def test_something_essential_that_is_missing_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("--data-dir", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert "✗ Data directory" in result.stdout
    assert "name another place with --data-dir" in result.stdout


def test_a_warning_alone_does_not_end_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctors, "raise_open_files", lambda: 1024)
    result = run("--data-dir", str(tmp_path))
    assert result.exit_code == 0
    assert "! Open files: 1,024 allowed, 10,256 needed for 10,000 clients" in result.stdout
    assert "LimitNOFILE=10256" in result.stdout


def test_a_check_that_fails_itself_is_a_finding() -> None:
    def broken(_: Settings) -> Finding:
        raise ZeroDivisionError("by zero")

    finding = examine(Check("Broken", broken), Settings())
    assert finding.state is State.FAILED
    assert "ZeroDivisionError: by zero" in finding.found


def test_a_doctor_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    for check in CHECKS:
        check.run(settings)
    assert list(tmp_path.iterdir()) == []


def test_an_old_python_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert doctors.check_python(settings).mend == "Install Python 3.11 or newer."


def test_an_old_sqlite_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    finding = doctors.check_sqlite(settings)
    assert finding.state is State.FAILED
    assert "3.35.0 or newer" in finding.mend


def test_a_full_disk_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(doctors, "ENOUGH_DISK", 1_000_000_000)
    for free, state in ((doctors.LEAST_DISK - 1, State.FAILED), (doctors.LEAST_DISK, State.WARNING)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        finding = doctors.check_data_dir(settings)
        assert finding.state is state
        assert "0.1 GB free" in finding.found
        assert "Make room" in finding.mend


def test_a_slow_disk_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([tick * 0.02 for tick in range(2 * SYNCS)])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(doctors, "SLOW_SYNC", 0.02)
    finding = doctors.check_disk_speed(settings)
    assert finding.state is State.WARNING
    assert finding.found.startswith("20.0 ms to make a small write durable")


def test_the_disk_is_measured_with_real_writes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    really = os.fsync

    def sync(file: int) -> None:
        synced.append(os.fstat(file).st_size)
        really(file)

    monkeypatch.setattr(os, "fsync", sync)
    assert "median of 20, measured just now" in doctors.check_disk_speed(settings).found
    assert synced == [4096 * number for number in range(1, SYNCS + 1)]


@pytest.mark.usefixtures("database")
def test_a_sound_database_is_told_with_its_revision(settings: Settings) -> None:
    finding = doctors.check_database(settings)
    assert (finding.state, finding.mend) == (State.OK, "")
    assert f"is sound and at revision {upgrade.NEWEST}" in finding.found


def test_an_older_database_is_going_to_be_migrated(
    settings: Settings, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_with = upgrade.NEWEST
    monkeypatch.setattr(upgrade, "NEWEST", "0999")
    finding = doctors.check_database(settings)
    assert finding.state is State.WARNING
    assert f"{database} is at revision {made_with}; this program's is 0999" in finding.found


def test_a_newer_database_is_a_failure(settings: Settings, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    finding = doctors.check_database(settings)
    assert finding.state is State.FAILED
    assert "was written by a newer Kibitz" in finding.mend


def test_a_damaged_database_is_a_failure(settings: Settings, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("CREATE TABLE more (text TEXT)")
        connection.executemany("INSERT INTO more VALUES (?)", [("x" * 3000,)] * 20)
    content = bytearray(database.read_bytes())
    content[-3 * 4096 : -2 * 4096] = b"\xff" * 4096
    database.write_bytes(content)
    finding = doctors.check_database(settings)
    assert finding.state is State.FAILED
    assert "is damaged" in finding.found
    assert "kibitz admin restore" in finding.mend


def test_a_file_that_is_no_database_is_a_failure(settings: Settings) -> None:
    settings.data_dir.mkdir()
    Path(settings.database).write_text("Dear reader, " * 100)
    finding = doctors.check_database(settings)
    assert finding.state is State.FAILED
    assert "is not a SQLite database" in finding.mend


@pytest.mark.parametrize("name", ["tcp_port", "http_port"])
def test_a_port_that_is_taken_is_found_with_who_has_it(settings: Settings, name: str) -> None:
    with somebody_listening() as port:
        taken: Any = {name: port}
        finding = doctors.check_port(name, replace(settings, **taken))
    assert finding.state is State.FAILED
    assert f"{port} on 127.0.0.1 is" in finding.found
    assert finding.mend == f"Stop that, or choose another port with --{name.replace('_', '-')}."
    if sys.platform == "linux":
        assert f"(process {os.getpid()})" in finding.found


def test_a_port_that_the_server_here_has_is_as_it_should_be(settings: Settings) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells who has a port")
    with somebody_listening() as port, lock.hold(settings.data_dir):
        finding = doctors.check_port("tcp_port", replace(settings, tcp_port=port))
    assert (finding.state, finding.found) == (
        State.OK,
        f"{port} is used by the server that runs here (process {os.getpid()})",
    )


def test_a_free_port_is_told(settings: Settings) -> None:
    with somebody_listening() as port:
        pass
    assert doctors.check_port("tcp_port", replace(settings, tcp_port=port)).found == f"{port} is free on 127.0.0.1"


def test_a_host_that_is_not_this_machine_is_found(settings: Settings) -> None:
    # 192.0.2.1 is for documentation (RFC 5737), so no machine has it.
    assert doctors.check_port("tcp_port", replace(settings, host="192.0.2.1")).state is State.FAILED


def test_a_limit_of_open_files_that_is_high_enough_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctors.check_open_files(settings) == Finding(State.OK, "no limit")
    monkeypatch.setattr(doctors, "raise_open_files", lambda: 10_256)
    assert doctors.check_open_files(settings).state is State.OK
    monkeypatch.setattr(doctors, "raise_open_files", lambda: 10_255)
    assert doctors.check_open_files(settings).state is State.WARNING


def test_a_certificate_is_told_with_its_end(settings: Settings, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    cert = a_certificate(tmp_path, now)
    finding = doctors.check_tls(replace(settings, tls_cert=cert, tls_key=cert))
    assert finding.state is State.OK
    assert f"is valid until {now + self_signed.VALID_FOR:%Y-%m-%d}" in finding.found


@pytest.mark.parametrize(
    ("left", "state", "mend"),
    [(timedelta(days=10), State.WARNING, "Renew it soon"), (timedelta(days=-1), State.FAILED, "Get a new certificate")],
)
def test_a_certificate_that_ends_is_found(
    settings: Settings, tmp_path: Path, left: timedelta, state: State, mend: str
) -> None:
    cert = a_certificate(tmp_path, datetime.now(UTC) - self_signed.VALID_FOR + left)
    finding = doctors.check_tls(replace(settings, tls_cert=cert, tls_key=cert))
    assert finding.state is state
    assert mend in finding.mend


def test_a_certificate_that_cannot_be_used_is_found(settings: Settings, tmp_path: Path) -> None:
    none = tmp_path / "none.pem"
    finding = doctors.check_tls(replace(settings, tls_cert=none, tls_key=none))
    assert finding.state is State.FAILED
    assert "cannot be read" in finding.mend


def test_guests_over_an_open_network_are_warned_of(settings: Settings) -> None:
    finding = doctors.check_tls(replace(settings, guests=True, host="0.0.0.0"))  # noqa: S104 - nothing listens
    assert finding.state is State.WARNING
    assert "--tls-self-signed" in finding.mend


def test_a_clock_that_went_back_is_found(settings: Settings, database: Path) -> None:
    assert doctors.check_clock(settings).state is State.OK
    ahead = datetime.now(UTC) + timedelta(days=1)
    os.utime(database, (ahead.timestamp(), ahead.timestamp()))
    finding = doctors.check_clock(settings)
    assert finding.state is State.FAILED
    assert "timedatectl set-ntp true" in finding.mend


def test_a_clock_from_before_the_program_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctors, "FIRST_RELEASE", datetime.now(UTC) + timedelta(days=1))
    assert doctors.check_clock(settings).state is State.FAILED
