"""Who is let into a document, and what for.

Rule: this is a copy of a decision that was made elsewhere; whenever that changes, `Documents` is told.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """A user, the token they came by, and whether they may write."""

    user: int
    name: str
    token_id: int | None
    can_write: bool


NOBODY = Access(0, "", None, can_write=False)
"""Whoever has not been let in anywhere."""
