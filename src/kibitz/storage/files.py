"""Shared files: what is known of them; their bytes are in `kibitz.blobs`.

Rule: a file is there as long as its message is, and only then do its bytes have to be kept.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, insert, select

from kibitz.domain.errors import not_found
from kibitz.storage import Tx
from kibitz.storage.messages import file_view
from kibitz.storage.schema import room_members, shared_files, users
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.results import SharedFile
from kibitz.wire.views import File, UserRef

_LIVE: Final = shared_files.c.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file about to be written down, at the place its message will have. `size` is in bytes."""

    room: int
    message_seq: int
    sender: int
    name: str
    size: int
    mime_type: str
    sha256: str
    shared_at: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A shared file as stored."""

    id: int
    room: int
    message_seq: int
    sender: int
    name: str
    size: int
    mime_type: str
    sha256: str


def write_down(tx: Tx, new: NewFile) -> File:
    """Keep what is known of a file."""
    row = {
        "room_id": new.room,
        "message_seq": new.message_seq,
        "sender_id": new.sender,
        "filename": new.name,
        "file_size": new.size,
        "mime_type": new.mime_type,
        "sha256": new.sha256,
        "shared_at": new.shared_at,
    }
    return file_view(tx.execute(insert(shared_files).values(**row).returning(*shared_files.c)).one())


def need(tx: Tx, file: int) -> FileRow:
    """The file of this id. Raises `Refusal("not_found")` if there is none or it was taken back."""
    row = tx.execute(select(shared_files).where(shared_files.c.id == file, _LIVE)).first()
    if row is None:
        raise not_found("File")
    return FileRow(
        row.id, row.room_id, row.message_seq, row.sender_id, row.filename, row.file_size, row.mime_type, row.sha256
    )


def page(tx: Tx, user: int, room: int | None, before: int | None, limit: int) -> list[SharedFile]:
    """Up to `limit` files that a user may see, newest first: those older than the file `before`, in one `room` where given."""
    wanted = select(shared_files, users.c.name.label("sender_name")).join(users, users.c.id == shared_files.c.sender_id)
    wanted = wanted.where(_LIVE, shared_files.c.room_id.in_(_rooms_of(user)))
    if room is not None:
        wanted = wanted.where(shared_files.c.room_id == room)
    if before is not None:
        wanted = wanted.where(shared_files.c.id < before)
    return [_shared(row) for row in tx.execute(wanted.order_by(shared_files.c.id.desc()).limit(limit))]


def used(tx: Tx, digests: Collection[str]) -> set[str]:
    """Those of these blobs that a file still needs."""
    wanted = select(shared_files.c.sha256).where(shared_files.c.sha256.in_(digests), _LIVE)
    return set(tx.execute(wanted).scalars())


def _rooms_of(user: int) -> Any:
    mine = select(room_members.c.room_id).where(room_members.c.user_id == user)
    return mine.union_all(select(GENERAL_ID))


def _shared(row: Row[Any]) -> SharedFile:
    return SharedFile(
        file=file_view(row),
        room=row.room_id,
        seq=row.message_seq,
        sender=UserRef(id=row.sender_id, name=row.sender_name),
        shared_at=row.shared_at,
    )
