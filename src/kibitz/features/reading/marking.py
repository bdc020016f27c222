"""Marking a room as read.

Rule: a marker never goes back and never beyond the newest event, so devices may report in any order, and late.
"""

from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Notify
from kibitz.features.call import Call, Outcome
from kibitz.storage import markers
from kibitz.wire.commands import MarkRead
from kibitz.wire.events import ReadMarked
from kibitz.wire.results import Read


def mark_read(call: Call[MarkRead, RoomFacts]) -> Outcome:
    """The actor has read a room up to here; their other devices hear of it if that is news."""
    room, user = call.thing.id, call.actor.id
    seq = min(call.command.seq, call.thing.seq)
    moved = seq > 0 and markers.advance(call.tx, user, room, seq)
    read = seq if moved else markers.read_seq(call.tx, user, room)
    unread, mentions = markers.left_to_read(call.tx, user, room, read)
    answer = Read(room=room, read_seq=read, unread=unread, mentions=mentions)
    marked = ReadMarked(room=room, read_seq=read, unread=unread, mentions=mentions)
    return Outcome(answer, (Notify((user,), marked),) if moved else ())
