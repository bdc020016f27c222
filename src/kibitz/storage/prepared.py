"""Statements of the busiest paths: put together once, run by the driver itself.

Rule: SQL is written here as everywhere, in SQLAlchemy's expressions with bound parameters. What is left out is what SQLAlchemy does
anew each time it runs one: some 60 to 300 µs, all of them under the interpreter lock, where SQLite itself takes five.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Dialect

from kibitz.storage import Tx

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement as a driver takes it: for one dialect, and for lists of certain lengths.

    `order` names what stands for each mark: a parameter, or with `fixed` a value of the statement's own. `convert` has a function for
    each column whose values are not what the driver returns.
    """

    sql: str
    order: tuple[str, ...]
    fixed: Mapping[str, Any]
    convert: tuple[tuple[int, Callable[[Any], Any]], ...]


class Prepared:
    """A statement and its parameters by name; a parameter of an `IN` is `expanding` and takes a list that is not empty.

    An INSERT is of the columns named. Raises the driver's own errors, which `kibitz.storage.faults` knows.
    """

    def __init__(self, statement: ClauseElement, *columns: str) -> None:
        self._statement = statement
        self._columns = columns
        self._texts: dict[tuple[Any, ...], _Text] = {}

    def rows(self, tx: Tx, **values: Any) -> list[Values]:
        """All rows of the result."""
        text, cursor = self._execute(tx, values)
        return [_converted(row, text) for row in cursor] if text.convert else cursor.fetchall()

    def first(self, tx: Tx, **values: Any) -> Values | None:
        """The first row of the result, if there is any."""
        text, cursor = self._execute(tx, values)
        row = cursor.fetchone()
        cursor.close()
        return _converted(row, text) if row is not None and text.convert else row

    def one(self, tx: Tx, **values: Any) -> Values:
        """The first row of a result that has rows for certain."""
        row = self.first(tx, **values)
        assert row is not None, "there is always one"
        return row

    def run(self, tx: Tx, **values: Any) -> int:
        """How many rows were changed."""
        _, cursor = self._execute(tx, values)
        return int(cursor.rowcount)

    def each(self, tx: Tx, many: Iterable[Mapping[str, Any]]) -> None:
        """Run it once for each of these values, none of which is a list."""
        rows = list(many)
        if rows:
            text = self._text(tx.dialect, rows[0], {})
            driver_of(tx).cursor().executemany(text.sql, [_arguments(text, row, {}) for row in rows])

    def _execute(self, tx: Tx, values: dict[str, Any]) -> tuple[_Text, Any]:
        lists = {name: _padded(value) for name, value in values.items() if type(value) is list}
        text = self._text(tx.dialect, values, lists)
        return text, driver_of(tx).execute(text.sql, _arguments(text, values, lists))

    def _text(self, dialect: Dialect, values: Mapping[str, Any], lists: Mapping[str, list[Any]]) -> _Text:
        key = (dialect.name, *map(len, lists.values()))
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._put_together(dialect, {**values, **lists})
        return text

    def _put_together(self, dialect: Dialect, values: dict[str, Any]) -> _Text:
        # Marks in order, such as `?` and `%s`, which every driver takes a tuple for.
        kind: Any = type(dialect)
        ordered = dialect if dialect.positional else kind(paramstyle="format")
        compiled: Any = self._statement.compile(dialect=ordered, column_keys=self._columns or None)
        state = compiled.construct_expanded_state(values)
        whole = {part: name for name, parts in state.parameter_expansion.items() for part in parts}
        firsts = {parts[0] for parts in state.parameter_expansion.values()}
        order = tuple(whole.get(name, name) for name in state.positiontup if name not in whole or name in firsts)
        fixed = {name: state.parameters[name] for name in order if name not in values}
        columns = getattr(compiled.statement, "exported_columns", ())
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        convert = tuple((index, each) for index, each in enumerate(processors) if each is not None)
        return _Text(state.statement, order, fixed, convert)


def driver_of(tx: Tx) -> Any:
    """The driver's own connection under an open transaction, which begins here as it does with the first statement elsewhere."""
    if not tx.in_transaction():
        tx.begin()
    return tx.connection.driver_connection


def _padded(values: list[Any]) -> list[Any]:
    """The list with its last value repeated up to a power of two: few lengths, so that few texts are made and prepared."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))


def _arguments(text: _Text, values: Mapping[str, Any], lists: Mapping[str, list[Any]]) -> Values:
    if not lists and not text.fixed:
        return tuple([values[name] for name in text.order])
    found: list[Any] = []
    for name in text.order:
        if name in lists:
            found += _flat(lists[name])
        else:
            found.append(text.fixed[name] if name in text.fixed else values[name])
    return tuple(found)


def _flat(values: list[Any]) -> list[Any]:
    return [part for value in values for part in value] if isinstance(values[0], tuple) else values


def _converted(row: Values, text: _Text) -> Values:
    changed = list(row)
    for index, convert in text.convert:
        changed[index] = convert(row[index])
    return tuple(changed)
