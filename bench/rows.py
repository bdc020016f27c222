"""What a benchmark yields: rows of a table.

One rule: a row is a number with its unit, or says why there is none; whoever has an aim says whether it was met.
"""

from collections.abc import Iterable
from statistics import median
from typing import Final, Literal

import msgspec


class Aim(msgspec.Struct, frozen=True):
    """What a figure is to be: at least or at most so much."""

    kind: Literal["≥", "≤"]
    value: float

    def is_met(self, value: float) -> bool:
        """Whether a figure is as good as it should be."""
        return value >= self.value if self.kind == "≥" else value <= self.value


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `value` is None where it could not be measured; `note` then says what is missing."""

    what: str
    value: float | None
    unit: str = ""
    aim: Aim | None = None
    note: str = ""
    runs: list[float] = []

    @property
    def is_met(self) -> bool:
        """Whether it is as good as it should be; a figure without an aim is, and none at all is not."""
        return self.value is not None and (self.aim is None or self.aim.is_met(self.value))

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row as it is printed."""
        if self.value is None:
            return self.what, "—", "", self.note
        return self.what, f"{_short(self.value)} {self.unit}".rstrip(), self._verdict(), self.note

    def _verdict(self) -> str:
        if self.aim is None:
            return ""
        return f"{self.aim.kind} {_short(self.aim.value)}: {'met' if self.is_met else 'MISSED'}"


def row_of(what: str, runs: Iterable[float], unit: str = "", aim: Aim | None = None, note: str = "") -> Row:
    """The median of several runs; the runs themselves go into the data."""
    values = list(runs)
    return Row(what=what, value=median(values), unit=unit, aim=aim, note=note, runs=values)


_WIDTHS: Final = (58, 22, 18)


def line(cells: tuple[str, str, str, str]) -> str:
    """One line of the table."""
    what, value, aim, note = cells
    return f"{what:<{_WIDTHS[0]}}{value:>{_WIDTHS[1]}}  {aim:<{_WIDTHS[2]}}{note}".rstrip()


def _short(value: float) -> str:
    """Three digits that count, and no more than there are before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
