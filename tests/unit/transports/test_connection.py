"""A connection: turns, back pressure and the end, over real sockets.

One rule: lines stand for messages here; what is particular to lines or frames is tested beside them.
"""

import asyncio
import contextlib
import socket
from functools import partial

import pytest
from tests.support.transports import Diaries, Diary, client, listening

from kibitz.fanout.outbox import MAX_BYTES
from kibitz.transports import connection
from kibitz.transports.connection import TURN
from kibitz.transports.tcp import LineConnection
from kibitz.wire.closing import LOGGED_OUT, SLOW


def numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def lines(count: int) -> bytes:
    return b"".join(line + b"\n" for line in numbered(count))


async def test_what_the_session_puts_in_its_outbox_reaches_the_client() -> None:
    diaries = Diaries(lambda diary, raw: diary.outbox.put(raw.upper() + b"\n"))
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, writer):
        writer.write(b"hello\n")
        assert await reader.readline() == b"HELLO\n"


async def test_the_session_is_told_where_its_client_is() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port):
        assert (await diaries.number(0)).link.address == "127.0.0.1"


# --- turns ---------------------------------------------------------------------------------------------------------------


async def test_a_client_that_floods_lets_others_have_their_turn() -> None:
    order: list[bytes] = []
    diaries = Diaries(lambda _, raw: order.append(raw))
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port), client(port):
        flooding, other = await diaries.number(0), await diaries.number(1)
        flooding.link.data_received(b"flood\n" * 10 * TURN)
        other.link.data_received(b"me too\n")
        assert order == [b"flood"] * TURN + [b"me too"]
        await flooding.has(10 * TURN)


async def test_what_comes_while_a_turn_is_due_waits_behind_it() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port):
        diary = await diaries.number(0)
        diary.link.data_received(lines(2 * TURN))
        diary.link.data_received(b"last\n")
        assert diary.received == numbered(TURN)
        await diary.until(lambda diary: b"last" in diary.received)
        assert diary.received == [*numbered(2 * TURN), b"last"]


# --- back pressure on what comes in --------------------------------------------------------------------------------------


async def test_nothing_is_handed_on_while_reading_is_paused_and_everything_in_order_after() -> None:
    def pause_at_the_third(diary: Diary, raw: bytes) -> None:
        if raw == b"2":
            diary.link.pause_reading()

    diaries = Diaries(pause_at_the_third)
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (_, writer):
        diary = await diaries.number(0)
        writer.write(lines(1000))
        await diary.until(lambda diary: len(diary.received) >= 3)
        assert diary.received == numbered(3)
        diary.link.data_received(b"late\n")
        assert diary.received == numbered(3)
        diary.link.resume_reading()
        await diary.has(1001)
        assert [raw for raw in diary.received if raw != b"late"] == numbered(1000)


async def test_a_session_may_pause_and_resume_within_one_message() -> None:
    def blink(diary: Diary, _: bytes) -> None:
        diary.link.pause_reading()
        diary.link.resume_reading()

    diaries = Diaries(blink)
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (_, writer):
        diary = await diaries.number(0)
        writer.write(lines(1000))
        await diary.has(1000)
        assert diary.received == numbered(1000)


async def test_a_client_of_a_paused_session_is_not_read_beyond_a_bound() -> None:
    diaries = Diaries(lambda diary, _: diary.link.pause_reading())
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (_, writer):
        diary = await diaries.number(0)
        writer.write(b"first\n")
        await diary.until(lambda diary: diary.received)
        assert not diary.link.transport.is_reading()
        writer.write(lines(1000))
        diary.link.resume_reading()
        await diary.has(2)
        assert not diary.link.transport.is_reading()


async def test_the_end_of_the_stream_does_not_overtake_what_waits() -> None:
    diaries = Diaries(lambda diary, _: diary.link.pause_reading())
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (_, writer):
        diary = await diaries.number(0)
        writer.write(lines(5))
        writer.write_eof()
        for count in range(1, 6):
            await diary.has(count)
            assert diary.losses == 0
            diary.link.resume_reading()
        await diary.until(lambda diary: diary.losses)
        assert diary.received == numbered(5)


# --- back pressure on what goes out --------------------------------------------------------------------------------------


async def test_a_client_that_does_not_read_is_let_go_and_costs_bounded_memory() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, _):
        reader._transport.pause_reading()  # type: ignore[attr-defined] # the only way to have a reader that does not read
        diary = await diaries.number(0)
        put = 0
        while not diary.losses:
            diary.outbox.put(b"x" * 65_535 + b"\n")
            put += 1
            await asyncio.sleep(0)  # let the outbox be flushed, and paused where the client does not take it
            assert diary.outbox.waiting <= MAX_BYTES
            assert diary.link.transport.get_write_buffer_size() <= connection.HIGH_WATER + MAX_BYTES
        assert put > MAX_BYTES // 65_536
        assert diary.losses == 1


async def test_a_client_that_reads_again_gets_everything_in_order() -> None:
    diaries = Diaries()
    expected = [b"%05d" % number + b"x" * 10_000 + b"\n" for number in range(600)]
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, _):
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        diary = await diaries.number(0)
        sent = 0
        while not diary.outbox.paused:
            diary.outbox.put(expected[sent])
            sent += 1
            await asyncio.sleep(0)
        for line in expected[sent : sent + 50]:
            diary.outbox.put(line)
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        assert [await reader.readline() for _ in range(sent + 50)] == expected[: sent + 50]
        assert not diary.outbox.paused


