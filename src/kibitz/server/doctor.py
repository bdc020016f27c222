"""`kibitz doctor`: what is missing on this machine, and how to get it.

Rule: a check is one function and one row of `CHECKS`. It changes nothing, it says what it found, and where that is not good, how to
mend it.
"""

import os
import shutil
import socket
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import click
import msgspec
from cryptography import x509

from kibitz.server import tls
from kibitz.server.config import Settings
from kibitz.server.limits import RESERVED, raise_open_files
from kibitz.server.options import takes_settings
from kibitz.server.ports import listener
from kibitz.storage import copying, lock, upgrade
from kibitz.storage.faults import StartError, told_at_start
from kibitz.storage.store import database_url, open_engine

OLDEST_PYTHON: Final = (3, 11)
OLDEST_SQLITE: Final = (3, 35, 0)
"""The first with RETURNING, by which a room's next number is taken."""

ENOUGH_DISK: Final = 1_000_000_000
LEAST_DISK: Final = 100_000_000
"""Bytes: twenty of the largest files of the default settings, and two."""

SLOW_SYNC: Final = 0.02
"""Seconds to make a small write durable. SSDs take 0.1 to 5 ms, disks that turn about 10; more is a disk that many share."""

SYNCS: Final = 20

RENEW_SOON: Final = timedelta(days=14)

FIRST_RELEASE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time."""


class State(StrEnum):
    """How a check came out: a warning is worth mending, a failure keeps the server from working."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


MARKS: Final = {State.OK: ("✓", "green"), State.WARNING: ("!", "yellow"), State.FAILED: ("✗", "red")}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and how to mend it where that is not good."""

    state: State
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the table."""

    name: str
    run: Callable[[Settings], Finding]


def check_python(_: Settings) -> Finding:
    """Whether this Python is one that Kibitz is made for."""
    found = f"Python {sys.version.split()[0]}"
    if sys.version_info >= OLDEST_PYTHON:
        return Finding(State.OK, found)
    return Finding(State.FAILED, found, f"Install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer.")


def check_sqlite(_: Settings) -> Finding:
    """Whether the SQLite in this Python has what the tables and queries need."""
    found = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        return Finding(State.FAILED, found, f"Use a Python that was built with SQLite {needed} or newer.")
    connection = sqlite3.connect(":memory:")
    try:
        options = {option for (option,) in connection.execute("PRAGMA compile_options")}
    finally:
        connection.close()
    lacking = sorted(options & {"OMIT_WAL", "THREADSAFE=0"})
    if lacking:
        return Finding(
            State.FAILED, f"{found}, built with {', '.join(lacking)}", "Use a Python with a complete SQLite."
        )
    return Finding(State.OK, f"{found}, with write-ahead log and threads")


def check_data_dir(settings: Settings) -> Finding:
    """Whether the server can keep anything, and how much."""
    place = _nearest(settings.data_dir)
    try:
        with TemporaryFile(dir=place) as file:
            file.write(b"kibitz")
    except OSError as error:
        mend = f"Give this user the right to write to {place}, or name another place with --data-dir."
        return Finding(State.FAILED, f"{settings.data_dir} cannot be written to ({error.strerror})", mend)
    free = shutil.disk_usage(place).free
    made = "" if settings.data_dir.exists() else ", and will be made"
    found = f"{settings.data_dir} can be written to{made}; {free / 1e9:,.1f} GB free"
    if free >= ENOUGH_DISK:
        return Finding(State.OK, found)
    state = State.WARNING if free >= LEAST_DISK else State.FAILED
    return Finding(state, found, "Make room on this disk, or name a place on another one with --data-dir.")


def check_disk_speed(settings: Settings) -> Finding:
    """How long a message waits for the disk. Others who use the disk at this moment are in the figure."""
    try:
        taken = statistics.median(_sync_times(_nearest(settings.data_dir)))
    except OSError as error:
        return Finding(State.FAILED, f"could not be measured ({error.strerror})", "See the data directory above.")
    found = f"{taken * 1000:.1f} ms to make a small write durable (median of {SYNCS}, measured just now)"
    if taken < SLOW_SYNC:
        return Finding(State.OK, found)
    return Finding(State.WARNING, found, "Messages wait this long: put --data-dir on a local SSD.")


