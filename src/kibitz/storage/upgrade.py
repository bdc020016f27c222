"""Bringing a database to the shape this program knows, at every start.

Rule: each step is one transaction, so a database stands at one revision or the next and never between; there is no way down but
the copy that is kept before the first step.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import URL, Engine, inspect, text

from kibitz.storage import Tx, migrations
from kibitz.storage.copying import snapshot
from kibitz.storage.faults import StartError, named, told_at_start

log = structlog.stdlib.get_logger(__name__)

NEWEST: Final = "0002"
"""The newest step in `migrations/versions`, written down so that a start with nothing to do need not load Alembic."""

COPIES: Final = 2
"""Copies from before a migration that are kept: of the last one, and of the one before it."""


class DatabaseTooNew(StartError):
    """A newer Kibitz has written to this database."""


class NotKibitz(StartError):
    """A database that holds something else."""


def upgrade(engine: Engine, *, keep_copy: bool = True) -> None:
    """Take the steps a database lacks; an empty one gets all. `engine` is one for the writer, and nobody else writes.

    Raises `DatabaseTooNew`, `NotKibitz`, or `StartError` for a database that cannot be used.
    """
    with told_at_start(engine.url):
        found = revision(engine)
        if found == NEWEST:
            return
        if found and keep_copy:
            _keep_copy(engine.url, found)
        for step in _steps_after(found):
            _take(engine, step)


def revision(engine: Engine) -> str:
    """The step a database stands at; empty if the database is. Raises `NotKibitz`, `DatabaseTooNew`."""
    with engine.connect() as tx:
        found = _recorded(tx)
    if found is None or not (found == "" or found.isdigit()):
        raise NotKibitz(f"{named(engine.url)} holds something else than Kibitz's data: name another with --database.")
    if found > NEWEST:
        raise DatabaseTooNew(
            f"{named(engine.url)} was written by a newer Kibitz (revision {found}; this one knows {NEWEST}): "
            "run that version, or restore a backup made by this one."
        )
    return found


def _recorded(tx: Tx) -> str | None:
    tables = set(inspect(tx).get_table_names())
    if not tables:
        return ""
    if not {"alembic_version", "meta"} <= tables:
        return None
    return tx.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _keep_copy(url: URL, found: str) -> None:
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    # Twice its size: the copy, and what the migration itself may write.
    if shutil.disk_usage(path.absolute().parent).free < 2 * path.stat().st_size:
        log.warning("no copy kept before the migration, since the disk has too little room", database=str(path))
        return
    snapshot(path, path.with_name(f"{path.name}.before-{_steps_after(found)[0]}"))
    for old in sorted(path.parent.glob(f"{path.name}.before-*"))[:-COPIES]:
        old.unlink()


def _steps_after(found: str) -> list[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - 0.1 s to load, and most starts have no step to take

    steps = ScriptDirectory(str(_directory())).walk_revisions()
    return sorted(step.revision for step in steps if step.revision > found)


def _take(engine: Engine, step: str) -> None:
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(attributes={})
    config.set_main_option("script_location", str(_directory()).replace("%", "%%"))
    with engine.connect() as connection, _references_unchecked(connection), connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, step)
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError(f"Migration {step} would leave references to rows that are gone.")
    log.info("database migrated", revision=step)


def _directory() -> Path:
    return Path(migrations.__path__[0])


@contextmanager
def _references_unchecked(connection: Tx) -> Iterator[None]:
    # SQLite changes most columns by making the table anew, which its foreign keys would forbid; and it takes this pragma outside
    # a transaction only (sqlite.org, «ALTER TABLE», the twelve steps).
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
