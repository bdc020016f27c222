"""The headless client against a real server."""

from pathlib import Path

import pytest
from tests.e2e.conftest import Town

from kibitz.client.client import Client
from kibitz.wire.commands import LogIn


def url(town: Town, way: str) -> str:
    host, port = town.server.tcp
    return f"tcp://{host}:{port}" if way == "tcp" else town.server.http.replace("http", "ws")


@pytest.mark.parametrize("way", ["tcp", "ws"])
async def test_what_a_client_writes_it_reads_over_either_transport(town: Town, way: str) -> None:
    async with Client(url(town, way), LogIn(name="alice")) as alice:
        posted = await alice.post("#general", "hello")
        await alice.edit("#general", posted.seq, "hello, all")
        await alice.react("#general", posted.seq, "👍")
        await alice.unreact("#general", posted.seq, "👍")
        page = await alice.history("#general")
        assert [message.text for message in page.messages] == ["hello, all"]
        room = await alice.create_room("kitchen")
        assert [member.user.name for member in await alice.members(room.id)] == ["alice"]
        await alice.mark_read("#general", posted.seq)
        await alice.delete("#general", posted.seq)
        assert alice.connected
        assert alice.token is not None


@pytest.mark.parametrize("way", ["tcp", "ws"])
async def test_a_client_outlives_kill_9_and_sends_each_message_once(town: Town, way: str) -> None:
    async with Client(url(town, way), LogIn(name="alice")) as alice:
        before = await alice.post("#general", "before")
        town.server.kill()
        town.server.start()
        after = await alice.post("#general", "after")
        assert after.seq == before.seq + 1
        page = await alice.history("#general")
        assert [message.text for message in page.messages] == ["before", "after"]


async def test_a_file_goes_up_and_down(town: Town, tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes(b"plan " * 50_000)
    async with Client(url(town, "ws"), LogIn(name="alice")) as alice:
        sent = await alice.upload("#general", tmp_path / "plan.txt")
        await alice.download(sent.file_id, tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_bytes() == (tmp_path / "plan.txt").read_bytes()
