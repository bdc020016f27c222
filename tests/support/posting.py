"""The general channel and its messages as an actor finds them."""

from kibitz.domain.access import Actor
from kibitz.domain.messages import MessageFacts
from kibitz.domain.rooms import RoomFacts
from kibitz.storage import Tx, messages, posting


def facts(tx: Tx, actor: Actor, room: int = 1) -> RoomFacts:
    """A room, seen from an actor."""
    return posting.rooms_for(tx, {(room, actor.id)})[room, actor.id]


def message_facts(tx: Tx, actor: Actor, seq: int, room: int = 1) -> MessageFacts:
    """One of its messages."""
    found = messages.sender_and_state(tx, room, seq)
    assert found is not None
    return MessageFacts(facts(tx, actor, room), seq, *found)
