"""Who is in a conversation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.support.server import Server, serving
from tests.support.waiting import until

from kibitz.client.client import Client
from kibitz.desktop.presenters.company import Company, ago
from kibitz.wire.commands import CreateRoom, LogIn, OpenDirect
from kibitz.wire.views import UserRef


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, "--guests", "--no-rate-limits") as it:
        yield it


async def test_a_group_has_its_members(server: Server) -> None:
    async with Client(server.tcp_url, LogIn(name="ann")) as ann, Client(server.tcp_url, LogIn(name="ben")):
        room = await ann.do(CreateRoom(name="kitchen", members=["ben"], topic="What to cook"))
        await ann.feed.until(lambda: room.id in ann.replica.rooms)
        company = Company(ann, room.id)
        await company.load()
        about = company.about()
        assert (about.title, about.detail, about.members) == ("kitchen", "What to cook", "2 members")
        assert company.callable() == ["ben", "all"]
        assert not company.welcome([UserRef(id=99, name="carol")])  # only in the general channel


async def test_a_direct_room_shows_whether_the_other_is_here(server: Server) -> None:
    async with Client(server.tcp_url, LogIn(name="ann")) as ann:
        async with Client(server.tcp_url, LogIn(name="ben")):
            room = await ann.do(OpenDirect(user="ben"))
            await ann.feed.until(lambda: room.id in ann.replica.rooms)
            company = Company(ann, room.id)
            await until(lambda: company.about().status == "online")
            assert (company.about().title, company.about().detail) == ("ben", "online")
        await until(lambda: company.about().status == "offline")
        await company.load()
        assert company.about().detail == "last seen just now"


def test_how_long_ago_something_was() -> None:
    now = datetime.now().astimezone()
    assert ago(now) == "just now"
    assert ago(now - timedelta(minutes=5, seconds=1)) == "5 minutes ago"
    assert ago(now - timedelta(hours=1, seconds=1)) == "1 hour ago"
    assert ago(now - timedelta(days=30)).startswith("on ")
