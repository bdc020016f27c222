"""Files as conversations know them: shared, found, listed, taken back.

Rule: a file has the place of its message, and whoever is in the room may have it.
"""

from kibitz.domain.access import FileFacts
from kibitz.domain.files import StoredFile, clean_file_name
from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.storage import changes, files, messages
from kibitz.storage.files import NewFile
from kibitz.wire.commands import Command, DeleteFile, Id, ListFiles, RoomRef, Write
from kibitz.wire.events import MessageDeleted
from kibitz.wire.results import Changed, Files
from kibitz.wire.views import File, UserRef


class ShareFile(Write, frozen=True, kw_only=True):
    """Say something with a file whose bytes are stored. No transport can decode this: whoever could name a digest could have its bytes."""

    room: RoomRef
    text: str
    name: str
    size: int
    mime_type: str
    sha256: str


class GetFile(Command, frozen=True, kw_only=True):
    """Find the bytes of a file: the command of a download, and of nothing else."""

    file: Id


def write_down(call: Call[ShareFile, RoomFacts], room: RoomFacts) -> File:
    """The file of the message that comes next in a room, which this transaction has locked."""
    command = call.command
    return files.write_down(
        call.tx,
        NewFile(
            room=room.id,
            message_seq=room.seq + 1,
            sender=call.actor.id,
            name=clean_file_name(command.name),
            size=command.size,
            mime_type=command.mime_type,
            sha256=command.sha256,
            shared_at=call.now,
        ),
    )


def find(call: Call[GetFile, FileFacts]) -> StoredFile:
    """Where a file's bytes are and how they are offered."""
    row = files.need(call.tx, call.thing.id)
    return StoredFile(name=row.name, size=row.size, mime_type=row.mime_type, sha256=row.sha256)


def list_files(call: Call[ListFiles, RoomFacts | None]) -> Files:
    """A page of the files in the caller's rooms, or in one of them."""
    command, room = call.command, call.thing.id if call.thing is not None else None
    found = files.page(call.tx, call.actor.id, room, command.before, command.limit + 1)
    return Files(files=found[: command.limit], more=len(found) > command.limit)


def delete_file(call: Call[DeleteFile, FileFacts]) -> Outcome:
    """A tombstone in the place of a file's message. Its bytes go with the next sweep, unless another file has the same."""
    room, seq = call.thing.room.id, files.need(call.tx, call.thing.id).message_seq
    messages.erase(call.tx, room, seq, call.now)
    event_seq = changes.record(call.tx, room, "message_deleted", call.actor.id, call.now, target=seq)
    by = UserRef(id=call.actor.id, name=call.actor.name)
    event = MessageDeleted(room=room, seq=event_seq, target=seq, by=by, at=call.now)
    return Outcome(Changed(room=room, seq=event_seq), (Publish(event),))
