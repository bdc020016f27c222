"""What the server kept, read from its database file without a line of the server's code.

Rule: read-only, and only once the server has ended.
"""

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kept:
    """A row of `messages`."""

    seq: int
    sender: int
    text: str
    deleted: bool
    nonce: str | None


@dataclass(frozen=True)
class Change:
    """A row of `changes`."""

    seq: int
    kind: str
    user: int
    target: int | None
    data: dict[str, Any]


@dataclass
class RoomLog:
    """A room with its log. `members` are those of now, by user id; everyone is in a general channel."""

    id: int
    kind: str
    head: int
    messages: list[Kept] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    reactions: dict[int, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    members: set[int] = field(default_factory=set)

    def has(self, user: int) -> bool:
        """Whether a user is in the room now."""
        return self.kind == "general" or user in self.members

    def stays(self, user: int) -> list[tuple[int, int]]:
        """When a user was in the room: the seqs of coming and going, the last of which may be beyond the head."""
        if self.kind != "group":
            return [(0, self.head + 1)] if self.has(user) else []
        found: list[tuple[int, int]] = []
        came: int | None = None
        for change in sorted(self.changes, key=lambda one: one.seq):
            if change.kind == "room_created" and user in change.data["members"]:
                came = 0
            elif change.kind == "member_added" and change.data["user"] == user:
                came = change.seq
            elif change.kind == "member_removed" and change.data["user"] == user and came is not None:
                found.append((came, change.seq))
                came = None
        return found if came is None else [*found, (came, self.head + 1)]


@dataclass
class Database:
    """Everything the checker needs. `nonces` has the answer for each user and nonce."""

    rooms: dict[int, RoomLog]
    nonces: dict[tuple[int, str], dict[str, Any]]


def read(path: Path) -> Database:
    """The database at `path`."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rooms = {row[0]: RoomLog(*row) for row in db.execute("SELECT id, kind, seq FROM rooms")}
        _read_logs(db, rooms)
        for room, user in db.execute("SELECT room_id, user_id FROM room_members"):
            rooms[room].members.add(user)
        answers = db.execute("SELECT user_id, nonce, answer FROM nonces")
        return Database(rooms, {(user, nonce): json.loads(answer) for user, nonce, answer in answers})


def _read_logs(db: sqlite3.Connection, rooms: dict[int, RoomLog]) -> None:
    said = "SELECT room_id, seq, sender_id, text, deleted_at IS NOT NULL, nonce FROM messages"
    for room, seq, sender, text, deleted, nonce in db.execute(said):
        rooms[room].messages.append(Kept(seq, sender, text, bool(deleted), nonce))
    changed = "SELECT room_id, seq, kind, user_id, target_seq, data FROM changes"
    for room, seq, kind, user, target, data in db.execute(changed):
        rooms[room].changes.append(Change(seq, kind, user, target, json.loads(data)))
    for room, seq, emoji, user in db.execute("SELECT room_id, seq, emoji, user_id FROM reactions"):
        rooms[room].reactions[seq].add((emoji, user))
