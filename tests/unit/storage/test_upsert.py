"""An insert that meets a row that is there does what it was told, in the words of the database at hand."""

from sqlalchemy import create_mock_engine, select
from sqlalchemy.dialects import postgresql
from tests.support.database import transaction

from kibitz.storage.schema import meta
from kibitz.storage.upsert import insert_into


def test_a_row_that_is_there_is_left_or_changed() -> None:
    with transaction() as tx:
        insert = insert_into(tx, meta)
        tx.execute(insert.values(key="colour", value="red"))
        tx.execute(insert.values(key="colour", value="green").on_conflict_do_nothing())
        assert tx.execute(select(meta.c.value).where(meta.c.key == "colour")).scalar_one() == "red"
        blue = insert.values(key="colour", value="blue")
        tx.execute(blue.on_conflict_do_update(index_elements=["key"], set_={"value": "blue"}))
        assert tx.execute(select(meta.c.value).where(meta.c.key == "colour")).scalar_one() == "blue"


def test_postgresql_has_an_insert_of_its_own() -> None:
    elsewhere = create_mock_engine("postgresql+psycopg://", lambda *_: None)
    insert = insert_into(elsewhere, meta)  # type: ignore[arg-type] # only its dialect is asked for
    assert isinstance(insert, postgresql.Insert)
