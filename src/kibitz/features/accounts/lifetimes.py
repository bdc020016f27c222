"""How long something lasts.

Rule: from a stamp to a stamp; the clock is handed in as one.
"""

from datetime import datetime

from kibitz.wire.clock import stamp

_DAY = 24 * 60 * 60


def after_days(now: str, days: int) -> str:
    """The stamp so many days after the stamp `now`."""
    return stamp(datetime.fromisoformat(now).timestamp() + days * _DAY)
