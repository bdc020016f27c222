"""WebSocket connections: routes, messages, keepalive and the end. RFC 6455 case by case is tested in tests/compliance.

One rule: the client is the one of the `websockets` library, except where it is too well-behaved.
"""

import asyncio
import gc
import re
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from tests.compliance.peer import CLOSE, PING, PONG, TEXT, Peer, close_payload, frame, open_at
from tests.support.transports import Diaries, Diary, eventually, listening
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode
from websockets.protocol import State

from kibitz.fanout.outbox import MAX_BYTES
from kibitz.transports import connection
from kibitz.transports.connection import HIGH_WATER, TURN
from kibitz.transports.keepalive import PERIOD, Heart
from kibitz.transports.lines import MAX_MESSAGE
from kibitz.transports.upgrade import Route
from kibitz.transports.ws import MAX_CONTROLS, MAX_FRAGMENTS, PING_SECONDS, SLICE, STALE_SECONDS, FrameConnection
from kibitz.wire.closing import LOGGED_OUT, SLOW
from kibitz.wire.frames import text_frame


def echo(diary: Diary, raw: bytes) -> None:
    diary.outbox.put(text_frame(raw))


class Served:
    """What a test needs of a server of its own."""

    def __init__(self, does: Callable[[Diary, bytes], None] | None) -> None:
        self.diaries = Diaries(does)
        self.heart = Heart()
        self.connections: set[Any] = set()
        self.tokens: list[str | None] = []
        self.port = 0

    def connection(self) -> FrameConnection:
        def begin(link: connection.Connection, visitor: Any) -> Diary:
            self.tokens.append(visitor.token)
            return self.diaries.begin(link)

        return FrameConnection([Route(re.compile("/ws"), Opcode.TEXT, begin)], self.heart, self.connections)

    def url(self, path: str = "/ws") -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def beat_for(self, seconds: float) -> None:
        """Let the only connection's heart beat as if so much time had passed."""
        (one,) = self.connections
        for _ in range(int(seconds / PERIOD)):
            one.beat()


@asynccontextmanager
async def serving(does: Callable[[Diary, bytes], None] | None = None) -> AsyncIterator[Served]:
    served = Served(does)
    async with listening(served.connection) as served.port:
        yield served


async def reason(client: ClientConnection) -> tuple[int, str]:
    """Why the server closes, once it has."""
    await client.wait_closed()
    received = client.protocol.close_rcvd
    assert received is not None
    return received.code, received.reason


async def test_messages_come_and_go() -> None:
    async with serving(echo) as served, connect(served.url()) as client:
        for message in ("hello", "", "grüße 👋", "x" * MAX_MESSAGE):
            await client.send(message)
            assert await client.recv() == message


async def test_a_token_in_the_address_reaches_the_session() -> None:
    async with serving() as served, connect(served.url("/ws?token=abc")), connect(served.url()):
        assert served.tokens == ["abc", None]


async def test_another_path_is_refused_and_leaves_nothing_behind() -> None:
    async with serving() as served:
        with pytest.raises(InvalidStatus) as caught:
            await connect(served.url("/nowhere"))
        assert caught.value.response.status_code == 404
        await eventually(lambda: not served.connections)
        assert served.diaries.all == []


async def test_a_message_longer_than_the_limit_ends_the_connection_with_1009() -> None:
    async with serving(echo) as served, connect(served.url()) as client:
        await client.send("x" * (MAX_MESSAGE + 1))
        assert (await reason(client))[0] == 1009
        diary = await served.diaries.number(0)
        assert (diary.received, diary.losses > 0) == ([], True)


async def test_fragments_count_towards_the_same_limit() -> None:
    async with serving(echo) as served, connect(served.url()) as client:
        await client.send(["x" * 40_000, "x" * 20_000])
        assert len(await client.recv()) == 60_000
        await client.send(["x" * 40_000, "x" * 40_000])
        assert (await reason(client))[0] == 1009


async def test_a_message_may_not_come_in_any_number_of_fragments() -> None:
    async with serving(echo) as served, connect(served.url()) as client:
        await client.send(["x"] * (MAX_FRAGMENTS - 1))  # the library ends with an empty one of its own
        assert len(await client.recv()) == MAX_FRAGMENTS - 1
        await client.send([""] * MAX_FRAGMENTS)
        assert (await reason(client))[0] == 1008


async def test_a_binary_message_is_refused_where_text_is_spoken() -> None:
    async with serving(echo) as served, connect(served.url()) as client:
        await client.send(b"\x00\x01")
        assert await reason(client) == (1003, "only text messages are understood here")


async def test_messages_wait_in_order_while_the_session_has_paused_reading() -> None:
    def pause_at_the_third(diary: Diary, raw: bytes) -> None:
        if raw == b"2":
            diary.link.pause_reading()

    async with serving(pause_at_the_third) as served, connect(served.url()) as client:
        for number in range(2000):
            await client.send(str(number))
        diary = await served.diaries.number(0)
        await diary.until(lambda diary: len(diary.received) >= 3)
        assert diary.received == [b"0", b"1", b"2"]
        diary.link.resume_reading()
        await diary.has(2000)
        assert diary.received == [b"%d" % number for number in range(2000)]


