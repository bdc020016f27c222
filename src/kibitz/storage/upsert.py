"""Inserts that say what is to be done where the row is there already.

Rule: SQLAlchemy has them for each database apart, with the same words; which one it is, is asked here and nowhere else.
"""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from kibitz.storage import Tx


def insert_into(tx: Tx, table: Table) -> Any:
    """An insert that has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
