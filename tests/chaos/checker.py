"""Whether what the clients know and what the server kept are the same story.

Rule: each promise of the delivery contract is one function, which names every breach it finds and changes nothing.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tests.chaos.database import Database, RoomLog
from tests.chaos.evidence import Evidence, Sent, Witness
from tests.chaos.replica import RoomCopy

CHANGES: Final = {
    "edit_message": "message_edited",
    "delete_message": "message_deleted",
    "add_reaction": "reaction_added",
    "remove_reaction": "reaction_removed",
    "add_member": "member_added",
    "remove_member": "member_removed",
    "leave_room": "member_removed",
}
"""The event each changing command leaves in its room's log."""

FEW_EVENTS: Final = 500
"""Half of the events of a room that a server replays: missing fewer is no reason to start it afresh."""

LITTLE_TEXT: Final = 64 * 1024
"""The same for the characters of text of all rooms together: half of what one room may have, a quarter of a login's."""

ONE_BATCH: Final = 256
"""Events that may have been committed between the head a client was shown and the replay: one connection's commands under way."""


def check(database: Database, evidence: Evidence) -> list[str]:
    """Every breach of the contract, in words; empty if there is none."""
    promises = (_acknowledged_once, _nothing_unasked, _dense, _replicas_equal, _in_order, _private, _resets, _pipes)
    return [breach for promise in promises for breach in promise(database, evidence)]


def _acknowledged_once(database: Database, evidence: Evidence) -> Iterator[str]:
    said = Counter((message.sender, message.nonce) for room in database.rooms.values() for message in room.messages)
    for witness in evidence.witnesses:
        for sent in witness.sent:
            key = (witness.user, sent.nonce)
            if sent.answer is None:
                if sent.refused is None:
                    yield f"{sent.nonce} ({sent.type}) was never answered"
                continue
            if database.nonces.get(key) != sent.answer:
                yield f"{sent.nonce}: acknowledged as {sent.answer}, kept as {database.nonces.get(key)}"
            if sent.type == "post_message":
                if said[key] != 1:
                    yield f"{sent.nonce}: acknowledged, and {said[key]} messages of it are kept"
                yield from _at_its_place(database, witness, sent)
            elif sent.type in CHANGES:
                yield from _changed(database, witness, sent)


def _at_its_place(database: Database, witness: Witness, sent: Sent) -> Iterator[str]:
    assert sent.answer is not None
    log = database.rooms.get(sent.answer["room"])
    seq = sent.answer["seq"]
    found = [message for message in log.messages if message.seq == seq] if log is not None and seq else []
    if [(message.sender, message.nonce) for message in found] != [(witness.user, sent.nonce)]:
        yield f"{sent.nonce}: acknowledged as {sent.answer}, where {found} stands"


def _changed(database: Database, witness: Witness, sent: Sent) -> Iterator[str]:
    assert sent.answer is not None
    seq = sent.answer["seq"]
    if not seq:  # nothing had to change
        return
    log = database.rooms.get(sent.answer["room"])
    found = [(change.kind, change.user) for change in log.changes if change.seq == seq] if log is not None else []
    if found != [(CHANGES[sent.type], witness.user)]:
        yield f"{sent.nonce}: {sent.type} acknowledged as {sent.answer}, where {found} stands"


def _nothing_unasked(database: Database, evidence: Evidence) -> Iterator[str]:
    asked = {(witness.user, sent.nonce): sent for witness in evidence.witnesses for sent in witness.sent}
    for (user, nonce), answer in database.nonces.items():
        sent = asked.get((user, nonce))
        if sent is None or (sent.answer is None and sent.times == 1):
            yield f"{nonce} of user {user} was carried out as {answer}, which nobody was told"
    for room in database.rooms.values():
        for message in room.messages:
            if (message.sender, message.nonce) not in database.nonces:
                yield f"room {room.id} has message {message.seq}, which no command made"


def _dense(database: Database, _: Evidence) -> Iterator[str]:
    for room in database.rooms.values():
        seqs = sorted([one.seq for one in room.messages] + [one.seq for one in room.changes])
        if seqs != list(range(1, room.head + 1)):
            breaks = [(left, right) for left, right in pairwise([0, *seqs, room.head + 1]) if right != left + 1]
            yield f"room {room.id} with head {room.head} is not dense at {breaks[:5]}"