async def test_what_comes_while_much_is_still_to_be_read_waits_behind_it() -> None:
    def pause_at_the_first(diary: Diary, raw: bytes) -> None:
        if raw == b"0":
            diary.link.pause_reading()

    async with serving(pause_at_the_first) as served, open_at("/ws", served.port):
        diary = await served.diaries.number(0)
        messages = [b"%d" % number for number in range(5000)]
        diary.link.data_received(b"".join(frame(TEXT, message) for message in messages[:4000]))
        diary.link.data_received(b"".join(frame(TEXT, message) for message in messages[4000:]))
        diary.link.resume_reading()
        await diary.has(5000)
        assert diary.received == messages


# --- what goes out -------------------------------------------------------------------------------------------------------


async def test_a_turn_is_of_so_many_messages_however_many_slices_they_are_read_in() -> None:
    async with serving() as server, connect(server.url()):
        diary = await server.diaries.number(0)
        wordy = b"m" * (4 * SLICE // TURN)
        diary.link.data_received(frame(TEXT, wordy) * (TURN + 1))
        assert diary.received == [wordy] * TURN
        await diary.has(TURN + 1)


async def test_the_session_closes_with_its_reason() -> None:
    async with serving() as served, connect(served.url()) as client:
        diary = await served.diaries.number(0)
        diary.link.write(text_frame(b"last words"))
        diary.link.close(LOGGED_OUT)
        diary.link.write(text_frame(b"too late"))
        assert await client.recv() == "last words"
        assert await reason(client) == (LOGGED_OUT.code, LOGGED_OUT.reason)
        assert client.protocol.close_rcvd_then_sent
        await diary.until(lambda diary: diary.losses)


async def test_a_session_may_close_before_it_has_begun() -> None:
    class Full(Diaries):
        def begin(self, link: connection.Connection) -> Diary:
            diary = super().begin(link)
            link.close(LOGGED_OUT)
            return diary

    async with serving() as served:
        served.diaries = Full()
        async with connect(served.url()) as client:
            assert await reason(client) == (LOGGED_OUT.code, LOGGED_OUT.reason)


async def test_what_the_session_was_sent_before_a_close_frame_is_handed_on_and_answered() -> None:
    async with serving(echo) as served, open_at("/ws", served.port) as peer:
        peer.send(frame(TEXT, b"one") + frame(TEXT, b"two") + frame(CLOSE, close_payload(1000)) + frame(TEXT, b"three"))
        got = await peer.rest()
        assert [(one.opcode, one.payload) for one in got] == [
            (TEXT, b"one"),
            (TEXT, b"two"),
            (CLOSE, close_payload(1000)),
        ]
        assert served.diaries.all[0].received == [b"one", b"two"]


async def test_a_close_by_both_sides_at_once_is_one_close() -> None:
    def leave(diary: Diary, _: bytes) -> None:
        diary.link.close(None)

    async with serving(leave) as served, open_at("/ws", served.port) as peer:
        peer.send(frame(TEXT, b"quit") + frame(CLOSE, close_payload(1001)))
        assert [(one.opcode, len(one.payload)) for one in await peer.rest()] == [(CLOSE, 2)]


async def test_a_session_may_close_while_it_has_paused_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(diary: Diary, _: bytes) -> None:
        diary.link.pause_reading()
        diary.link.close(LOGGED_OUT)

    monkeypatch.setattr(connection, "CLOSE_SECONDS", 1000)  # what is proven is that this is not what ends it
    async with serving(leave) as served, connect(served.url()) as client:
        for _ in range(100):
            await client.send("quit")
        assert await reason(client) == (LOGGED_OUT.code, LOGGED_OUT.reason)
        assert served.diaries.all[0].received == [b"quit"]


async def test_a_client_that_leaves_without_a_close_frame_is_lost() -> None:
    async with serving() as served:
        async with open_at("/ws", served.port):
            diary = await served.diaries.number(0)
            diary.owes = True
        await diary.until(lambda diary: diary.losses)
        await eventually(lambda: not served.connections)


async def test_a_client_that_ends_its_half_gets_what_is_owed() -> None:
    async with serving(echo) as served, open_at("/ws", served.port) as peer:
        peer.send(frame(TEXT, b"hello"))
        peer.writer.write_eof()
        assert [one.payload for one in await peer.rest()] == [b"hello"]


async def test_a_client_that_does_not_answer_the_close_frame_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.05)
    async with serving() as served, open_at("/ws", served.port) as peer:
        diary = await served.diaries.number(0)
        diary.link.close(LOGGED_OUT)
        closing = await peer.next()
        assert closing is not None
        assert closing.payload == close_payload(LOGGED_OUT.code, LOGGED_OUT.reason.encode())
        await diary.until(lambda diary: diary.losses)


