"""Reading a room: pages of messages, one message, its old texts, its log.

Rule: what is read comes with the room's head and the history's epoch, so that a reader can tell what it has.
"""

from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.features.call import Call
from kibitz.features.messaging.living import with_blocks
from kibitz.storage import Tx, messages, replay
from kibitz.storage.seed import epoch
from kibitz.wire.commands import GetChanges, GetHistory, GetMessage, GetVersions
from kibitz.wire.results import Changes, History, Versions
from kibitz.wire.views import Message


def history(call: Call[GetHistory, RoomFacts]) -> History:
    """A page of a room or of one of its threads."""
    command = call.command
    if sum(edge is not None for edge in (command.before, command.after, command.around)) > 1:
        raise Refusal("invalid", "Give one of before, after and around.")
    found = page(call.tx, call.thing.id, command)
    first, last = (found[0].seq, found[-1].seq) if found else _nowhere(command)
    return History(
        messages=with_blocks(call.tx, call.thing.id, found),
        more_before=bool(messages.older(call.tx, call.thing.id, first, 1, command.thread)),
        more_after=bool(messages.newer(call.tx, call.thing.id, last, 1, command.thread)),
        head=messages.head(call.tx, call.thing.id),
        epoch=epoch(call.tx),
    )


def page(tx: Tx, room: int, command: GetHistory) -> list[Message]:
    """The messages a `GetHistory` asks for."""
    if command.after is not None:
        return messages.newer(tx, room, command.after, command.limit, command.thread)
    if command.around is not None:
        before = messages.older(tx, room, command.around, command.limit // 2, command.thread)
        return before + messages.newer(tx, room, command.around - 1, command.limit - len(before), command.thread)
    return messages.older(tx, room, command.before, command.limit, command.thread)


def _nowhere(command: GetHistory) -> tuple[int, int]:
    edge = next((edge for edge in (command.before, command.after, command.around) if edge is not None), 0)
    return (edge, edge)


def one(call: Call[GetMessage, MessageFacts]) -> Message:
    """What a permalink leads to."""
    message = messages.one(call.tx, call.thing.room.id, call.thing.seq)
    if message is None:
        raise not_found("Message")
    return with_blocks(call.tx, call.thing.room.id, [message])[0]


def old_versions(call: Call[GetVersions, MessageFacts]) -> Versions:
    """The texts a message had before."""
    return Versions(versions=messages.old_versions(call.tx, call.thing.room.id, call.thing.seq))


def changes(call: Call[GetChanges, RoomFacts]) -> Changes:
    """A page of a room's log."""
    room, command = call.thing.id, call.command
    newest = messages.head(call.tx, room)
    events, more = replay.events(call.tx, room, command.after, newest, command.limit)
    return Changes(events=events, more=more, head=newest, epoch=epoch(call.tx))  # type: ignore[arg-type]
