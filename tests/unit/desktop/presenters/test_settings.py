"""What a person may have otherwise, against a real server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.support.desktop import Sitting, View, sitting
from tests.support.server import Server, serving

from kibitz.client.account import sign_up
from kibitz.client.client import Client
from kibitz.client.errors import ClientError
from kibitz.desktop.preferences import Preferences, Store
from kibitz.desktop.preferences import Settings as Kept
from kibitz.desktop.presenters.settings import Settings
from kibitz.wire.commands import LogIn


class Desk:
    """Somebody with the settings open."""

    def __init__(self, ann: Sitting, place: Path) -> None:
        self.ann, self.view = ann, View()
        self.kept = Kept(Store(place))
        self.applied: list[Preferences] = []
        self.settings = Settings(ann.shell, self.kept, self.applied.append)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, "--guests", "--no-rate-limits") as made:
        yield made


@pytest.fixture
async def desk(server: Server, tmp_path: Path) -> AsyncIterator[Desk]:
    await sign_up(server.tcp_url, "ann", "correct horse")
    async with sitting(server, "ann", password="correct horse") as ann:
        made = Desk(ann, tmp_path / "ann")
        await made.settings.open(made.view)
        yield made
        made.settings.closed()


async def test_what_is_chosen_takes_effect_and_is_remembered(desk: Desk, tmp_path: Path) -> None:
    await desk.settings.set_theme("dark")
    await desk.settings.set_scale(1.5)
    await desk.settings.set_notifications(False)
    assert (
        desk.applied[-1] == Store(tmp_path / "ann").load() == Preferences(theme="dark", scale=1.5, notifications=False)
    )
    shown = desk.view.last("show_settings")[0]
    assert (shown.theme, shown.scale, shown.notifications, shown.account) == ("dark", 1.5, False, True)


async def test_a_size_that_is_not_offered_is_not_taken(desk: Desk) -> None:
    await desk.settings.set_scale(20.0)
    assert desk.kept.value.scale == 0.0


async def test_a_name_to_be_shown_by_is_seen_by_everyone(desk: Desk, server: Server) -> None:
    async with Client(server.tcp_url, LogIn(name="ben")):
        await desk.settings.set_display_name(" Ann Smith ")
        await desk.ann.view.until("show_me", lambda me: me.name == "Ann Smith")
        assert desk.view.of("done")
    await desk.settings.set_display_name("x" * 65)
    assert desk.view.last("refuse_at")[1] == "display_name"


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("", "correct staple", "correct staple", "old"),
        ("correct horse", "short", "short", "new"),
        ("correct horse", "correct staple", "correct stable", "again"),
        ("wrong horse", "correct staple", "correct staple", "old"),
    ],
)
async def test_a_password_that_cannot_be_changed_is_said_where_it_can_be_mended(
    desk: Desk, old: str, new: str, again: str, field: str
) -> None:
    await desk.settings.change_password(old, new, again)
    assert desk.view.last("refuse_at")[1] == field


async def test_a_changed_password_is_the_one_to_log_in_by(desk: Desk, server: Server) -> None:
    await desk.settings.change_password("correct horse", "correct staple", "correct staple")
    assert "changed" in desk.view.last("done")[0]
    async with Client(server.tcp_url, LogIn(name="ann", password="correct staple")):
        pass
    with pytest.raises(ClientError):
        async with Client(server.tcp_url, LogIn(name="ann", password="correct horse")):
            pass


async def test_logging_out_closes_the_dialog_first(desk: Desk) -> None:
    await desk.settings.log_out()
    assert desk.view.of("close")
    await desk.ann.view.until("close")


async def test_logging_out_everywhere_ends_the_other_logins(desk: Desk, server: Server) -> None:
    async with Client(server.tcp_url, LogIn(name="ann", password="correct horse")) as other:
        await desk.settings.log_out_everywhere()
        async with asyncio.timeout(30):
            with pytest.raises(ClientError):
                await other.feed.until(lambda: False)