async def test_a_client_that_pings_and_does_not_read_costs_bounded_memory() -> None:
    async with serving() as served, open_at("/ws", served.port) as peer:
        peer.reader._transport.pause_reading()  # type: ignore[attr-defined] # the only way to have a reader that does not read
        diary = await served.diaries.number(0)
        while not diary.losses:
            diary.outbox.put(text_frame(b"x" * MAX_MESSAGE))
            peer.send(frame(PING, b"x" * 125))
            (one,) = served.connections
            one.beat()
            await asyncio.sleep(0)
            assert diary.outbox.waiting <= MAX_BYTES
            assert one.transport.get_write_buffer_size() <= HIGH_WATER + MAX_BYTES


async def test_a_slow_reader_learns_that_it_is_slow() -> None:
    async with serving() as served, open_at("/ws", served.port) as peer:
        peer.reader._transport.pause_reading()  # type: ignore[attr-defined]
        diary = await served.diaries.number(0)
        while not diary.losses:
            diary.outbox.put(text_frame(b"x" * 60_000))
            await asyncio.sleep(0)
        peer.reader._transport.resume_reading()  # type: ignore[attr-defined]
        while (got := await peer.next()) is not None and got.opcode == TEXT:
            assert got.payload == b"x" * 60_000
        assert got is not None
        assert got.payload == close_payload(SLOW.code, SLOW.reason.encode())


# --- keepalive -----------------------------------------------------------------------------------------------------------


async def next_ping(peer: Peer) -> None:
    got = await peer.next()
    assert got is not None
    assert (got.opcode, got.payload) == (PING, b"")


async def test_a_silent_client_is_pinged_and_at_last_taken_for_gone() -> None:
    async with serving() as served, open_at("/ws", served.port) as peer:
        served.beat_for(PERIOD)  # in which the handshake was heard
        served.beat_for(PING_SECONDS)
        await next_ping(peer)
        served.beat_for(PING_SECONDS)
        await next_ping(peer)
        served.beat_for(STALE_SECONDS - 2 * PING_SECONDS)
        closing = await peer.next()
        assert closing is not None
        assert (closing.opcode, closing.payload) == (CLOSE, close_payload(3009, b"stale"))
        assert served.diaries.all[0].losses
        served.beat_for(2 * STALE_SECONDS)
        peer.send(frame(CLOSE, closing.payload))
        assert await peer.rest() == []


@pytest.mark.parametrize(
    "signs",
    [
        [frame(PONG)] * 4,
        [frame(TEXT, b"hello")] * 4,
        [bytes([byte]) for byte in frame(TEXT, b"hello")[:4]],
    ],
    ids=["pongs", "messages", "bytes"],
)
async def test_whatever_a_client_sends_shows_that_it_is_there(signs: list[bytes]) -> None:
    async with serving() as served, open_at("/ws", served.port) as peer:
        (one,) = served.connections
        for sign in signs:
            served.beat_for(PERIOD + PING_SECONDS)
            await next_ping(peer)
            peer.send(sign)
            await eventually(lambda: one._heard)
        assert served.diaries.all[0].losses == 0


async def test_a_client_that_is_not_being_read_is_not_taken_for_gone() -> None:
    async with serving() as served, open_at("/ws", served.port):
        (await served.diaries.number(0)).link.pause_reading()
        served.beat_for(3 * STALE_SECONDS)
        assert served.diaries.all[0].losses == 0


async def test_a_client_may_ping_but_not_without_end() -> None:
    async with serving() as served, open_at("/ws", served.port) as peer:
        for _ in range(3):
            peer.send(frame(PING, b"x") * MAX_CONTROLS)
            for _ in range(MAX_CONTROLS):
                got = await peer.next()
                assert got is not None
                assert got.opcode == PONG
            served.beat_for(PERIOD)
        peer.send(frame(PING, b"x") * (MAX_CONTROLS + 1))
        *pongs, closing = await peer.rest()
        assert (len(pongs), closing.payload[:2]) == (MAX_CONTROLS, close_payload(1008))


async def test_the_heart_forgets_a_connection_that_is_gone() -> None:
    async with serving() as served:
        async with open_at("/ws", served.port):
            assert served.heart._timer is not None
        await eventually(lambda: not served.connections)
        assert served.heart._timer is None


# --- the server's own end ------------------------------------------------------------------------------------------------


async def test_when_the_server_stops_the_client_is_told_to_come_back() -> None:
    async with serving() as served, connect(served.url()) as client:
        (one,) = served.connections
        one.shutdown()
        one.shutdown()
        assert await reason(client) == (3001, "shutdown")
        assert client.protocol.state is State.CLOSED


async def test_an_idle_connection_costs_little_memory() -> None:
    places = [tracemalloc.Filter(True, f"*/{place}/*") for place in ("kibitz/transports", "site-packages/websockets")]
    async with serving() as served, AsyncExitStack() as clients:
        await clients.enter_async_context(open_at("/ws", served.port))  # whatever is made only once
        tracemalloc.start()
        try:
            for _ in range(50):
                await clients.enter_async_context(open_at("/ws", served.port))
            gc.collect()
            ours = tracemalloc.take_snapshot().filter_traces(places)
        finally:
            tracemalloc.stop()
        assert sum(one.size for one in ours.statistics("filename")) / 50 < 3000
