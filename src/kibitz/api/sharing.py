"""Where the two halves of a file meet: its bytes in the blobs, its words in the database.

Rule: bytes come first and go last, so that whatever a database says is there is there, whenever the server is killed.
"""

import asyncio
from typing import Final, cast

import structlog

from kibitz.api import things
from kibitz.api.caller import Caller
from kibitz.api.gate import Gate
from kibitz.api.verb import Mode, Verb
from kibitz.api.workspace import Workspace
from kibitz.api.written import Written
from kibitz.blobs import Staged
from kibitz.domain.access import Act
from kibitz.domain.files import StoredFile
from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Step
from kibitz.features import direct
from kibitz.features.call import Call, Outcome
from kibitz.features.files import sharing
from kibitz.features.files.sharing import GetFile, ShareFile
from kibitz.features.files.sniffing import media_type
from kibitz.features.messaging.post import post_with_file
from kibitz.storage import files, posting
from kibitz.storage.committer import settle
from kibitz.wire.commands import GetRoom, PostMessage, RoomRef
from kibitz.wire.results import Done, Result

log = structlog.get_logger()

GRACE_SECONDS: Final = 3600.0
"""How long bytes that no file needs are kept. They may be on their way: bytes come first. An upload's last step takes a moment."""

UPLOAD_COST: Final = 5.0
DOWNLOAD_COST: Final = 2.0
"""What a file takes from the rate buckets; an upload makes things durable."""


class Uploaded(Result, frozen=True, kw_only=True):
    """A file that is shared now (protocol.md, `POST /upload`)."""

    file_id: int
    filename: str
    file_size: int
    mime_type: str
    url: str


# --- in ----------------------------------------------------------------------------------------------------------------


async def check_target(gate: Gate, caller: Caller, room: RoomRef) -> None:
    """Raises `Refusal` if the caller may not post there now: it spares them the upload. `share` asks again."""
    await gate.read(caller, _MAY_POST, GetRoom(room=room))


async def share(
    gate: Gate, caller: Caller, staged: Staged, *, room: RoomRef, name: str, text: str, nonce: str | None
) -> bytes:
    """Keep bytes that came in and post them as a message with a file; returns an `Uploaded` as JSON. Raises `Refusal`."""
    workspace, digest = gate.workspace, staged.sha256
    kind = await asyncio.to_thread(media_type, name, staged.head)
    command = ShareFile(room=room, text=text, name=name, size=staged.size, mime_type=kind, sha256=digest, nonce=nonce)
    async with workspace.blobs.lock(digest):
        try:
            await workspace.blobs.place(staged)
            answer = await _commit(gate, caller, command)
        except Exception:
            # Refused. Whoever is cancelled instead does not know what becomes of the row, and leaves the bytes to the sweep.
            await _free(workspace, digest)
            raise
    workspace.counters.posted += 1
    workspace.counters.uploaded_bytes += staged.size
    return answer


async def _commit(gate: Gate, caller: Caller, command: ShareFile) -> bytes:
    future: asyncio.Future[Written] = asyncio.get_running_loop().create_future()
    gate.write(caller, _SHARE, command, settle(future))
    return (await future).answer


def _share(call: Call[ShareFile, RoomFacts]) -> Outcome:
    room, begun = _begun(call)
    file = sharing.write_down(call, room)
    said = PostMessage(room=room.id, text=call.command.text, nonce=call.command.nonce)
    posted = post_with_file(Call(call.tx, call.actor, said, room, call.now), file)
    answer = Uploaded(file_id=file.id, filename=file.name, file_size=file.size, mime_type=file.mime_type, url=file.url)
    return Outcome(answer, (*begun, *posted.steps))


def _begun(call: Call[ShareFile, RoomFacts]) -> tuple[RoomFacts, tuple[Step, ...]]:
    if not call.thing.id:
        return direct.begin(call.tx, call.actor, str(call.command.room).removeprefix("@"), call.now)
    here = (call.thing.id, call.actor.id)
    # Locked, since the file is written down with the seq that its message is about to take.
    return posting.rooms_for(call.tx, {here})[here], ()


# --- out ---------------------------------------------------------------------------------------------------------------


async def find(gate: Gate, caller: Caller, file: int) -> StoredFile:
    """The file of this id, if the caller may have it. Raises `Refusal`."""
    return cast("StoredFile", await gate.read(caller, _FIND, GetFile(file=file)))


# Rows of the table that are no verbs: what they are about never comes over the wire.
_MAY_POST: Final = Verb(GetRoom, lambda _: Done(), Mode.READ, act=Act.POST, thing=things.room_of)
_SHARE: Final = Verb(ShareFile, _share, Mode.WRITE, Uploaded, Act.POST, things.room_of)
_FIND: Final = Verb(GetFile, sharing.find, Mode.READ, act=Act.GET_FILE, thing=things.file_of)


# --- away --------------------------------------------------------------------------------------------------------------


async def sweep(workspace: Workspace) -> int:
    """Delete the bytes that no file needs and that have been there for `GRACE_SECONDS`; returns how many files' worth."""
    oldest = workspace.clock() - GRACE_SECONDS
    freed = 0
    async for page in workspace.blobs.pages():
        old = [digest for digest, placed in page if placed < oldest]
        needed = await workspace.store.read(files.used, old)
        for digest in old:
            if digest not in needed:
                async with workspace.blobs.lock(digest):
                    freed += await _free(workspace, digest, oldest)
    if freed:
        log.info("swept files that nobody needs", files=freed)
    return freed


async def _free(workspace: Workspace, digest: str, oldest: float | None = None) -> bool:
    """Delete a blob unless a file needs it or it was placed since `oldest`. For the holder of its lock."""
    if await workspace.store.read(files.used, [digest]):
        return False
    # Whoever was cancelled while the committer had their row let go of the lock before the row was there.
    if oldest is not None and await workspace.blobs.placed(digest) >= oldest:
        return False
    await workspace.blobs.delete(digest)
    return True