# --- the end -------------------------------------------------------------------------------------------------------------


async def test_a_client_that_leaves_is_lost() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port:
        async with client(port):
            diary = await diaries.number(0)
        await diary.until(lambda diary: diary.losses)


async def test_a_client_that_says_no_more_still_gets_what_is_owed() -> None:
    diaries = Diaries(lambda diary, raw: diary.outbox.put(raw + b"!\n"))
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, writer):
        writer.write(lines(500) + b"half a line")
        writer.write_eof()
        assert (await reader.read()).split() == [line + b"!" for line in numbered(500)]
        diary = await diaries.number(0)
        assert diary.hung_up
        assert diary.losses


async def test_a_session_that_owes_answers_closes_after_them_itself() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, writer):
        diary = await diaries.number(0)
        diary.owes = True
        writer.write_eof()
        await diary.until(lambda diary: diary.hung_up)
        assert diary.losses == 0
        diary.outbox.put(b"the answer\n")
        diary.outbox.flush()
        diary.link.close(None)
        assert await reader.read() == b"the answer\n"
        await diary.until(lambda diary: diary.losses)


async def test_last_words_arrive_even_if_the_client_was_still_talking() -> None:
    def refuse(diary: Diary, _: bytes) -> None:
        diary.link.write(b"no\n")
        diary.link.close(LOGGED_OUT)

    diaries = Diaries(refuse)
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, writer):
        writer.write(b"hello\n" + b"and much more\n" * 20_000)
        assert await reader.read() == b"no\n"
        writer.write(b"still talking\n")
        writer.write_eof()
        diary = await diaries.number(0)
        await diary.until(lambda diary: diary.losses)
        assert diary.received == [b"hello"]


async def test_nothing_is_written_after_the_close() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, _):
        diary = await diaries.number(0)
        diary.link.write(b"before\n")
        diary.link.close(SLOW)
        diary.link.close(SLOW)
        diary.link.write(b"after\n")
        assert await reader.read() == b"before\n"


async def test_a_session_may_close_while_it_has_paused_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 1000)  # what is proven is that this is not what ends it
    diaries = Diaries(lambda diary, _: diary.link.pause_reading())
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, writer):
        writer.write(lines(100))
        diary = await diaries.number(0)
        await diary.has(1)
        diary.link.write(b"bye\n")
        diary.link.close(LOGGED_OUT)
        assert await reader.read() == b"bye\n"
        writer.write_eof()
        await diary.until(lambda diary: diary.losses)
        assert diary.received == [b"0"]


async def test_a_client_that_does_not_close_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.05)
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, _):
        diary = await diaries.number(0)
        diary.link.close(None)
        assert await reader.read() == b""
        await diary.until(lambda diary: diary.losses)  # while our own end stays open


async def test_a_client_that_does_not_take_its_last_bytes_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.05)
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, _):
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        diary = await diaries.number(0)
        while not diary.outbox.paused:
            diary.link.write(b"x" * 65_536)
        diary.link.close(None)
        await diary.until(lambda diary: diary.losses)


async def test_a_reset_is_a_loss_and_no_error() -> None:
    diaries = Diaries()
    async with listening(partial(LineConnection, diaries.begin)) as port:
        raw = socket.create_connection(("127.0.0.1", port))
        diary = await diaries.number(0)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        raw.close()
        await diary.until(lambda diary: diary.losses)
        diary.link.write(b"to nobody\n")
        diary.link.pause_reading()
        diary.link.resume_reading()
        diary.link.close(SLOW)


async def test_a_session_that_fails_loses_its_connection_and_no_other() -> None:
    def stumble(_: Diary, raw: bytes) -> None:
        if raw == b"stumble":
            raise RuntimeError("a mistake of ours")

    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context.get("exception")))
    diaries = Diaries(stumble)
    async with (
        listening(partial(LineConnection, diaries.begin)) as port,
        client(port) as (one, writer),
        client(port) as (_, other),
    ):
        first, second = await diaries.number(0), await diaries.number(1)
        writer.write(b"stumble\n")
        await first.until(lambda diary: diary.losses)
        other.write(b"hello\n")
        await second.until(lambda diary: diary.received)
        assert await one.read() == b""
    assert [str(failure) for failure in failures] == ["a mistake of ours"]


async def test_a_session_that_fails_in_a_later_turn_loses_its_connection_too() -> None:
    def stumble(diary: Diary, _: bytes) -> None:
        if len(diary.received) > TURN:
            raise RuntimeError("a mistake of ours")

    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context.get("exception")))
    diaries = Diaries(stumble)
    async with listening(partial(LineConnection, diaries.begin)) as port, client(port) as (reader, writer):
        writer.write(lines(2 * TURN))
        diary = await diaries.number(0)
        await diary.until(lambda diary: diary.losses)
        with contextlib.suppress(ConnectionError):  # unread lines make it a reset
            assert await reader.read() == b""
    assert [str(failure) for failure in failures] == ["a mistake of ours"]
