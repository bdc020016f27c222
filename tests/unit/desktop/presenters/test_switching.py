"""The quick switcher, against a real server."""

from pathlib import Path

from tests.support.desktop import View, sitting
from tests.support.server import serving
from tests.support.waiting import until

from kibitz.client.client import Client
from kibitz.desktop.presenters.switching import Switching
from kibitz.wire.commands import LogIn


async def test_a_few_letters_find_conversations_and_people_and_lead_there(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with (
            Client(server.tcp_url, LogIn(name="ben")) as ben,
            Client(server.tcp_url, LogIn(name="kim")),
            sitting(server, "ann") as ann,
        ):
            room = (await ann.client.create_room("kitchen", ["ben"])).id
            await until(lambda: room in ann.client.replica.rooms)
            await ben.feed.until(lambda: room in ben.replica.rooms)
            await ben.post(room, "hello @ann")
            await until(lambda: ann.client.room(room).mine.mentions == 1)
            switching, view = Switching(ann.shell), View()
            await switching.open(view)
            found = view.last("show_found")[0]
            assert [(one.title, one.kind) for one in found] == [
                ("kitchen", "group"),  # somebody has called there
                ("general", "general"),
                ("ben", "person"),
                ("kim", "person"),
            ]
            switching.search("#k")
            assert [one.title for one in view.last("show_found")[0]] == ["kitchen", "kim"]
            switching.search("zzz")
            assert view.last("show_found") == ((),)
            await switching.go(f"room:{room}")
            assert view.of("close")
            assert ann.shell.active == room
            await switching.go("person:kim")
            held = ann.client.room("@kim")
            assert ann.shell.active == held.id
            switching.search("kim")
            assert [one.kind for one in view.last("show_found")[0]] == ["direct"]
            switching.closed()
