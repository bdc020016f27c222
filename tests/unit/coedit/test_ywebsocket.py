"""y-websocket over real sockets: the golden bytes, and how a stock client is told no."""

from pathlib import Path

import pytest
from tests.support.collab import serving
from websockets.asyncio.client import ClientConnection, connect

from kibitz.coedit.engine import Edit, Replica
from kibitz.domain.errors import Refusal
from kibitz.wire.yjs import awareness, messages
from kibitz.wire.yjs.awareness import GONE, Entry

HELLO = bytes.fromhex("01010100040104636f64650568656c6c6f00")


async def take(client: ClientConnection, count: int) -> list[bytes]:
    """The next messages."""
    return [bytes(await client.recv(decode=False)) for _ in range(count)]


async def test_the_first_minute_of_two_stock_clients_byte_for_byte(tmp_path: Path) -> None:
    async with serving(tmp_path) as desk, connect(desk.url("alice")) as alice:
        assert await take(alice, 1) == [bytes.fromhex("00000100")]  # step 1: the server has nothing
        await alice.send(bytes.fromhex("00000100"))
        assert await take(alice, 1) == [bytes.fromhex("0001020000")]  # step 2: nothing is lacking
        await alice.send(bytes.fromhex("000102") + b"\x00\x00")
        await alice.send(b"\x00\x02\x12" + HELLO)
        assert await take(alice, 1) == [b"\x00\x02\x12" + HELLO]  # its own edit comes back
        await alice.send(messages.awareness(awareness.encode([Entry(1, 0, b"{}")])))
        assert await take(alice, 1) == [bytes.fromhex("010601" + "0100" + "027b7d")]
        async with connect(desk.url("bob")) as bob:
            assert await take(bob, 2) == [bytes.fromhex("000003010105"), bytes.fromhex("010601" + "0100" + "027b7d")]
            await bob.send(bytes.fromhex("00000100"))
            assert await take(bob, 1) == [b"\x00\x01\x12" + HELLO]
            await alice.close()
            assert await take(bob, 1) == [messages.awareness(awareness.encode([Entry(1, 0, GONE)]))]


@pytest.mark.parametrize(
    ("token", "session", "code", "says"),
    [
        ("nobody", 1, 4401, "log in again"),
        ("alice", 2, 4404, "no such session"),
        ("bob", 1, 4403, "open to you"),
        ("carol", 1, 4410, "closed"),
    ],
)
async def test_a_stock_client_is_told_no_in_words_and_by_a_code_it_takes_for_the_end(
    tmp_path: Path, token: str, session: int, code: int, says: str
) -> None:
    async with serving(tmp_path) as desk:
        desk.may["bob"] = Refusal("forbidden", "No.")
        desk.may["carol"] = Refusal("gone", "Closed.")
        async with connect(desk.url(token, session)) as client:
            (message,) = await take(client, 1)
            assert message.startswith(b"\x02\x00")
            assert says in message[3:].decode()
            await client.wait_closed()
            assert client.close_code == code


async def test_who_has_to_wait_is_told_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as desk:
        desk.may["alice"] = Refusal("busy", "Later.", retry_after=1.0)
        async with connect(desk.url("alice")) as client:
            await client.wait_closed()
            assert client.close_code == 3012


async def test_a_long_text_goes_through_and_comes_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as desk, connect(desk.url("alice"), max_size=None) as alice:
        replica = Replica()
        replica.edit([Edit(0, 0, "é" * 500_000)])
        await take(alice, 1)
        await alice.send(messages.sync_step_2(replica.since()))
        async with connect(desk.url("bob"), max_size=None) as bob:
            await take(bob, 1)
            await bob.send(messages.sync_step_1(b"\x00"))
            (answer,) = await take(bob, 1)
            assert answer == messages.sync_step_2(replica.since())


async def test_text_messages_are_not_understood_here(tmp_path: Path) -> None:
    async with serving(tmp_path) as desk, connect(desk.url("alice")) as alice:
        await take(alice, 1)
        await alice.send("hello")
        await alice.wait_closed()
        assert alice.close_code == 1003
