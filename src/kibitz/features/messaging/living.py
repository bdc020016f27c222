"""Code blocks of messages that live on: as sessions that people edit, and as runs.

Rule: a message is kept to the letter; what its blocks have become stands beside it, as it is when the message is read.
"""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from kibitz.coedit import history
from kibitz.domain.messages import MAX_TEXT_BYTES
from kibitz.storage import Tx, runs, sessions
from kibitz.storage.messages import PAGE_TEXT
from kibitz.wire.views import LiveBlock, Message


def with_blocks(tx: Tx, room: int, messages: Sequence[Message]) -> list[Message]:
    """The messages of a room, each with its blocks that are sessions or were run."""
    coded = [message.seq for message in messages if "```" in message.text or "~~~" in message.text]
    left = PAGE_TEXT - sum(len(message.text) for message in messages)
    blocks = _blocks(tx, room, coded, left) if coded else {}
    return [replace(one, blocks=blocks[one.seq]) if one.seq in blocks else one for one in messages]


def _blocks(tx: Tx, room: int, seqs: Sequence[int], left: int) -> dict[int, list[LiveBlock]]:
    """The blocks of these messages; texts of at most `left` characters in all come with them, `get_code` has the others."""
    found: defaultdict[int, dict[int, LiveBlock]] = defaultdict(dict)
    for row in sessions.of_messages(tx, room, seqs):
        text = history.text_at(tx, row.id)
        shown = text if len(text) <= min(left, MAX_TEXT_BYTES) else None
        left -= len(shown or "")
        found[row.message_seq][row.block] = LiveBlock(
            block=row.block, session=row.id, language=row.language, text=shown
        )
    for run in runs.newest_of_messages(tx, room, seqs):
        assert run.seq is not None, "it is a message's"
        assert run.block is not None, "it is a block's"
        block = found[run.seq].get(run.block) or LiveBlock(block=run.block, language=run.language)
        found[run.seq][run.block] = replace(block, run=run)
    return {seq: [blocks[number] for number in sorted(blocks)] for seq, blocks in found.items()}
