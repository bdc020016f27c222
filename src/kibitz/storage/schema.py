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

code_sessions = Table(
    "code_sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("access", String(8), nullable=False),  # open, private, room
    Column("room_id", ForeignKey("rooms.id"), index=True),
    Column("message_seq", Integer),  # the message whose code block it began as, and which of its blocks
    Column("block", Integer),
    Column("language", String(16), nullable=False),
    Column("title", String(128), nullable=False, server_default=""),
    Column("created_by", ForeignKey("users.id"), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("closed_at", String(24)),
    UniqueConstraint("room_id", "message_seq", "block"),
    sqlite_autoincrement=True,
)
"""A document that people edit together. `room_id` is the conversation it belongs to, where it belongs to one."""

code_participants = Table(
    "code_participants",
    metadata,
    Column("session_id", ForeignKey("code_sessions.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("role", String(8), nullable=False),  # owner, editor, viewer
    Column("invited_by", ForeignKey("users.id")),
    Column("joined_at", String(24)),  # none: invited, and not there yet
    Index("ix_code_participants_user", "user_id", "session_id"),
)

document_updates = Table(
    "document_updates",
    metadata,
    Column("session_id", ForeignKey("code_sessions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("at", String(24), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
"""What was done to a document, by whom and when: Yjs updates (V1), dense in `seq`, which is the document's version. Never deleted."""

document_checkpoints = Table(
    "document_checkpoints",
    metadata,
    Column("session_id", ForeignKey("code_sessions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(24), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
"""The whole document as one update, as it was after `seq`: so that loading it reads this and what came since."""

run_sources = Table(
    "run_sources",
    metadata,
    Column("hash", String(64), primary_key=True),  # SHA-256 of the text as UTF-8
    Column("code", Text, nullable=False),
)
"""Every text that was run, once however often it was."""

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("session_id", ForeignKey("code_sessions.id"), index=True),
    Column("room_id", ForeignKey("rooms.id")),
    Column("message_seq", Integer),
    Column("block", Integer),
    Column("language", String(16), nullable=False),
    Column("code_hash", ForeignKey("run_sources.hash"), nullable=False),
    Column("input", Text, nullable=False, server_default=""),  # all that it read or was sent, in order
    Column("limits", Text, nullable=False, server_default="{}"),
    Column("asked_at", String(24), nullable=False),
    Column("ended_at", String(24)),
    Column("toolchain", String(128), nullable=False, server_default=""),
    Column("output", Text, nullable=False, server_default="[]"),  # JSON: what came, in order, as [stream, text]
    Column("result", Text),  # JSON, once it has ended
    Index("ix_runs_message", "room_id", "message_seq", sqlite_where=text("room_id IS NOT NULL")),
    Index("ix_runs_unfinished", "id", sqlite_where=text("ended_at IS NULL")),
    sqlite_autoincrement=True,
)
"""What was run, and what came of it. It belongs to a session, to a code block of a message, or to its user alone."""

VIEWS = {
    "groups": "SELECT id, name, topic, visibility, created_by, created_at FROM rooms WHERE kind = 'group'",
    "group_members": (
        "SELECT m.room_id AS group_id, r.name AS group_name, m.user_id, u.name AS user_name, m.role, m.joined_at "
        "FROM room_members m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.user_id WHERE r.kind = 'group'"
    ),
}
"""Groups by the names people look for when they open the database by hand (row M20)."""
