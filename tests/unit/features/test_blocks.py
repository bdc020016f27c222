"""The code block that a command names, in the message as it stands now."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import message_facts
from tests.support.rooms import say

from kibitz.domain.blocks import CodeBlock
from kibitz.domain.errors import Refusal
from kibitz.features.blocks import block_of
from kibitz.storage import messages
from kibitz.storage.seed import GENERAL_ID

TEXT = "```python\nprint(1)\n```\n> ~~~\n> x\n> ~~~\n"


def test_blocks_are_counted_from_zero() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        thing = message_facts(tx, alice, say(tx, GENERAL_ID, alice, text=TEXT))
        assert block_of(tx, thing, 0) == CodeBlock("python", "print(1)\n")
        assert block_of(tx, thing, 1) == CodeBlock("", "x\n")


@pytest.mark.parametrize(("text", "number", "has"), [(TEXT, 2, 2), ("no code", 0, 0), ("`x`", 0, 0)])
def test_a_block_that_is_not_there_is_not_found(text: str, number: int, has: int) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        thing = message_facts(tx, alice, say(tx, GENERAL_ID, alice, text=text))
        with pytest.raises(
            Refusal, match=f"Code block {number} of this message, which has {has}, not found"
        ) as refused:
            block_of(tx, thing, number)
        assert refused.value.code == "not_found"


def test_an_edit_changes_which_blocks_there_are_and_a_deletion_leaves_none() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice, text="no code")
        messages.edit(tx, GENERAL_ID, seq, TEXT, (), NOW)
        assert block_of(tx, message_facts(tx, alice, seq), 0).language == "python"
        messages.erase(tx, GENERAL_ID, seq, NOW)
        with pytest.raises(Refusal, match="which has 0"):
            block_of(tx, message_facts(tx, alice, seq), 0)
