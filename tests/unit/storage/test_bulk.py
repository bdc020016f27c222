"""Many rows in one statement."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.database import transaction

from kibitz.storage.bulk import insert_many
from kibitz.storage.schema import meta

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@given(st.lists(VALUES, max_size=600))
def test_any_rows_arrive_as_they_are_in_their_order(values: list[str]) -> None:
    rows = [(f"key{number:04}", value) for number, value in enumerate(values)]
    with transaction() as tx:
        insert_many(tx, meta, ("key", "value"), rows)
        found = tx.execute(meta.select().where(meta.c.key.like("key%")).order_by(meta.c.key)).all()
        assert [tuple(row) for row in found] == rows


def test_a_value_that_looks_like_sql_is_a_value() -> None:
    with transaction() as tx:
        insert_many(tx, meta, ("key", "value"), [("x'); DROP TABLE meta; --", "?")])
        assert tx.execute(meta.select().where(meta.c.value == "?")).one().key == "x'); DROP TABLE meta; --"
