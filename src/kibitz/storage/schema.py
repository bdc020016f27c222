"""The tables as they stand after the newest migration.

Rule: a change here comes with a migration, and a test compares the two. Times are text, RFC 3339 in UTC with milliseconds, so that
whoever opens the file by hand can read them and they sort as they are.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
"""`epoch`: a random id of this history, changed when a backup is restored over it."""

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("name_key", String(96), nullable=False, unique=True),  # folding makes up to three characters of one
    Column("role", String(16), nullable=False),
    Column("display_name", String(64), nullable=False, server_default=""),
    Column("password_hash", Text),  # none: a name-only guest
    Column("disabled", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", String(24), nullable=False),
    Column("last_seen_at", String(24)),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),  # login, access
    Column("name", String(64), nullable=False, server_default=""),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of the secret: the secret itself is kept nowhere
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24)),
    Column("last_used_at", String(24)),
    sqlite_autoincrement=True,
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),  # general, group, direct
    Column("visibility", String(8), nullable=False),
    Column("name", String(64)),
    Column("name_key", String(192), unique=True),
    Column("topic", Text, nullable=False, server_default=""),
    Column("direct_key", String(48), unique=True),
    Column("seq", Integer, nullable=False, server_default="0"),  # of the newest event of this room
    Column("created_by", ForeignKey("users.id")),
    Column("created_at", String(24), nullable=False),
)

room_members = Table(
    "room_members",
    metadata,
    Column("room_id", ForeignKey("rooms.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("joined_at", String(24), nullable=False),
    Index("ix_room_members_user", "user_id", "room_id"),
)
"""Who is in which group or direct room. Everyone is in the general channel without a row here."""

messages = Table(
    "messages",
    metadata,
    Column("room_id", ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("sender_id", ForeignKey("users.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_at", String(24), nullable=False),
    Column("thread_seq", Integer),
    Column("replies", Integer, nullable=False, server_default="0"),
    Column("mentions", Text),  # JSON list of user ids, where there are any; "all" is user id 0
    Column("file_id", Integer),
    Column("edited_at", String(24)),
    Column("deleted_at", String(24)),
    Column("nonce", String(64)),
    Index("ix_messages_thread", "room_id", "thread_seq", "seq", sqlite_where=text("thread_seq IS NOT NULL")),
)
"""A message as it stands now: an edit or deletion changes the row and leaves a row in `changes`."""

changes = Table(
    "changes",
    metadata,
    Column("room_id", ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(24), nullable=False),  # the event's `type`
    Column("user_id", ForeignKey("users.id"), nullable=False),  # who did it
    Column("target_seq", Integer),  # the message it is about
    Column("at", String(24), nullable=False),
    Column("data", Text, nullable=False, server_default="{}"),  # JSON: the event's own fields, never a message's text
)
"""Every durable event of a room that is not a new message. `messages` and `changes` together are a room's log, dense in `seq`."""

versions = Table(
    "versions",
    metadata,
    Column("room_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("replaced_at", String(24), nullable=False),
)

reactions = Table(
    "reactions",
    metadata,
    Column("room_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("emoji", String(32), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("reacted_seq", Integer, nullable=False),  # the event's seq: the order to show them in
)

mentions = Table(
    "mentions",
    metadata,
    Column("user_id", Integer, primary_key=True, autoincrement=False),  # 0: everyone in the room
    Column("room_id", Integer, primary_key=True),
    Column("seq", Integer, primary_key=True),
)

read_markers = Table(
    "read_markers",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("room_id", ForeignKey("rooms.id"), primary_key=True),
    Column("seq", Integer, nullable=False),
)

nonces = Table(
    "nonces",
    metadata,
    Column("user_id", Integer, primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What each writing command was answered, written in the same transaction: a retry gets the first answer (delivery contract)."""

shared_files = Table(
    "shared_files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("room_id", ForeignKey("rooms.id"), nullable=False),
    Column("message_seq", Integer, nullable=False),
    Column("sender_id", ForeignKey("users.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("file_size", BigInteger, nullable=False),
    Column("mime_type", String(127), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("shared_at", String(24), nullable=False),
    Column("deleted_at", String(24)),
    UniqueConstraint("room_id", "message_seq"),
    sqlite_autoincrement=True,
)

VIEWS = {
    "groups": "SELECT id, name, topic, visibility, created_by, created_at FROM rooms WHERE kind = 'group'",
    "group_members": (
        "SELECT m.room_id AS group_id, r.name AS group_name, m.user_id, u.name AS user_name, m.role, m.joined_at "
        "FROM room_members m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.user_id WHERE r.kind = 'group'"
    ),
}
"""Groups by the names people look for when they open the database by hand (row M20)."""
