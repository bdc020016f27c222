"""`kibitz admin`: accounts and data, in the hands of whoever runs the machine.

Rule: it works on the database itself, beside a running server or without one, and by the same functions as the server; a running
server notices within a second. A password is asked or read from standard input, and never an argument that others could see.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec

import click

from kibitz.api.passwords import Passwords
from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal
from kibitz.domain.users import MAX_PASSWORD, Role, clean_name
from kibitz.features.accounts import admin as accounts
from kibitz.features.call import Call
from kibitz.server import logs
from kibitz.server.config import Settings
from kibitz.server.options import takes_settings
from kibitz.server.progress import ProgressLine
from kibitz.storage import Tx, lock, users
from kibitz.storage import backup as backups
from kibitz.storage.archive import Manifest
from kibitz.storage.faults import StartError, named, told_at_start
from kibitz.storage.seed import seed
from kibitz.storage.store import database_url, open_engine
from kibitz.storage.upgrade import NEWEST, revision, upgrade
from kibitz.storage.users import UserRow
from kibitz.wire.clock import stamp
from kibitz.wire.commands import CreateUser, ResetPassword, SetRole

P = ParamSpec("P")

_PAGE: Final = 500
"""People read at a time."""

_OPERATOR: Final = Actor(0, "operator", Role.OWNER)
"""Whoever may read and write the database file: no right stands above that one."""


def _answering(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose refusals end it with a sentence."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        logs.configure("auto", "warning")
        try:
            command(*args, **kwargs)
        except (Refusal, StartError) as no:
            raise click.ClickException(str(no)) from no

    return wrapped


_settings = takes_settings("data_dir", "database")
_password = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input: its first line."
)


@click.group()
def admin() -> None:
    """Look after accounts and data, also while the server runs."""


# --- accounts ----------------------------------------------------------------------------------------------------------


@admin.command("create-user")
@_settings
@click.argument("name")
@click.option("--role", type=click.Choice(["admin", "member", "guest"]), default="member", show_default=True)
@_password
@_answering
def create_user(settings: Settings, name: str, role: Any, password_stdin: bool) -> None:
    """Make an account. The first one owns the server, whatever its role was to be."""
    command = CreateUser(name=name, password=_read_password(password_stdin), role=role)
    with _transaction(settings, make=True) as tx:
        accounts.check_new_user(_call(tx, command))
    made = _hash(command.password)
    with _transaction(settings) as tx:
        given = Role(role) if users.count_accounts(tx) else Role.OWNER
        user = users.create(tx, clean_name(name), given, made, _now())
    click.echo(f"{user.name} has an account now, as {user.role}.")


@admin.command("reset-password")
@_settings
@click.argument("name")
@_password
@_answering
def reset_password(settings: Settings, name: str, password_stdin: bool) -> None:
    """Give someone a new password. All their logins and access tokens end."""
    with _transaction(settings) as tx:
        users.need(tx, name)
    command = ResetPassword(user=name, password=_read_password(password_stdin))
    with _transaction(settings) as tx:
        accounts.check_new_password(_call(tx, command, users.need(tx, name).facts()))
    made = _hash(command.password)
    with _transaction(settings) as tx:
        accounts.reset_password(_call(tx, command, users.need(tx, name).facts()), made)
    click.echo(f"{name} has a new password; all their logins and access tokens have ended.")


@admin.command()
@_settings
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@_answering
def promote(settings: Settings, name: str, role: Any) -> None:
    """Give someone another role. A new owner makes an admin of the one before."""
    with _transaction(settings) as tx:
        user = users.need(tx, name)
        if user.role is Role.OWNER and role != Role.OWNER:
            raise Refusal("invalid", f"'{user.name}' owns this server: make somebody else the owner instead.")
        accounts.set_role(_call(tx, SetRole(user=name, role=role), user.facts(), _owner(tx)))
    click.echo(f"{user.name} is {role} now.")


@admin.command("list-users")
@_settings
@_answering
def list_users(settings: Settings) -> None:
    """Print everyone: name, role, state, and when they were last connected."""
    with _transaction(settings) as tx:
        everyone = list(_everyone(tx))  # printed afterwards: whoever reads slowly must not keep the server from writing
    click.echo(_line("NAME", "ROLE", "STATE", "LAST SEEN"))
    for user in everyone:
        state = "locked" if user.disabled else "no account" if user.is_guest else "active"
        click.echo(_line(user.name, user.role, state, user.last_seen_at or "-"))


def _line(name: str, role: str, state: str, last_seen: str) -> str:
    return f"{name:<32}  {role:<6}  {state:<10}  {last_seen}"


def _everyone(tx: Tx) -> Iterator[UserRow]:
    after = ""
    while page := users.page(tx, after, _PAGE):
        yield from page
        after = page[-1].name


def _owner(tx: Tx) -> Actor:
    """Whom the machine's operator acts for; nobody in particular on a server that has no account yet."""
    owner = next((user for user in _everyone(tx) if user.role is Role.OWNER), None)
    return Actor(owner.id, owner.name, Role.OWNER) if owner else _OPERATOR


