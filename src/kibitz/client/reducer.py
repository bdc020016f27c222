"""What an event does to messages: the one place that knows, whether it comes live, as a replay, or on top of a page of history.

Rule: every event of a room's log is folded in once, in order. A replay tells a message as it stands now, ahead of the events that
made it so; folding those in as well comes out at the same: text and reactions because they say what is, and replies because they are
counted from the events alone. (The order of different emoji under a message is the one thing that each client has for itself.)
"""

from collections.abc import Mapping, MutableMapping

from msgspec.structs import replace

from kibitz.wire.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved, RoomEvent
from kibitz.wire.views import Message, Reaction

Messages = MutableMapping[int, Message]


def fold(messages: Messages, event: RoomEvent, known: Mapping[int, Message] | None = None) -> None:
    """Change what is held of the messages an event is about. `known` are messages whose threads can be looked up, if more than those."""
    match event:
        case MessagePosted(seq=seq, message=message):
            messages[seq] = replace(message, replies=0) if message.replies else message
            _count_reply(messages, message.thread, 1)
        case MessageEdited(message=message):
            if held := messages.get(message.seq):
                messages[message.seq] = replace(message, replies=held.replies)
        case MessageDeleted(target=target):
            if gone := (messages if known is None else known).get(target):
                _count_reply(messages, gone.thread, -1)
            if held := messages.get(target):
                messages[target] = tombstone(held)
        case ReactionAdded(target=target, emoji=emoji, user=user):
            if held := _standing(messages, target):
                shown = _with(_without(held.reactions, emoji, user.id), emoji, user.id)
                messages[target] = replace(held, reactions=shown)
        case ReactionRemoved(target=target, emoji=emoji, user=user):
            if held := _standing(messages, target):
                shown = [one for one in _without(held.reactions, emoji, user.id) if one.users]
                messages[target] = replace(held, reactions=shown)


def tombstone(message: Message) -> Message:
    """What is left of a message that was taken back."""
    return replace(message, text="", deleted=True, mentions=[], mentions_all=False, reactions=[], file=None)


def _standing(messages: Messages, seq: int) -> Message | None:
    held = messages.get(seq)
    return None if held is None or held.deleted else held


def _count_reply(messages: Messages, thread: int | None, by: int) -> None:
    if thread is not None and (root := messages.get(thread)):
        messages[thread] = replace(root, replies=root.replies + by)


def _without(reactions: list[Reaction], emoji: str, user: int) -> list[Reaction]:
    """The reactions less this one; an emoji that nobody is left under keeps its place for `_with`."""
    return [
        Reaction(emoji=emoji, users=[one for one in reaction.users if one != user])
        if reaction.emoji == emoji
        else reaction
        for reaction in reactions
    ]


def _with(reactions: list[Reaction], emoji: str, user: int) -> list[Reaction]:
    # Last under its emoji even if it was there: that is where the server has whoever chose it last.
    if all(reaction.emoji != emoji for reaction in reactions):
        return [*reactions, Reaction(emoji=emoji, users=[user])]
    return [
        Reaction(emoji=emoji, users=[*reaction.users, user]) if reaction.emoji == emoji else reaction
        for reaction in reactions
    ]
