"""Public groups, against a real server."""

from pathlib import Path

from tests.support.desktop import View, sitting
from tests.support.server import serving
from tests.support.waiting import until

from kibitz.client.account import sign_up
from kibitz.client.client import Client
from kibitz.desktop.presenters.browsing import Browsing
from kibitz.wire.commands import LogIn


async def test_public_groups_are_found_joined_and_opened(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-rate-limits", "--open-sign-up") as server:
        tokens = {name: (await sign_up(server.tcp_url, name, "correct horse")).token for name in ("ann", "ben")}
        async with Client(server.tcp_url, LogIn(token=tokens["ben"])) as ben:
            for name in ("kitchen", "course 4b"):
                await ben.create_room(name, visibility="public", topic=f"about {name}")
            await ben.create_room("secret")
            async with sitting(server, "ann", password="correct horse") as ann:
                browsing, view = Browsing(ann.shell), View()
                await browsing.open(view)
                assert [name for _, name, _ in view.last("show_groups")[0]] == ["course 4b", "kitchen"]
                browsing.search("kit")
                groups, needle = view.last("show_groups")
                assert [(name, topic) for _, name, topic in groups] == [("kitchen", "about kitchen")]
                assert needle == "kit"
                await browsing.join(groups[0][0])
                assert view.of("close")
                await until(lambda: ann.shell.active == groups[0][0])
                browsing.search("")
                assert [name for _, name, _ in view.last("show_groups")[0]] == ["course 4b"]
                await browsing.join(999_999)
                assert view.last("refuse")[0]
                browsing.closed()


async def test_guests_are_told_that_they_cannot_look(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with sitting(server, "ann") as ann:
            browsing, view = Browsing(ann.shell), View()
            await browsing.open(view)
            assert view.last("refuse")[0]
            browsing.closed()
