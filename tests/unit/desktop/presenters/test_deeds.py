"""What clicks do."""

from types import SimpleNamespace
from typing import Any

import pytest

from kibitz.desktop.presenters import deeds as d
from kibitz.desktop.presenters.outgoing import Outgoing
from kibitz.desktop.presenters.rows import Act
from kibitz.desktop.presenters.runs import Runs
from kibitz.wire import code_commands as cc
from kibitz.wire import commands as c
from kibitz.wire.results import Language, Languages
from kibitz.wire.views import Message, Reaction, UserRef

ANN, BEN = UserRef(id=1, name="ann"), UserRef(id=2, name="ben")
LANGUAGES = Languages(
    languages=[
        Language(name="python", title="Python", aliases=["py"]),
        Language(name="java", title="Java", missing="apt-get install default-jdk"),
    ]
)


class Stage:
    """Everything a deed can reach, which remembers what was done to it."""

    def __init__(self, *messages: Message, role: str = "member") -> None:
        self.done: list[Any] = []
        self.said: list[str] = []
        self.copied: list[str] = []
        self.menus: list[Any] = []
        self.asked: list[str] = []
        server = SimpleNamespace(http_url="http://here")
        held = SimpleNamespace(mine=SimpleNamespace(role=role))
        replica = SimpleNamespace(me=SimpleNamespace(id=1, role="member"), server=server, rooms={1: held})
        self.outbox = SimpleNamespace(waiting=())
        client = SimpleNamespace(replica=replica, outbox=self.outbox, do=self._do)
        shell: Any = SimpleNamespace(client=client, files=None, code=None, view=self)
        parts = {"writing": self, "runs": Runs(1), "jump": self.jump, "outgoing": Outgoing(client, 1)}  # type: ignore[arg-type]
        self.deeds = d.Deeds(shell, 1, {one.seq: one for one in messages}.get, **parts)
        self.deeds.view = self

    async def _do(self, command: Any, **_: Any) -> Any:
        self.done.append(command)
        return LANGUAGES if isinstance(command, cc.ListLanguages) else None

    async def jump(self, seq: int) -> None:
        self.done.append(seq)

    def toast(self, text: str, tone: str) -> None:
        self.said.append(text)

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def show_menu(self, seq: int, choices: Any) -> None:
        self.menus.append([one.label for one in choices if one.act is not None])

    def ask_delete(self, seq: int, begins: str) -> None:
        self.asked.append(begins)


def message(text: str = "hello", sender: UserRef = BEN, **more: Any) -> Message:
    return Message(room=1, seq=5, sender=sender, text=text, sent_at="", **more)


async def test_a_reaction_is_put_and_taken_away() -> None:
    stage = Stage(message(reactions=[Reaction(emoji="👍", users=[1])]))
    await stage.deeds.do(Act("react", 5, arg="👍"))
    await stage.deeds.do(Act("react", 5, arg="🎉"))
    assert [type(one) for one in stage.done] == [c.RemoveReaction, c.AddReaction]


async def test_deleting_asks_and_then_deletes() -> None:
    stage = Stage(message("to be  gone", ANN))
    await stage.deeds.do(Act("delete", 5))
    assert (stage.asked, stage.done) == (["to be gone"], [])
    await stage.deeds.do(Act("delete", 5, arg="sure"))
    assert [type(one) for one in stage.done] == [c.DeleteMessage]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("python", ""),
        ("Py", ""),
        ("java", "Java is not installed"),
        ("cobol", "“cobol” cannot be run"),
        ("", "does not say"),
    ],
)
async def test_only_what_can_run_is_run(language: str, said: str) -> None:
    stage = Stage(message(f"```{language}\nx\n```"))
    await stage.deeds.do(Act("run", 5, 0))
    assert any(isinstance(one, cc.RunCode) for one in stage.done) == (said == "")
    assert said in "".join(stage.said)


async def test_code_and_links_are_copied_and_said_to_be() -> None:
    stage = Stage(message("```python\nx = 1\n```"))
    await stage.deeds.do(Act("copy", 5, 0))
    await stage.deeds.do(Act("copy_link", 5))
    await stage.deeds.do(Act("copy", 5, 7))
    assert stage.copied[0] == "x = 1\n"
    assert stage.copied[1].startswith("http://here/")
    assert stage.said == ["Code copied.", "Link copied.", "This code block is not there any more."]


def test_a_menu_offers_what_one_may() -> None:
    stage = Stage(message("see https://example.org\n```python\nx\n```"))
    stage.deeds.menu(5)
    assert "Edit" not in stage.menus[0]
    assert "Delete…" not in stage.menus[0]
    assert {"Reply", "Run python block", "Edit python block together", "Open https://example.org"} <= set(
        stage.menus[0]
    )
    mine = Stage(message(sender=ANN))
    mine.deeds.menu(5)
    assert {"Edit", "Delete…"} <= set(mine.menus[0])
    moderator = Stage(message(), role="moderator")
    moderator.deeds.menu(5)
    assert "Delete…" in moderator.menus[0]


async def test_a_dangerous_link_is_not_opened() -> None:
    stage = Stage()
    await stage.deeds.do(Act("open", arg="javascript:alert(1)"))
    assert stage.said == ["Only links to web pages and mail addresses are opened."]


async def test_what_is_not_there_any_more_says_so() -> None:
    stage = Stage()
    await stage.deeds.do(Act("reply", 77))
    assert stage.said == ["This message is not here any more."]
