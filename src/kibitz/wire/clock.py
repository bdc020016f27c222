"""Times as Kibitz writes them.

Rule: one format everywhere, on the wire and in the database: RFC 3339, UTC, milliseconds, `Z`.
"""

from datetime import UTC, datetime


def stamp(seconds: float) -> str:
    """Seconds since 1970 → `2026-01-31T12:00:00.000Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
