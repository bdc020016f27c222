"""The first tables: people, rooms and their logs, files.

Rule: released, so never changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

GROUPS = "SELECT id, name, topic, visibility, created_by, created_at FROM rooms WHERE kind = 'group'"
GROUP_MEMBERS = (
    "SELECT m.room_id AS group_id, r.name AS group_name, m.user_id, u.name AS user_name, m.role, m.joined_at "
    "FROM room_members m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.user_id WHERE r.kind = 'group'"
)


def upgrade() -> None:
    """Make every table of an empty database."""
    _people()
    _rooms()
    _log()
    _around_messages()
    _nonces_and_files()
    op.execute(f"CREATE VIEW groups AS {GROUPS}")
    op.execute(f"CREATE VIEW group_members AS {GROUP_MEMBERS}")


def _people() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("name_key", sa.String(96), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("display_name", sa.String(64), nullable=False, server_default=""),
        sa.Column("password_hash", sa.Text),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("last_seen_at", sa.String(24)),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(64), nullable=False, server_default=""),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.String(24), nullable=False),
        sa.Column("expires_at", sa.String(24)),
        sa.Column("last_used_at", sa.String(24)),
        sqlite_autoincrement=True,
    )


def _rooms() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("visibility", sa.String(8), nullable=False),
        sa.Column("name", sa.String(64)),
        sa.Column("name_key", sa.String(192), unique=True),
        sa.Column("topic", sa.Text, nullable=False, server_default=""),
        sa.Column("direct_key", sa.String(48), unique=True),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("users.id")),
        sa.Column("created_at", sa.String(24), nullable=False),
    )
    op.create_table(
        "room_members",
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("joined_at", sa.String(24), nullable=False),
        sa.Index("ix_room_members_user", "user_id", "room_id"),
    )


def _log() -> None:
    op.create_table(
        "messages",
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sender_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sent_at", sa.String(24), nullable=False),
        sa.Column("thread_seq", sa.Integer),
        sa.Column("replies", sa.Integer, nullable=False, server_default="0"),
        sa.Column("mentions", sa.Text),
        sa.Column("file_id", sa.Integer),
        sa.Column("edited_at", sa.String(24)),
        sa.Column("deleted_at", sa.String(24)),
        sa.Column("nonce", sa.String(64)),
        sa.Index("ix_messages_thread", "room_id", "thread_seq", "seq", sqlite_where=sa.text("thread_seq IS NOT NULL")),
    )
    op.create_table(
        "changes",
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("target_seq", sa.Integer),
        sa.Column("at", sa.String(24), nullable=False),
        sa.Column("data", sa.Text, nullable=False, server_default="{}"),
    )


def _around_messages() -> None:
    op.create_table(
        "versions",
        sa.Column("room_id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("replaced_at", sa.String(24), nullable=False),
    )
    op.create_table(
        "reactions",
        sa.Column("room_id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("emoji", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("reacted_seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "mentions",
        sa.Column("user_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("room_id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
    )
    op.create_table(
        "read_markers",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
    )


def _nonces_and_files() -> None:
    op.create_table(
        "nonces",
        sa.Column("user_id", sa.Integer, primary_key=True),
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(16), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shared_files",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("room_id", sa.Integer, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("message_seq", sa.Integer, nullable=False),
        sa.Column("sender_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("file_size", sa.BigInteger, nullable=False),
        sa.Column("mime_type", sa.String(127), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("shared_at", sa.String(24), nullable=False),
        sa.Column("deleted_at", sa.String(24)),
        sa.UniqueConstraint("room_id", "message_seq"),
        sqlite_autoincrement=True,
    )
