"""Messages: written, changed, read a page at a time.

Rule: a message is named by its room and seq for good; what is read is the message as it stands now.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, Select, and_, delete, func, insert, select, update

from kibitz.storage import Tx
from kibitz.storage.bulk import insert_many
from kibitz.storage.schema import mentions, messages, reactions, rooms, shared_files, users, versions
from kibitz.wire.views import File, Message, Reaction, UserRef, Version

EVERYONE_ID: Final = 0
"""Stands for `@all` where mentioned users are listed by id."""

_json = msgspec.json.Encoder()
_ids = msgspec.json.Decoder(list[int])

PAGE_TEXT: Final = 128 * 1024
"""Characters of text in one page: a page on its way to a client, escaped and in UTF-8, stays below what its outbox takes."""

COLUMNS: Final = ("room_id", "seq", "sender_id", "text", "sent_at", "thread_seq", "mentions", "file_id", "nonce")


class NewMessage(NamedTuple):
    """A message about to be written. `mentions` holds user ids, `EVERYONE_ID` among them for `@all`."""

    room: int
    seq: int
    sender: int
    text: str
    sent_at: str
    thread: int | None = None
    mentions: tuple[int, ...] = ()
    file: int | None = None
    nonce: str | None = None


def insert_new(tx: Tx, new: Sequence[NewMessage]) -> None:
    """Write messages whose seq was taken in this transaction."""
    rows = [
        (one.room, one.seq, one.sender, one.text, one.sent_at, one.thread, _packed(one.mentions), one.file, one.nonce)
        for one in new
    ]
    insert_many(tx, messages, COLUMNS, rows)
    called = [(user, one.room, one.seq) for one in new for user in one.mentions]
    if called:
        insert_many(tx, mentions, ("user_id", "room_id", "seq"), called)
    for one in new:
        if one.thread is not None:
            _count_reply(tx, one.room, one.thread, 1)


def _packed(ids: tuple[int, ...]) -> str | None:
    return _json.encode(ids).decode() if ids else None


def _count_reply(tx: Tx, room: int, thread: int, by: int) -> None:
    here = and_(messages.c.room_id == room, messages.c.seq == thread)
    tx.execute(update(messages).where(here).values(replies=messages.c.replies + by))


def sender_and_state(tx: Tx, room: int, seq: int) -> tuple[int, bool] | None:
    """Who sent a message and whether it was taken back; None if there is none of this seq."""
    row = tx.execute(_at(select(messages.c.sender_id, messages.c.deleted_at), room, seq)).first()
    return None if row is None else (row.sender_id, row.deleted_at is not None)


def thread_root(tx: Tx, room: int, seq: int) -> int | None:
    """The seq of the thread a message belongs to: its own where it begins one. None if there is no such message."""
    row = tx.execute(_at(select(messages.c.thread_seq, messages.c.deleted_at), room, seq)).first()
    if row is None or row.deleted_at is not None:
        return None
    return int(row.thread_seq) if row.thread_seq is not None else seq


def edit(tx: Tx, room: int, seq: int, new_text: str, called: tuple[int, ...], now: str) -> bool:
    """Give a message another text and keep the old one; False if it has this text already."""
    old = tx.execute(_at(select(messages.c.text), room, seq)).scalar_one()
    if old == new_text:
        return False
    count = select(func.count()).select_from(versions).where(versions.c.room_id == room, versions.c.seq == seq)
    version = tx.execute(count).scalar_one()
    tx.execute(insert(versions).values(room_id=room, seq=seq, version=version + 1, text=old, replaced_at=now))
    tx.execute(_here(update(messages), room, seq).values(text=new_text, edited_at=now, mentions=_packed(called)))
    tx.execute(delete(mentions).where(mentions.c.room_id == room, mentions.c.seq == seq))
    if called:
        insert_many(tx, mentions, ("user_id", "room_id", "seq"), [(user, room, seq) for user in called])
    return True


def erase(tx: Tx, room: int, seq: int, now: str) -> None:
    """Leave a tombstone: text, old versions, reactions, mentions and file are gone for good."""
    thread = tx.execute(_at(select(messages.c.thread_seq), room, seq)).scalar_one()
    tx.execute(_here(update(messages), room, seq).values(text="", deleted_at=now, mentions=None))
    for table in (versions, reactions, mentions):
        tx.execute(delete(table).where(table.c.room_id == room, table.c.seq == seq))
    shared = and_(
        shared_files.c.room_id == room, shared_files.c.message_seq == seq, shared_files.c.deleted_at.is_(None)
    )
    tx.execute(update(shared_files).where(shared).values(deleted_at=now))
    if thread is not None:
        _count_reply(tx, room, thread, -1)


def old_versions(tx: Tx, room: int, seq: int) -> list[Version]:
    """The texts a message had before, oldest first."""
    found = select(versions.c.text, versions.c.replaced_at).where(versions.c.room_id == room, versions.c.seq == seq)
    return [
        Version(text=row.text, replaced_at=row.replaced_at) for row in tx.execute(found.order_by(versions.c.version))
    ]


def _here(statement: Any, room: int, seq: int) -> Any:
    return statement.where(messages.c.room_id == room, messages.c.seq == seq)


_at = _here

# --- reactions ---------------------------------------------------------------------------------------------------------


def reactions_of(tx: Tx, room: int, seq: int) -> set[tuple[str, int]]:
    """Every (emoji, user id) under a message."""
    found = select(reactions.c.emoji, reactions.c.user_id).where(reactions.c.room_id == room, reactions.c.seq == seq)
    return {(row.emoji, row.user_id) for row in tx.execute(found)}


def add_reaction(tx: Tx, room: int, seq: int, emoji: str, user: int, event_seq: int) -> None:
    """Put an emoji under a message; the caller made sure that it is not there yet."""
    tx.execute(insert(reactions).values(room_id=room, seq=seq, emoji=emoji, user_id=user, reacted_seq=event_seq))


def remove_reaction(tx: Tx, room: int, seq: int, emoji: str, user: int) -> None:
    """Take a user's emoji away."""
    here = and_(
        reactions.c.room_id == room, reactions.c.seq == seq, reactions.c.emoji == emoji, reactions.c.user_id == user
    )
    tx.execute(delete(reactions).where(here))


