"""Finding the code block of a message that a command names.

Rule: blocks are counted in the message as it stands now.
"""

from kibitz.domain.blocks import CodeBlock, blocks_of
from kibitz.domain.errors import not_found
from kibitz.domain.messages import MessageFacts
from kibitz.storage import Tx, messages


def block_of(tx: Tx, message: MessageFacts, number: int) -> CodeBlock:
    """A fenced code block of a message. Raises `Refusal("not_found")`."""
    found = messages.one(tx, message.room.id, message.seq)
    blocks = blocks_of(found.text) if found is not None else []
    if number >= len(blocks):
        raise not_found(f"Code block {number} of this message, which has {len(blocks)},")
    return blocks[number]
