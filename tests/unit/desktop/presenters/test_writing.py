"""Writing: what is typed stays until the outbox has it."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kibitz.client.errors import OutboxFull
from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.company import Company
from kibitz.desktop.presenters.drafts import Drafts
from kibitz.desktop.presenters.outgoing import Outgoing
from kibitz.desktop.presenters.writing import Writing
from kibitz.wire import commands as c
from kibitz.wire.results import Posted
from kibitz.wire.views import Message, UserRef


class Box:
    """An outbox whose answers come at once."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.full = False
        self.waiting: tuple[c.Write, ...] = ()

    def add(self, command: c.Write) -> "asyncio.Future[Posted]":
        if self.full:
            raise OutboxFull("It is full.")
        self.taken.append(command)
        answer: asyncio.Future[Posted] = asyncio.get_running_loop().create_future()
        answer.set_result(Posted(room=1, seq=5, sent_at=""))
        return answer


class View:
    def __init__(self) -> None:
        self.text, self.about = "", ""

    def write(self, text: str) -> None:
        self.text = text

    def give_back(self, text: str) -> None:
        self.text = text + self.text

    def show_purpose(self, purpose: Any) -> None:
        self.about = purpose.about

    def __getattr__(self, name: str) -> Any:
        return lambda *args: None


@pytest.fixture
def writing(tmp_path: Path) -> Writing:
    replica = SimpleNamespace(me=None, server=SimpleNamespace(max_text=100), rooms={}, find=lambda _: None)
    client: Any = SimpleNamespace(outbox=Box(), replica=replica)
    said: list[str] = []
    made = Writing(
        client,
        1,
        Drafts(Store(tmp_path), "e", 1, 1),
        Company(client, 1),
        Outgoing(client, 1),
        lambda *one: said.append(one[0]),
    )
    made.view = View()
    return made


def taken(writing: Writing) -> list[Any]:
    box: Any = writing.client.outbox
    return list(box.taken)


MINE = Message(room=1, seq=3, sender=UserRef(id=1, name="ann"), text="old words", sent_at="")


async def test_a_message_an_answer_and_an_edit_are_sent_as_such(writing: Writing) -> None:
    await writing.send("hello")
    writing.reply(MINE)
    assert writing.view.about == "Replying to ann: old words"
    await writing.send("an answer")
    writing.edit(MINE)
    assert writing.view.text == "old words"
    await writing.send("new words")
    kinds = [(type(one), one.text) for one in taken(writing)]
    assert kinds == [(c.PostMessage, "hello"), (c.PostMessage, "an answer"), (c.EditMessage, "new words")]
    assert [taken(writing)[0].thread, taken(writing)[1].thread, taken(writing)[2].seq] == [None, 3, 3]
    assert writing.view.about == ""


async def test_what_the_outbox_does_not_take_comes_back(writing: Writing) -> None:
    writing.client.outbox.full = True  # type: ignore[attr-defined]
    await writing.send("precious")
    assert writing.view.text == "precious"
    writing.view.text = ""
    await writing.send("x" * 101)
    assert writing.view.text == "x" * 101
    assert taken(writing) == []


async def test_an_edit_that_is_given_up_brings_back_what_stood_there(writing: Writing) -> None:
    writing.typed("half a sen", "tence")
    writing.edit(MINE)
    writing.cancel()
    assert writing.view.text == "half a sentence"
    await writing.close()
    assert (await writing.drafts.load()).text == "half a sentence"


async def test_others_are_told_of_typing_now_and_then(writing: Writing) -> None:
    assert writing.typed("h", "")
    assert not writing.typed("he", "")
    assert not writing.typed("", "")
    await writing.close()


async def test_a_blank_text_is_not_sent(writing: Writing) -> None:
    await writing.send(" \n ")
    assert taken(writing) == []


async def test_what_was_refused_and_not_taken_back_is_in_the_draft(writing: Writing) -> None:
    writing.outgoing.refuse(c.PostMessage(room=1, text="refused words", nonce="nonce-01"), "No.")
    writing.typed("more", "")
    await writing.close()
    assert (await writing.drafts.load()).text == "refused words\n\nmore"