def _replicas_equal(database: Database, evidence: Evidence) -> Iterator[str]:
    for witness in evidence.witnesses:
        mine = {room.id for room in database.rooms.values() if room.has(witness.user)}
        if mine != witness.rooms.keys():
            yield f"{witness.name} holds rooms {sorted(witness.rooms)} and is in {sorted(mine)}"
        for room in sorted(mine & witness.rooms.keys()):
            yield from _equal(witness.name, database.rooms[room], witness.rooms[room])


def _equal(name: str, log: RoomLog, copy: RoomCopy) -> Iterator[str]:
    if copy.seq != log.head:
        yield f"{name} has room {log.id} up to {copy.seq} of {log.head}"
    kept = {
        one.seq: (one.sender, one.text, one.deleted, frozenset(log.reactions.get(one.seq, ()))) for one in log.messages
    }
    held = {seq: (one.sender, one.text, one.deleted, frozenset(one.reactions)) for seq, one in copy.messages.items()}
    for seq in sorted(kept.keys() | held.keys()):
        if kept.get(seq) != held.get(seq):
            yield f"{name} holds room {log.id} message {seq} as {held.get(seq)}; it is {kept.get(seq)}"


def _in_order(database: Database, evidence: Evidence) -> Iterator[str]:
    places = {(one.sender, one.nonce): (room.id, one.seq) for room in database.rooms.values() for one in room.messages}
    for witness in evidence.witnesses:
        newest: dict[int, int] = {}
        for sent in witness.sent:
            if sent.type != "post_message" or (place := places.get((witness.user, sent.nonce))) is None:
                continue
            room, seq = place
            if seq <= newest.get(room, 0):
                yield f"{sent.nonce} stands at {seq} of room {room}, before {newest[room]}, which was sent earlier"
            newest[room] = seq


def _private(database: Database, evidence: Evidence) -> Iterator[str]:
    for witness in evidence.witnesses:
        stays = {room.id: room.stays(witness.user) for room in database.rooms.values()}
        for heard in witness.heard:
            # What was missed while out is replayed to whoever came back: then only what came after the last leaving counts.
            allowed = any(
                (came < heard.seq or not heard.live) and heard.seq <= went for came, went in stays.get(heard.room, ())
            )
            if not allowed:
                yield f"{witness.name} heard event {heard.seq} of room {heard.room} without being in it"


def _resets(database: Database, evidence: Evidence) -> Iterator[str]:
    for witness in evidence.witnesses:
        for reset in witness.resets:
            text = sum(_text(database, *missed) for missed in reset.missed)
            if 0 <= reset.head - reset.position < FEW_EVENTS and text < LITTLE_TEXT:
                yield f"{witness.name} was to start room {reset.room} afresh for nothing: {reset}"


def _text(database: Database, room: int, position: int, head: int) -> int:
    """Characters that were missed of a room. Those of a message that grew since count as they are now."""
    log = database.rooms[room]
    return sum(len(one.text) for one in log.messages if position < one.seq <= head + ONE_BATCH)


def _pipes(database: Database, evidence: Evidence) -> Iterator[str]:
    sent = [one for witness in evidence.witnesses for one in witness.sent]
    posts = {
        one.fields["text"].split()[0]: (one.answer["room"], one.answer["seq"])
        for one in sent
        if one.type == "post_message" and one.answer is not None
    }
    general = {seq: token for token, (room, seq) in posts.items() if database.rooms[room].kind == "general"}
    for number, heard in enumerate(evidence.pipes):
        elsewhere = [token for token in heard if token not in posts or posts[token][1] not in general]
        if elsewhere:
            yield f"pipe connection {number} heard {elsewhere[:5]}, which are not of the general channel"
            continue
        seqs = [posts[token][1] for token in heard]
        wanted = sorted(seq for seq in general if seqs and seqs[0] <= seq <= seqs[-1])
        if seqs != wanted:
            odd = next(pair for pair in zip([*seqs, None], [*wanted, None], strict=False) if pair[0] != pair[1])
            yield f"pipe connection {number} heard seq {odd[0]} where {odd[1]} was due"
