"""Many rows in one statement.

Rule: only for the hot path. One statement per batch lets go of the interpreter lock once, where a statement per row would hand it
back and forth with the busy loop for every row.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Table

from kibitz.storage import Tx
from kibitz.storage.prepared import driver_of

_LARGEST: Final = 256
"""Rows in one statement; with 11 columns well below SQLite's 32,766 and PostgreSQL's 65,535 bound parameters."""


def insert_many(tx: Tx, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples in the order of `columns`. Values are bound, never written into the SQL."""
    marker = "?" if tx.dialect.paramstyle == "qmark" else "%s"
    for part in _powers_of_two(rows):
        values = [value for row in part for value in row]
        driver_of(tx).execute(_statement(table.name, columns, len(part), marker), values)


def _powers_of_two(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    # Few lengths, so that each statement is written and prepared once.
    start = 0
    while start < len(rows):
        size = min(_LARGEST, 1 << ((len(rows) - start).bit_length() - 1))
        yield rows[start : start + size]
        start += size


@lru_cache(maxsize=128)
def _statement(table: str, columns: tuple[str, ...], count: int, marker: str) -> str:
    row = "(" + ", ".join([marker] * len(columns)) + ")"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES " + ", ".join([row] * count)  # noqa: S608 - our own names
