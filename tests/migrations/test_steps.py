"""Every migration: the tables come out as `storage.schema` has them, and no data is lost on the way from any revision."""

import importlib.util
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, Engine, Integer, LargeBinary, MetaData, Table, insert, select, table, text

from kibitz.storage import Tx, migrations, upgrade
from kibitz.storage.schema import VIEWS, metadata
from kibitz.storage.store import database_url, open_engine

FILES = sorted(Path(migrations.__path__[0]).glob("versions/*.py"))
REVISIONS = [file.stem.partition("_")[0] for file in FILES]
ROWS = 3


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"step_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(database_url(str(tmp_path / "kibitz.db")), writer=True)
    yield engine
    engine.dispose()


def take_steps_up_to(engine: Engine, revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the database that the Kibitz of this revision would have made."""
    steps = [step for step in REVISIONS if step <= revision]
    with monkeypatch.context() as earlier:
        earlier.setattr(upgrade, "_steps_after", lambda found: [step for step in steps if step > found])
        earlier.setattr(upgrade, "NEWEST", revision)
        upgrade.upgrade(engine)


def tables_of(tx: Tx) -> dict[str, Table]:
    """The tables as they stand, each after those it refers to."""
    found = MetaData()
    found.reflect(tx)
    return {table.name: table for table in found.sorted_tables if table.name != "alembic_version"}


def value(table: Table, column: Any, number: int) -> Any:
    """Something of the column's type, different in each row; keys are 1, 2, 3, so that references hold."""
    for reference in column.foreign_keys:
        if not isinstance(column.type, Integer):
            return value(reference.column.table, reference.column, number)
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    if isinstance(column.type, Integer):
        return number
    if isinstance(column.type, LargeBinary):
        return bytes([number]) * 16
    return f"{number}-{table.name}.{column.name}"[: getattr(column.type, "length", None)]


def fill(engine: Engine) -> dict[str, list[str]]:
    """Put rows into every table; returns the columns each table has."""
    with engine.begin() as tx:
        tables = tables_of(tx)
        for table in tables.values():
            for number in range(1, ROWS + 1):
                tx.execute(
                    insert(table).values({column.name: value(table, column, number) for column in table.columns})
                )
    return {name: [column.name for column in table.columns] for name, table in tables.items()}


def content(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as tx:
        tables = tables_of(tx)
        return {
            name: sorted(tuple(row) for row in tx.execute(select(*(tables[name].c[one] for one in wanted))))
            for name, wanted in columns.items()
        }


def shapes(path: Path) -> dict[str, Any]:
    """What Alembic compares badly or not at all: defaults, tables without a rowid, ids that are never given twice."""
    with closing(sqlite3.connect(path)) as connection:
        made_by = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall())
        listed = connection.execute(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        ).fetchall()
        columns = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
        return {
            name: (no_rowid, "AUTOINCREMENT" in made_by[name], set(connection.execute(columns, (name,)).fetchall()))
            for name, no_rowid in listed
            if not name.startswith(("sqlite_", "alembic_"))
        }


def indexes(path: Path) -> set[str]:
    """Every index as it was said, its condition included."""
    with closing(sqlite3.connect(path)) as connection:
        said = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        return {" ".join(sql.split()) for (sql,) in said}


def test_the_steps_are_numbered_without_a_gap_and_the_newest_is_written_down() -> None:
    assert [f"{number:04}" for number in range(1, len(FILES) + 1)] == REVISIONS
    assert REVISIONS[-1] == upgrade.NEWEST


@pytest.mark.parametrize("file", FILES, ids=REVISIONS)
def test_each_step_follows_the_one_before_and_goes_no_way_down(file: Path) -> None:
    step = load(file)
    number = int(step.revision)
    assert step.revision == file.stem.partition("_")[0]
    assert step.down_revision == (f"{number - 1:04}" if number > 1 else None)
    assert not hasattr(step, "downgrade"), "the way back is the copy that is kept before the first step"
    assert "kibitz" not in file.read_text(), "a step stays true while the program changes: write out what it needs"


def test_the_migrated_database_is_the_schema(engine: Engine) -> None:
    upgrade.upgrade(engine)
    with engine.connect() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_what_alembic_does_not_compare_is_the_schema_too(engine: Engine, tmp_path: Path) -> None:
    upgrade.upgrade(engine)
    other = open_engine(database_url(str(tmp_path / "by-schema.db")), writer=True)
    metadata.create_all(other)
    other.dispose()
    assert shapes(tmp_path / "kibitz.db") == shapes(tmp_path / "by-schema.db")
    assert indexes(tmp_path / "kibitz.db") == indexes(tmp_path / "by-schema.db")


def test_the_views_are_the_schemas(engine: Engine) -> None:
    upgrade.upgrade(engine)
    with engine.connect() as tx:
        found = {tuple(row) for row in tx.execute(text("SELECT name, sql FROM sqlite_schema WHERE type = 'view'"))}
    assert found == {(name, f"CREATE VIEW {name} AS {query}") for name, query in VIEWS.items()}


def test_the_names_people_look_for_can_be_read(engine: Engine) -> None:
    upgrade.upgrade(engine)
    with engine.connect() as tx:
        for name in ("messages", "groups", "group_members", "shared_files"):
            assert tx.execute(select(text("*")).select_from(table(name))).fetchall() == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_upgrade_from_any_revision_keeps_the_data(
    engine: Engine, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_steps_up_to(engine, revision, monkeypatch)
    assert upgrade.revision(engine) == revision
    earlier = fill(engine)
    before = content(engine, earlier)
    assert all(len(rows) == ROWS for rows in before.values())

    upgrade.upgrade(engine)

    assert upgrade.revision(engine) == upgrade.NEWEST
    # A step that takes a table or a column away on purpose says so here, with where its data went.
    assert content(engine, earlier) == before


@pytest.mark.parametrize("file", FILES, ids=REVISIONS)
def test_each_step_can_be_said_in_postgresql(file: Path) -> None:
    said = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(context):
        load(file).upgrade()
    assert said.getvalue().strip()
    assert "sqlite" not in said.getvalue().lower()
