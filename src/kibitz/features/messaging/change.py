"""Editing a message, taking it back, reacting to it.

Rule: what changes a message is an event of its room with a seq of its own; what changes nothing leaves no event.
"""

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MAX_REACTIONS, MessageFacts, check_emoji, check_text
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call, Outcome
from kibitz.features.messaging.calling import called_ids
from kibitz.storage import changes, messages, runs
from kibitz.wire.commands import AddReaction, DeleteMessage, EditMessage, RemoveReaction
from kibitz.wire.events import MessageDeleted, MessageEdited, ReactionAdded, ReactionRemoved
from kibitz.wire.results import Changed
from kibitz.wire.views import UserRef


def edit(call: Call[EditMessage, MessageFacts]) -> Outcome:
    """Another text for a message; the old one is kept."""
    room, seq = call.thing.room, call.thing.seq
    before = messages.one(call.tx, room.id, seq)
    check_text(call.command.text, has_file=before is not None and before.file is not None)
    called = called_ids(call.tx, room, call.command.text)
    if not messages.edit(call.tx, room.id, seq, call.command.text, called, call.now):
        return _nothing(room.id)
    event_seq = changes.record(call.tx, room.id, "message_edited", call.actor.id, call.now, target=seq)
    message = messages.one(call.tx, room.id, seq)
    assert message is not None, "it was edited in this transaction"
    event = MessageEdited(room=room.id, seq=event_seq, message=message)
    return Outcome(Changed(room=room.id, seq=event_seq), (Publish(event),))


def take_back(call: Call[DeleteMessage, MessageFacts]) -> Outcome:
    """A tombstone in a message's place."""
    room, seq = call.thing.room.id, call.thing.seq
    messages.erase(call.tx, room, seq, call.now)
    runs.erase_of_message(call.tx, room, seq)
    event_seq = changes.record(call.tx, room, "message_deleted", call.actor.id, call.now, target=seq)
    event = MessageDeleted(room=room, seq=event_seq, target=seq, by=_ref(call.actor), at=call.now)
    return Outcome(Changed(room=room, seq=event_seq), (Publish(event),))


def react(call: Call[AddReaction, MessageFacts]) -> Outcome:
    """An emoji under a message."""
    symbol, room, seq = call.command.emoji, call.thing.room.id, call.thing.seq
    check_emoji(symbol)
    there = messages.reactions_of(call.tx, room, seq)
    if (symbol, call.actor.id) in there:
        return _nothing(room)
    different = {emoji for emoji, _ in there}
    if symbol not in different and len(different) >= MAX_REACTIONS:
        raise Refusal("invalid", f"A message can have {MAX_REACTIONS} different reactions; choose one that is there.")
    event_seq = changes.record(
        call.tx, room, "reaction_added", call.actor.id, call.now, target=seq, data={"emoji": symbol}
    )
    messages.add_reaction(call.tx, room, seq, symbol, call.actor.id, event_seq)
    event = ReactionAdded(room=room, seq=event_seq, target=seq, emoji=symbol, user=_ref(call.actor))
    return Outcome(Changed(room=room, seq=event_seq), (Publish(event),))


def unreact(call: Call[RemoveReaction, MessageFacts]) -> Outcome:
    """My emoji away from under a message."""
    symbol, room, seq = call.command.emoji, call.thing.room.id, call.thing.seq
    if (symbol, call.actor.id) not in messages.reactions_of(call.tx, room, seq):
        return _nothing(room)
    event_seq = changes.record(
        call.tx, room, "reaction_removed", call.actor.id, call.now, target=seq, data={"emoji": symbol}
    )
    messages.remove_reaction(call.tx, room, seq, symbol, call.actor.id)
    event = ReactionRemoved(room=room, seq=event_seq, target=seq, emoji=symbol, user=_ref(call.actor))
    return Outcome(Changed(room=room, seq=event_seq), (Publish(event),))


def _nothing(room: int) -> Outcome:
    return Outcome(Changed(room=room, seq=0))


def _ref(actor: Actor) -> UserRef:
    return UserRef(id=actor.id, name=actor.name)
