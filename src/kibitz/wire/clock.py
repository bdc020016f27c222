"""Times as Kibitz writes them.

Rule: one format everywhere, on the wire and in the database: RFC 3339, UTC, milliseconds, `Z`.
"""

from datetime import UTC, datetime
from functools import lru_cache


def stamp(seconds: float) -> str:
    """Seconds since 1970 → `2026-01-31T12:00:00.000Z`."""
    whole, micros = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{_to_the_second(whole)}.{micros // 1000:03}Z"


@lru_cache(maxsize=8)
def _to_the_second(seconds: int) -> str:
    # Many stamps of one second are made while a server is busy.
    return datetime.fromtimestamp(seconds, UTC).isoformat()[: len("2026-01-31T12:00:00")]
