"""Where things are kept: SQL once per noun, the same for SQLite and PostgreSQL.

Rule: only this room knows SQLAlchemy; every value reaches SQL as a bound parameter; a function here takes an open transaction
and does one thing, and never commits.
"""

from sqlalchemy import Connection as Tx

__all__ = ["Tx"]