# --- reading -----------------------------------------------------------------------------------------------------------


def _rows() -> Select[Any]:
    return select(messages, users.c.name.label("sender_name")).join(users, users.c.id == messages.c.sender_id)


def one(tx: Tx, room: int, seq: int) -> Message | None:
    """One message as it stands now."""
    found = _views(tx, room, tx.execute(_at(_rows(), room, seq)).all())
    return found[0] if found else None


def several(tx: Tx, room: int, seqs: Iterable[int]) -> dict[int, Message]:
    """Messages of a room by seq; those that are none are left out. For at most a page of them."""
    wanted = sorted(set(seqs))
    if not wanted:
        return {}
    rows = tx.execute(_rows().where(messages.c.room_id == room, messages.c.seq.in_(wanted))).all()
    return {message.seq: message for message in _views(tx, room, rows)}


def between(tx: Tx, room: int, after: int, upto: int, limit: int) -> list[Message]:
    """The first `limit` messages with `after` < seq <= `upto`, in order."""
    wanted = _rows().where(messages.c.room_id == room, messages.c.seq > after, messages.c.seq <= upto)
    return _views(tx, room, tx.execute(wanted.order_by(messages.c.seq).limit(limit)).all())


def older(tx: Tx, room: int, before: int | None, limit: int, thread: int | None = None) -> list[Message]:
    """The last `limit` messages with seq < `before` (None: the newest), in order; of one thread where given."""
    wanted = _in_thread(_rows().where(messages.c.room_id == room), thread)
    if before is not None:
        wanted = wanted.where(messages.c.seq < before)
    rows = tx.execute(wanted.order_by(messages.c.seq.desc()).limit(limit)).all()
    return within(_views(tx, room, rows[::-1]), newest=True)


def newer(tx: Tx, room: int, after: int, limit: int, thread: int | None = None) -> list[Message]:
    """The first `limit` messages with seq > `after`, in order; of one thread where given."""
    wanted = _in_thread(_rows().where(messages.c.room_id == room, messages.c.seq > after), thread)
    return within(_views(tx, room, tx.execute(wanted.order_by(messages.c.seq).limit(limit)).all()))


def within(found: list[Message], *, newest: bool = False) -> list[Message]:
    """As many of these messages as fit in `PAGE_TEXT`, at least one: the first, or the last where the `newest` are wanted."""
    left, kept = PAGE_TEXT, 0
    for message in reversed(found) if newest else found:
        left -= len(message.text)
        if left < 0 and kept:
            break
        kept += 1
    return found[len(found) - kept :] if newest else found[:kept]


def _in_thread(wanted: Select[Any], thread: int | None) -> Select[Any]:
    if thread is None:
        return wanted
    return wanted.where((messages.c.thread_seq == thread) | (messages.c.seq == thread))


def head(tx: Tx, room: int) -> int:
    """The newest seq of a room; 0 where nothing has happened."""
    return tx.execute(select(rooms.c.seq).where(rooms.c.id == room)).scalar_one_or_none() or 0


def _views(tx: Tx, room: int, rows: Sequence[Row[Any]]) -> list[Message]:
    if not rows:
        return []
    under = _reactions_under(tx, room, [row.seq for row in rows])
    files = _files(tx, [row.file_id for row in rows if row.file_id is not None and row.deleted_at is None])
    return [_view(row, under.get(row.seq, []), files.get(row.file_id)) for row in rows]


def _view(row: Row[Any], under: list[Reaction], file: File | None) -> Message:
    called = _ids.decode(row.mentions) if row.mentions else []
    return Message(
        room=row.room_id,
        seq=row.seq,
        sender=UserRef(id=row.sender_id, name=row.sender_name),
        text=row.text,
        sent_at=row.sent_at,
        thread=row.thread_seq,
        replies=row.replies,
        edited_at=row.edited_at,
        deleted=row.deleted_at is not None,
        mentions=[user for user in called if user != EVERYONE_ID],
        mentions_all=EVERYONE_ID in called,
        reactions=under,
        file=file,
        nonce=row.nonce,
    )


def _reactions_under(tx: Tx, room: int, seqs: list[int]) -> dict[int, list[Reaction]]:
    wanted = (
        select(reactions)
        .where(reactions.c.room_id == room, reactions.c.seq.in_(seqs))
        .order_by(reactions.c.reacted_seq)
    )
    found: dict[int, dict[str, list[int]]] = {}
    for row in tx.execute(wanted):
        found.setdefault(row.seq, {}).setdefault(row.emoji, []).append(row.user_id)
    return {
        seq: [Reaction(emoji=emoji, users=ids) for emoji, ids in by_emoji.items()] for seq, by_emoji in found.items()
    }


def _files(tx: Tx, ids: list[int]) -> dict[int, File]:
    if not ids:
        return {}
    return {row.id: file_view(row) for row in tx.execute(select(shared_files).where(shared_files.c.id.in_(ids)))}


def file_view(row: Row[Any]) -> File:
    """A row of `shared_files` as it is shown."""
    return File(id=row.id, name=row.filename, size=row.file_size, mime_type=row.mime_type, url=f"/download/{row.id}")
