"""Code: sessions that people edit together, and runs.

Rule: released, so never changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of documents and of runs."""
    _sessions()
    _documents()
    _runs()


def _sessions() -> None:
    op.create_table(
        "code_sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("access", sa.String(8), nullable=False),
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), index=True),
        sa.Column("message_seq", sa.Integer),
        sa.Column("block", sa.Integer),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("title", sa.String(128), nullable=False, server_default=""),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("closed_at", sa.String(24)),
        sa.UniqueConstraint("room_id", "message_seq", "block"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "code_participants",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("code_sessions.id"), primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("invited_by", sa.Integer, sa.ForeignKey("users.id")),
        sa.Column("joined_at", sa.String(24)),
        sa.Index("ix_code_participants_user", "user_id", "session_id"),
    )


def _documents() -> None:
    op.create_table(
        "document_updates",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("code_sessions.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "document_checkpoints",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("code_sessions.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )


def _runs() -> None:
    op.create_table(
        "run_sources",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("code_sessions.id"), index=True),
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id")),
        sa.Column("message_seq", sa.Integer),
        sa.Column("block", sa.Integer),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("code_hash", sa.String(64), sa.ForeignKey("run_sources.hash"), nullable=False),
        sa.Column("input", sa.Text, nullable=False, server_default=""),
        sa.Column("limits", sa.Text, nullable=False, server_default="{}"),
        sa.Column("asked_at", sa.String(24), nullable=False),
        sa.Column("ended_at", sa.String(24)),
        sa.Column("toolchain", sa.String(128), nullable=False, server_default=""),
        sa.Column("output", sa.Text, nullable=False, server_default="[]"),
        sa.Column("result", sa.Text),
        sa.Index("ix_runs_message", "room_id", "message_seq", sqlite_where=sa.text("room_id IS NOT NULL")),
        sa.Index("ix_runs_unfinished", "id", sqlite_where=sa.text("ended_at IS NULL")),
        sqlite_autoincrement=True,
    )
