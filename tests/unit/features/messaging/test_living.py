"""Code blocks of messages that live on, as whoever reads the messages sees them."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import facts, message_facts
from tests.support.rooms import group, say
from tests.support.runs import end, run_of
from tests.support.sessions import session_of

from kibitz.coedit import history
from kibitz.domain.access import Actor
from kibitz.domain.messages import MAX_TEXT_BYTES
from kibitz.features.call import Call
from kibitz.features.messaging import living, read
from kibitz.features.messaging.living import with_blocks
from kibitz.storage import Tx, messages, runs
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.commands import GetHistory, GetMessage
from kibitz.wire.views import LiveBlock, Message

BLOCK = "```python\nprint(1)\n```\n"


def seen(tx: Tx, actor: Actor, room: int = GENERAL_ID) -> list[Message]:
    """The messages of a page, after the page and the permalink were seen to agree."""
    page = read.history(Call(tx, actor, GetHistory(room=room), facts(tx, actor, room), NOW)).messages
    for message in page:
        command = GetMessage(room=room, seq=message.seq)
        assert read.one(Call(tx, actor, command, message_facts(tx, actor, message.seq, room), NOW)) == message
    return page


def test_a_block_that_people_edit_is_shown_as_it_is_now_and_the_message_to_the_letter() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice, text=f"{BLOCK}{BLOCK}")
        session = session_of(tx, alice, room=GENERAL_ID, seq=seq, block=1, language="c", code="int x;\n")
        (message,) = seen(tx, alice)
        assert message.text == f"{BLOCK}{BLOCK}"
        assert message.blocks == [LiveBlock(block=1, session=session, language="c", text="int x;\n")]


def test_a_block_that_was_run_shows_its_newest_run_that_has_ended() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice, text=BLOCK)
        first, second = (run_of(tx, alice, block=(GENERAL_ID, seq, 0)) for _ in range(2))
        assert seen(tx, alice)[0].blocks == []
        for run in (first, second):
            end(tx, run)
        run_of(tx, alice, block=(GENERAL_ID, seq, 0))
        newest = runs.ref(tx, second.run.id)
        assert seen(tx, alice)[0].blocks == [LiveBlock(block=0, language="python", run=newest)]


def test_blocks_are_in_their_order_each_with_its_session_and_its_run() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        one, two = (say(tx, GENERAL_ID, alice, text=BLOCK * 3) for _ in range(2))
        say(tx, GENERAL_ID, alice, text="no code")
        run = {}
        for seq, block in ((one, 2), (one, 0), (two, 0)):
            run[seq, block] = run_of(tx, alice, block=(GENERAL_ID, seq, block))
            end(tx, run[seq, block])
        session = session_of(tx, alice, room=GENERAL_ID, seq=one, block=2, language="python", code="x")
        shown = {key: runs.ref(tx, made.run.id) for key, made in run.items()}
        assert [message.blocks for message in seen(tx, alice)] == [
            [
                LiveBlock(block=0, language="python", run=shown[one, 0]),
                LiveBlock(block=2, session=session, language="python", text="x", run=shown[one, 2]),
            ],
            [LiveBlock(block=0, language="python", run=shown[two, 0])],
            [],
        ]


def test_what_belongs_to_another_room_is_not_shown() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        kitchen = group(tx, alice)
        seq = say(tx, GENERAL_ID, alice, text=BLOCK)
        assert say(tx, kitchen, alice, text=BLOCK) == seq
        session_of(tx, alice, room=kitchen, seq=seq, block=0)
        end(tx, run_of(tx, alice, block=(kitchen, seq, 0)))
        assert seen(tx, alice)[0].blocks == []
        assert len(seen(tx, alice, kitchen)[0].blocks) == 1


def test_messages_without_code_are_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        say(tx, GENERAL_ID, alice, text="`inline` and    indented")
        monkeypatch.setattr(living, "_blocks", lambda *_: pytest.fail("was looked up"))
        assert with_blocks(tx, GENERAL_ID, messages.older(tx, GENERAL_ID, None, 10))[0].blocks == []


def test_a_deleted_message_shows_nothing_of_what_its_blocks_became() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seq = say(tx, GENERAL_ID, alice, text=BLOCK)
        session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0, code="x")
        messages.erase(tx, GENERAL_ID, seq, NOW)
        assert seen(tx, alice)[0].blocks == []


def test_a_text_longer_than_a_message_is_left_to_whoever_opens_the_session() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        seqs = [say(tx, GENERAL_ID, alice, text=BLOCK) for _ in range(2)]
        for seq, size in zip(seqs, (MAX_TEXT_BYTES, MAX_TEXT_BYTES + 1), strict=True):
            session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0, code="x" * size)
        short, long = (message.blocks[0] for message in seen(tx, alice))
        assert (short.text, long.text) == ("x" * MAX_TEXT_BYTES, None)
        assert long.session is not None
        assert len(history.text_at(tx, long.session)) == MAX_TEXT_BYTES + 1


def test_a_page_with_its_blocks_holds_no_more_text_than_any_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "PAGE_TEXT", 100)
    with transaction() as tx:
        alice = person(tx, "alice")
        seqs = [say(tx, GENERAL_ID, alice, text="~~~\n~~~\n") for _ in range(4)]
        for seq, size in zip(seqs, (30, 40, 20, 8), strict=True):
            session_of(tx, alice, room=GENERAL_ID, seq=seq, block=0, code="x" * size)
        page = with_blocks(tx, GENERAL_ID, messages.older(tx, GENERAL_ID, None, 10))
        assert [len(message.blocks[0].text or "") for message in page] == [30, 0, 20, 8]
        shown = sum(len(message.text) + len(message.blocks[0].text or "") for message in page)
        assert shown <= 100
