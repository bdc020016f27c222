"""Groups, against a real server: making one, and seeing to who is in it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

import pytest
from tests.support.desktop import Sitting, View, sitting
from tests.support.server import Server, serving
from tests.support.waiting import until

from kibitz.client.account import sign_up
from kibitz.client.client import Client
from kibitz.desktop.presenters.groups import CreateGroup, Group, Members
from kibitz.wire import commands as c
from kibitz.wire.commands import LogIn


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("groups"), "--guests", "--no-rate-limits", "--open-sign-up") as made:
        yield made


@pytest.fixture
def tag(request: pytest.FixtureRequest) -> str:
    return str(crc32(request.node.name.encode()))


@pytest.fixture
async def ann(server: Server, tag: str) -> AsyncIterator[Sitting]:
    async with sitting(server, f"ann{tag}") as made:
        yield made


@pytest.fixture
async def ben(server: Server, tag: str) -> AsyncIterator[Client]:
    async with Client(server.tcp_url, LogIn(name=f"ben{tag}")) as client:
        yield client


@asynccontextmanager
async def creating(ann: Sitting) -> AsyncIterator[tuple[CreateGroup, View]]:
    presenter, view = CreateGroup(ann.shell), View()
    await presenter.open(view)
    yield presenter, view
    presenter.closed()


@asynccontextmanager
async def looking(ann: Sitting, room: int) -> AsyncIterator[tuple[Members, View]]:
    presenter, view = Members(ann.shell, room), View()
    await presenter.open(view)
    yield presenter, view
    presenter.closed()


async def group(ann: Sitting, tag: str, *names: str, **more: Any) -> int:
    room = await ann.client.create_room(f"kitchen {tag}", list(names), **more)
    await until(lambda: room.id in ann.client.replica.rooms)
    return room.id


def shown(view: View) -> Group:
    made: Group = view.last("show_group")[0]
    return made


# --- making one --------------------------------------------------------------------------------------------------------


async def test_a_group_is_made_with_whom_one_picked_and_opened(ann: Sitting, ben: Client, tag: str) -> None:
    async with creating(ann) as (presenter, view):
        presenter.search(f"ben{tag}"[:6])
        assert f"ben{tag}" in [row.name for row in view.last("show_found")[0]]
        presenter.pick(f"ben{tag}")
        assert view.last("show_picked") == ((f"ben{tag}",),)
        assert f"ben{tag}" not in [row.name for row in view.last("show_found")[0]]
        await presenter.create(f"kitchen {tag}", "What we eat")
        assert view.of("close")
    room = ann.client.room(f"#kitchen {tag}")
    assert ann.shell.active == room.id
    assert (room.mine.room.topic, room.mine.room.visibility, room.mine.role) == ("What we eat", "private", "owner")
    await ben.feed.until(lambda: room.id in ben.replica.rooms)


async def test_whoever_was_picked_can_be_taken_out_again(ann: Sitting, tag: str) -> None:
    async with creating(ann) as (presenter, view):
        presenter.pick("@ben")
        presenter.pick("ben")
        presenter.pick("carol")
        presenter.unpick("ben")
        presenter.unpick("ben")
        assert view.last("show_picked") == (("carol",),)


async def test_a_group_without_a_name_is_not_sent(ann: Sitting) -> None:
    async with creating(ann) as (presenter, view):
        await presenter.create("  ", "")
        assert view.last("refuse_at") == ("Give the group a name.", "name")


@pytest.mark.parametrize(
    ("name", "topic", "people", "field"),
    [("a/b", "", (), "name"), ("kitchen", "x" * 501, (), "topic"), ("kitchen", "", ("nobody-here",), "people")],
)
async def test_what_the_server_refuses_is_said_at_its_field_and_nothing_is_lost(
    ann: Sitting, name: str, topic: str, people: tuple[str, ...], field: str
) -> None:
    async with creating(ann) as (presenter, view):
        for one in people:
            presenter.pick(one)
        await presenter.create(name, topic)
        problem, where = view.last("refuse_at")
        assert where == field
        assert problem
        assert not view.of("close")
        assert view.last("busy") == (False,)


async def test_a_name_that_is_taken_is_said_at_the_name(ann: Sitting, tag: str) -> None:
    await group(ann, tag)
    async with creating(ann) as (presenter, view):
        await presenter.create(f"Kitchen {tag}", "")
        assert view.last("refuse_at")[1] == "name"


async def test_guests_are_not_offered_groups_for_everyone_and_members_are(
    server: Server, ann: Sitting, tag: str
) -> None:
    async with creating(ann) as (_, view):
        assert view.last("allow_public") == (False,)
    await sign_up(server.tcp_url, f"carol{tag}", "correct horse")
    async with sitting(server, f"carol{tag}", password="correct horse") as carol, creating(carol) as (presenter, view):
        assert view.last("allow_public") == (True,)
        await presenter.create(f"course {tag}", "", public=True)
        assert carol.client.room(f"#course {tag}").mine.room.visibility == "public"


async def test_people_who_are_not_here_are_found_too(server: Server, ann: Sitting, tag: str) -> None:
    await sign_up(server.tcp_url, f"dora{tag}", "correct horse")
    async with creating(ann) as (presenter, view):
        presenter.search("dora")
        found = [row for row in view.last("show_found")[0] if row.name == f"dora{tag}"]
        assert [row.status for row in found] == ["offline"]


# --- seeing to it ------------------------------------------------------------------------------------------------------


async def test_an_owner_may_do_everything_and_a_member_only_bring_people(
    ann: Sitting, server: Server, tag: str
) -> None:
    async with sitting(server, f"ben{tag}") as ben:
        room = await group(ann, tag, f"ben{tag}")
        await until(lambda: room in ben.client.replica.rooms)
        async with looking(ann, room) as (_, view):
            about = shown(view)
            assert (about.may_add, about.may_update, about.may_leave) == (True, True, True)
            assert [(row.name, row.role, row.may_remove, row.may_change) for row in about.members] == [
                (f"ann{tag}", "owner", False, True),
                (f"ben{tag}", "member", True, True),
            ]
        async with looking(ben, room) as (_, view):
            about = shown(view)
            assert (about.may_add, about.may_update, about.may_leave) == (True, False, True)
            assert not any(row.may_remove or row.may_change for row in about.members)


async def test_people_are_brought_in_made_something_else_and_put_out(ann: Sitting, ben: Client, tag: str) -> None:
    room = await group(ann, tag)
    async with looking(ann, room) as (presenter, view):
        presenter.search(f"ben{tag}")
        assert [row.name for row in view.last("show_found")[0]] == [f"ben{tag}"]
        await presenter.add(f"@ben{tag}")
        await until(lambda: [row.role for row in shown(view).members] == ["owner", "member"])
        assert view.last("done") == (f"ben{tag} is in the group now.",)
        await presenter.set_role(f"ben{tag}", "moderator")
        await until(lambda: [row.role for row in shown(view).members] == ["owner", "moderator"])
        await presenter.remove(f"ben{tag}")
        await until(lambda: len(shown(view).members) == 1)


async def test_what_others_do_to_a_group_is_seen_while_one_looks(ann: Sitting, ben: Client, tag: str) -> None:
    room = await group(ann, tag, f"ben{tag}")
    await ben.feed.until(lambda: room in ben.replica.rooms)
    async with looking(ann, room) as (_, view):
        assert len(shown(view).members) == 2
        await ben.do(c.LeaveRoom(room=room))
        await until(lambda: len(shown(view).members) == 1)


async def test_a_refusal_is_shown_in_place(ann: Sitting, tag: str) -> None:
    room = await group(ann, tag)
    async with looking(ann, room) as (presenter, view):
        await presenter.add("nobody-here")
        assert "nobody-here" in view.last("refuse")[0]
        await presenter.set_role(f"ann{tag}", "member")
        assert "needs an owner" in view.last("refuse")[0]
        await presenter.update("a/b", "")
        assert "may not contain" in view.last("refuse")[0]


async def test_a_group_is_called_something_else_and_only_what_changed_is_sent(ann: Sitting, tag: str) -> None:
    room = await group(ann, tag)
    async with looking(ann, room) as (presenter, view):
        await presenter.update(f"kitchen {tag}", "")
        assert not view.of("done")
        await presenter.update(f"course {tag}", "Homework")
        await until(lambda: (shown(view).name, shown(view).topic) == (f"course {tag}", "Homework"))


async def test_the_general_channel_keeps_everyone(ann: Sitting) -> None:
    async with looking(ann, ann.room("general")) as (_, view):
        about = shown(view)
        assert about.general
        assert not about.may_add
        assert not about.may_leave
        assert not any(row.may_remove for row in about.members)


async def test_whoever_leaves_is_done_with_the_dialog(ann: Sitting, ben: Client, tag: str) -> None:
    room = await group(ann, tag, f"ben{tag}")
    async with looking(ann, room) as (presenter, view):
        await presenter.leave()
        await until(lambda: bool(view.of("close")))
    await until(lambda: room not in ann.client.replica.rooms)
