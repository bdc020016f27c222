"""Making an account, against a real server."""

import asyncio
from pathlib import Path

import pytest
from tests.support.server import serving

from kibitz.client.account import sign_up
from kibitz.client.client import Client
from kibitz.client.errors import Lost, Refused
from kibitz.wire.commands import LogIn


async def test_whoever_signs_up_can_log_in_with_what_they_are_given(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-rate-limits") as server:
        made = await sign_up(server.tcp_url, "ann", "correct horse")
        assert made.user.name == "ann"
        async with Client(server.tcp_url, LogIn(token=made.token)) as client:
            assert client.replica.me == made.user
        with pytest.raises(Refused) as refused:
            await sign_up(server.tcp_url, "ben", "another one")
        assert refused.value.code == "sign_up_closed"


async def test_a_server_that_is_not_one_of_ours_leaves_the_answer_open() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Lost, match="may have been made"):
            await sign_up(f"tcp://127.0.0.1:{port}", "ann", "correct horse")
