"""Our ends of the pipes: in order, whole, closed once."""

import asyncio
import os

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.sandbox.boxes import until

from kibitz.sandbox.pipes import InputPipe, OutputPipe


def an_input() -> tuple[InputPipe, int]:
    read, write = os.pipe()
    return InputPipe(asyncio.get_running_loop(), write), read


async def read_all(descriptor: int) -> bytes:
    """What comes until the end, read without holding up the loop."""
    os.set_blocking(descriptor, False)
    found = bytearray()
    async with asyncio.timeout(60):
        while True:
            try:
                data = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                await asyncio.sleep(0.001)
                continue
            if not data:
                os.close(descriptor)
                return bytes(found)
            found += data


async def test_what_is_written_before_it_is_open_waits_and_follows_what_opens_it() -> None:
    pipe, descriptor = an_input()
    pipe.write(b"second")
    pipe.end()
    pipe.open(b"first ")
    assert await read_all(descriptor) == b"first second"


async def test_more_than_a_pipe_holds_arrives_whole() -> None:
    pipe, descriptor = an_input()
    pipe.open(b"")
    data = os.urandom(1 << 20)
    pipe.write(data)
    pipe.end()
    assert await read_all(descriptor) == data


async def test_nothing_is_written_after_the_end() -> None:
    pipe, descriptor = an_input()
    pipe.open(b"all")
    pipe.end()
    pipe.write(b"more")
    pipe.close()
    assert await read_all(descriptor) == b"all"


async def test_a_reader_that_is_gone_is_no_error() -> None:
    pipe, descriptor = an_input()
    pipe.open(b"")
    os.close(descriptor)
    pipe.write(b"to nobody")
    pipe.write(b"to nobody")
    pipe.close()


async def test_what_a_program_wrote_is_heard_in_order_until_the_end() -> None:
    read, write = os.pipe()
    heard: list[bytes] = []
    pipe = OutputPipe(asyncio.get_running_loop(), read, heard.append)
    os.write(write, b"one ")
    await until(lambda: bool(heard))
    os.write(write, b"two")
    os.close(write)
    pipe.drain()
    pipe.drain()
    assert b"".join(heard) == b"one two"


async def test_a_pipe_that_is_drained_does_not_wait_for_a_writer() -> None:
    read, write = os.pipe()
    heard: list[bytes] = []
    pipe = OutputPipe(asyncio.get_running_loop(), read, heard.append)
    os.write(write, b"all there is")
    pipe.drain()
    os.close(write)
    assert heard == [b"all there is"]


@settings(max_examples=25)
@given(st.lists(st.binary(max_size=200_000), max_size=6), st.integers(0, 6))
def test_however_it_is_cut_and_whenever_it_opens_all_arrives(pieces: list[bytes], opens_after: int) -> None:
    async def scenario() -> None:
        pipe, descriptor = an_input()
        for index, piece in enumerate(pieces):
            if index == opens_after:
                pipe.open(b"")
            pipe.write(piece)
        if opens_after >= len(pieces):
            pipe.open(b"")
        pipe.end()
        assert await read_all(descriptor) == b"".join(pieces)

    asyncio.run(scenario())
