"""The readers."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from kibitz.domain.errors import Refusal
from kibitz.storage.schema import metadata
from kibitz.storage.store import Store, database_url, open_engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    engine = open_engine(database_url(str(tmp_path / "kibitz.db")), writer=True)
    metadata.create_all(engine)
    engine.dispose()
    return tmp_path / "kibitz.db"


async def test_readers_read_at_once_and_cannot_write(path: Path) -> None:
    store = Store(database_url(str(path)))
    try:
        assert await store.answers()
        counts = await asyncio.gather(
            *(store.read(lambda tx, n: tx.execute(text("SELECT :n"), {"n": n}).scalar_one(), n) for n in range(20))
        )
        assert counts == list(range(20))
        with pytest.raises(Refusal, match="may not write"):
            await store.read(lambda tx: tx.execute(text("INSERT INTO meta VALUES ('a', 'b')")))
    finally:
        store.close()


async def test_one_reading_sees_one_moment_while_another_writes(path: Path) -> None:
    store, writer = Store(database_url(str(path))), open_engine(database_url(str(path)), writer=True)
    try:

        def read(tx: object) -> tuple[int, int]:
            count = text("SELECT count(*) FROM meta")
            before = tx.execute(count).scalar_one()  # type: ignore[attr-defined]
            with writer.begin() as other:
                other.execute(text("INSERT INTO meta VALUES ('a', 'b')"))
            return before, tx.execute(count).scalar_one()  # type: ignore[attr-defined]

        assert await store.read(read) == (0, 0)
        assert await store.read(lambda tx: tx.execute(text("SELECT count(*) FROM meta")).scalar_one()) == 1
    finally:
        store.close()
        writer.dispose()


def test_a_database_is_named_by_url_or_by_path() -> None:
    assert database_url("some/kibitz.db").render_as_string() == "sqlite:///some/kibitz.db"
    assert database_url("postgresql+psycopg://host/kibitz").get_backend_name() == "postgresql"


def test_a_writer_is_durable(path: Path) -> None:
    engine = open_engine(database_url(str(path)), writer=True)
    with engine.begin() as tx:
        pragmas = [
            tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]
    engine.dispose()