def check_database(settings: Settings) -> Finding:
    """Whether the database can be opened, is sound, and is of a revision that this program knows."""
    url = database_url(settings.database)
    path = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    if path is not None and not path.exists():
        return Finding(State.OK, f"none yet at {path}; the first start makes it")
    engine = open_engine(url, writer=False)
    try:
        with told_at_start(url):
            stands_at = upgrade.revision(engine)
            damage = copying.damage(path) if path is not None else None
    except StartError as error:
        return Finding(State.FAILED, "cannot be used", str(error))
    finally:
        engine.dispose()
    if damage:
        mend = f"Stop the server, move {path} away, and restore a backup with 'kibitz admin restore'."
        return Finding(State.FAILED, f"{path} is damaged: {damage}", mend)
    if stands_at != upgrade.NEWEST:
        found = f"{settings.database} is at revision {stands_at or 'zero'}; this program's is {upgrade.NEWEST}"
        return Finding(State.WARNING, found, "The next start of the server brings it up to date, and keeps a copy.")
    return Finding(State.OK, f"{settings.database} is sound and at revision {stands_at}")


def check_port(name: str, settings: Settings) -> Finding:
    """Whether a port is free, and if not, who has it."""
    port: int = getattr(settings, name)
    option = "--" + name.replace("_", "-")
    try:
        family, kind, _, _, address = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except PermissionError:
        return Finding(State.FAILED, f"{port} is not for this user", f"Choose a port from 1024 up with {option}.")
    except socket.gaierror as error:
        return Finding(
            State.FAILED, f"{settings.host}: {error.strerror}", "Name an address of this machine with --host."
        )
    except OSError as error:
        return _taken(settings, port, option, error)
    return Finding(State.OK, f"{port} is free on {settings.host}" if port else "any free one")


def check_open_files(settings: Settings) -> Finding:
    """Whether this user may hold as many connections open as the settings promise."""
    limit, needed = raise_open_files(), settings.max_clients + RESERVED
    found = (
        "no limit" if limit is None else f"{limit:,} allowed, {needed:,} needed for {settings.max_clients:,} clients"
    )
    if limit is None or limit >= needed:
        return Finding(State.OK, found)
    mend = f"Raise it with 'ulimit -Hn {needed}', in systemd with LimitNOFILE={needed}, or lower --max-clients."
    return Finding(State.WARNING, found, mend)


def check_tls(settings: Settings) -> Finding:
    """Whether the certificate can be used, and for how long."""
    if settings.tls_cert is None:
        if warning := tls.guests_warning(settings):
            return Finding(State.WARNING, "off", warning)
        return Finding(State.OK, "self-signed, made by the server" if settings.tls_self_signed else "off")
    now = datetime.now(UTC)
    try:
        tls.context(settings, now)
        certificate = x509.load_pem_x509_certificate(settings.tls_cert.read_bytes())
    except (StartError, ValueError) as error:
        return Finding(State.FAILED, f"{settings.tls_cert} cannot be used", str(error))
    ends = certificate.not_valid_after_utc
    found = f"{settings.tls_cert} is valid until {ends:%Y-%m-%d}"
    if not certificate.not_valid_before_utc <= now < ends:
        return Finding(State.FAILED, f"{found}, and not now", "Get a new certificate, then restart the server.")
    if ends - now < RENEW_SOON:
        return Finding(State.WARNING, found, "Renew it soon, then restart the server.")
    return Finding(State.OK, found)


def check_clock(settings: Settings) -> Finding:
    """Whether the time can be right: it does not lie before what is known to have happened."""
    now = datetime.now(UTC)
    newest = max([FIRST_RELEASE, *_written_at(settings.database)])
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now >= newest:
        return Finding(State.OK, found)
    mend = "Set the clock, and keep it right with NTP ('timedatectl set-ntp true'): messages carry its time."
    return Finding(State.FAILED, f"{found} is before {newest:%Y-%m-%d %H:%M:%S} UTC, when something was stored", mend)


