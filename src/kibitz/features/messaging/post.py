"""Posting, for all who post in one batch.

Rule: the hot path of the product: what a message needs beyond its insertion (a thread, a mention, a room that begins with it) is
paid for by the messages that have it.
"""

from collections.abc import Sequence
from dataclasses import replace

from kibitz.domain.errors import Refusal, not_found
from kibitz.domain.messages import check_text
from kibitz.domain.rooms import RoomFacts
from kibitz.fanout.steps import Publish, Step
from kibitz.features import direct
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging.calling import called_ids
from kibitz.storage import Tx, messages, posting
from kibitz.storage.messages import EVERYONE_ID, NewMessage
from kibitz.wire.commands import PostMessage
from kibitz.wire.events import MessagePosted
from kibitz.wire.results import Posted
from kibitz.wire.views import File, Message, UserRef

PostCall = Call[PostMessage, RoomFacts]


def post_many(tx: Tx, calls: Sequence[PostCall]) -> list[Outcome | Refusal]:
    """Post each in order; a `Refusal` in the place of one that cannot be."""
    batch = Batch(tx)
    outcomes = [batch.take(call) for call in calls]
    batch.write()
    return outcomes


class Batch:
    """Posts of one transaction: seqs are given as they are taken, rows are written at the end."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._heads: dict[int, int] = {}
        self._new: list[NewMessage] = []

    def take(self, call: PostCall, file: File | None = None) -> Outcome | Refusal:
        """Give one post its place, or say why it has none."""
        try:
            check_text(call.command.text, has_file=file is not None)
            thread = self._thread(call)
            room, steps = self._begun(call)
            return self._place(call, room, thread, steps, file)
        except Refusal as refusal:
            return refusal

    def write(self) -> None:
        """Write everything that was taken."""
        if self._new:
            posting.advance(self._tx, self._heads.items())
            messages.insert_new(self._tx, self._new)

    def _thread(self, call: PostCall) -> int | None:
        if call.command.thread is None:
            return None
        self._flush_for(call.thing.id, call.command.thread)
        root = messages.thread_root(self._tx, call.thing.id, call.command.thread)
        if root is None:
            raise not_found("Message to answer")
        return root

    def _flush_for(self, room: int, seq: int) -> None:
        # An answer to a message of this very batch: that one must be in the table to be found.
        if any(new.room == room and new.seq == seq for new in self._new):
            messages.insert_new(self._tx, self._new)
            self._new = []

    def _begun(self, call: PostCall) -> tuple[RoomFacts, tuple[Step, ...]]:
        if call.thing.id:
            return call.thing, ()
        other = str(call.command.room).removeprefix("@")
        return direct.begin(self._tx, call.actor, other, call.now)

    def _place(
        self, call: PostCall, room: RoomFacts, thread: int | None, steps: tuple[Step, ...], file: File | None
    ) -> Outcome:
        command, actor = call.command, call.actor
        called = called_ids(self._tx, room, command.text)
        seq = self._heads[room.id] = self._heads.get(room.id, room.seq) + 1
        file_id = file.id if file is not None else None
        new = NewMessage(room.id, seq, actor.id, command.text, call.now, thread, called, file_id, command.nonce)
        self._new.append(new)
        message = Message(
            room=room.id,
            seq=seq,
            sender=UserRef(id=actor.id, name=actor.name),
            text=command.text,
            sent_at=call.now,
            thread=thread,
            mentions=[user for user in called if user != EVERYONE_ID],
            mentions_all=EVERYONE_ID in called,
            file=file,
            nonce=command.nonce,
        )
        published = Publish(MessagePosted(room=room.id, seq=seq, message=message))
        return Outcome(Posted(room=room.id, seq=seq, sent_at=call.now), (*steps, published))


def post_with_file(call: PostCall, file: File) -> Outcome:
    """Post a message that carries a file already written down in this transaction."""
    batch = Batch(call.tx)
    outcome = batch.take(replace(call), file)
    if isinstance(outcome, Refusal):
        raise outcome
    batch.write()
    return outcome