def _call(tx: Tx, command: Any, thing: Any = None, actor: Actor = _OPERATOR) -> Call[Any, Any]:
    return Call(tx, actor, command, thing, _now())


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        # One more than a password may have, and its line end: a longer one is refused, not cut.
        return sys.stdin.readline(MAX_PASSWORD + 2).removesuffix("\n").removesuffix("\r")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _hash(password: str) -> str:
    with closing(Passwords()) as passwords:
        return asyncio.run(passwords.hash(password))


# --- data --------------------------------------------------------------------------------------------------------------


@admin.command()
@_settings
@click.argument("file", type=click.Path(path_type=Path))
@_answering
def backup(settings: Settings, file: Path) -> None:
    """Write everything the server keeps into FILE, a tar archive. Keep it safe: it holds everyone's messages."""
    with closing(ProgressLine()) as progress:
        made = backups.backup(database_url(settings.database), _blobs(settings), file, now=_now(), progress=progress)
    click.echo(f"{file}: {_holds(made)}.")
    for digest in made.missing:
        click.echo(f"warning: a file is gone or damaged and could not be backed up: {digest}", err=True)


@admin.command()
@_settings
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask first.")
@_answering
def restore(settings: Settings, file: Path, yes: bool) -> None:
    """Replace everything the server keeps by the backup in FILE.

    A server that runs goes on with what was restored; its clients start afresh. Passwords, logins and access tokens are those of
    the backup too: what was revoked since then has to be revoked again.
    """
    found = backups.look(file)
    click.echo(f"{file}, made {found.created_at} by Kibitz {found.kibitz}: {_holds(found)}.")
    if not yes:
        click.confirm(f"Replace all that is in {settings.database} by it?", abort=True)
    url = database_url(settings.database)
    with _beside_or_alone(settings), closing(ProgressLine()) as progress:
        backups.restore(file, url, _blobs(settings), epoch=secrets.token_hex(8), progress=progress)
    click.echo(f"{settings.database} is as it was on {found.created_at}.")


def _blobs(settings: Settings) -> Path:
    return settings.data_dir / "blobs"


def _holds(manifest: Manifest) -> str:
    megabytes = manifest.file_bytes / 1_000_000
    return f"{manifest.users} users, {manifest.messages} messages, {manifest.files} files ({megabytes:.1f} MB)"


# --- the database ------------------------------------------------------------------------------------------------------


@contextmanager
def _transaction(settings: Settings, *, make: bool = False) -> Iterator[Tx]:
    """One write transaction; with `make`, on a database that is made if there is none yet."""
    url = database_url(settings.database)
    if not make and url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise StartError(f"There is no database {named(url)}: name the right one with --data-dir or --database.")
    with _beside_or_alone(settings) as alone, told_at_start(url):
        engine = open_engine(url, writer=True)
        try:
            if alone:
                upgrade(engine)
            with engine.begin() as tx:
                if alone:
                    seed(tx, epoch=secrets.token_hex(8), now=_now())
                yield tx
        finally:
            engine.dispose()


@contextmanager
def _beside_or_alone(settings: Settings) -> Iterator[bool]:
    """Whether no server runs here, and then none can start meanwhile. One that runs must know the same tables as this program."""
    if lock.holder(settings.data_dir) is None:
        with lock.hold(settings.data_dir):
            yield True
        return
    url = database_url(settings.database)
    engine = open_engine(url, writer=False)
    try:
        with told_at_start(url):
            same = revision(engine) == NEWEST
    finally:
        engine.dispose()
    if not same:
        raise StartError("The server that runs here is an older Kibitz than this command: restart it first.")
    yield False


def _now() -> str:
    return stamp(time.time())