def check_programs(_: Settings) -> Finding:
    """Whether code can be run here, and in which languages: the sandbox's walls are tried, and a program in each."""
    from kibitz.runner.examine import examine as examine_sandbox  # noqa: PLC0415 - the sandbox takes a moment to import

    found = examine_sandbox()
    if found.problem is not None:
        return Finding(State.WARNING, "no code can be run", found.problem)
    runnable = [
        f"{one.title} ({one.version})"
        for one in found.languages
        if one.missing is None and one.name not in found.failed
    ]
    missing = [one.missing for one in found.languages if one.missing is not None]
    broken = [f"{name} does not work: {said.strip()[:200]}" for name, said in found.failed.items()]
    told = f"code runs in {', '.join(runnable)}" if runnable else "the sandbox holds, and no language is here"
    if missing or broken:
        return Finding(State.WARNING, told, " ".join([*missing, *broken]))
    return Finding(State.OK, told)


CHECKS: Final = (
    Check("Python", check_python),
    Check("SQLite", check_sqlite),
    Check("Data directory", check_data_dir),
    Check("Disk speed", check_disk_speed),
    Check("Database", check_database),
    Check("TCP port", partial(check_port, "tcp_port")),
    Check("HTTP port", partial(check_port, "http_port")),
    Check("Open files", check_open_files),
    Check("TLS", check_tls),
    Check("Clock", check_clock),
    Check("Programs", check_programs),
)
"""Everything that is looked at, in this order."""


@click.command()
@takes_settings()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(settings: Settings, as_json: bool) -> None:
    """Look whether this machine has what a server with these settings needs, and say how to get what is missing.

    The exit status is 1 if something essential is missing.
    """
    findings: list[tuple[Check, Finding]] = []
    for check in CHECKS:
        finding = examine(check, settings)
        findings.append((check, finding))
        if not as_json:
            _print(check, finding)
    if as_json:
        rows = [{"check": check.name, **asdict(finding)} for check, finding in findings]
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2))
    if any(finding.state is State.FAILED for _, finding in findings):
        sys.exit(1)


def examine(check: Check, settings: Settings) -> Finding:
    """Run one check; one that fails itself is a finding too, and does not keep the others from running."""
    try:
        return check.run(settings)
    except Exception as error:
        return Finding(State.FAILED, f"the check failed: {type(error).__name__}: {error}", "Please report this.")


def _print(check: Check, finding: Finding) -> None:
    mark, colour = MARKS[finding.state]
    click.echo(f"{click.style(mark, fg=colour)} {check.name}: {finding.found}")
    if finding.mend:
        click.echo(f"    {finding.mend}")


def _nearest(directory: Path) -> Path:
    """The directory, or the one it would be made in."""
    place = directory.absolute()
    return next(one for one in (place, *place.parents) if one.exists())


def _sync_times(place: Path) -> Iterator[float]:
    with TemporaryFile(dir=place, buffering=0) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            yield time.perf_counter() - began


def _taken(settings: Settings, port: int, option: str, error: OSError) -> Finding:
    program = listener(port)
    if program is not None and program.pid == lock.holder(settings.data_dir):
        return Finding(State.OK, f"{port} is used by the server that runs here (process {program.pid})")
    who = (
        f"used by {program.name} (process {program.pid})"
        if program is not None
        else f"not to be had ({error.strerror})"
    )
    return Finding(
        State.FAILED, f"{port} on {settings.host} is {who}", f"Stop that, or choose another port with {option}."
    )


def _written_at(database: str) -> Iterator[datetime]:
    url = database_url(database)
    if url.get_backend_name() == "sqlite":
        for path in (Path(str(url.database)), Path(f"{url.database}-wal")):
            if path.exists():
                yield datetime.fromtimestamp(path.stat().st_mtime, UTC)
