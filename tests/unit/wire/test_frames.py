"""Frames: exactly the bytes that RFC 6455 asks of a server."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from kibitz.wire.frames import binary_frame, text_frame


def test_a_short_text_has_two_bytes_of_header() -> None:
    assert text_frame(b"Hello") == bytes.fromhex("810548656c6c6f")  # the example of RFC 6455, section 5.7


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_client_reads_every_length(size: int) -> None:
    client = Protocol(CLIENT, state=OPEN, max_size=None)
    client.receive_data(text_frame(b"x" * size) + text_frame(b"next"))
    assert client.events_received() == [Frame(Opcode.TEXT, b"x" * size), Frame(Opcode.TEXT, b"next")]


def test_a_message_of_bytes_says_that_it_is_one() -> None:
    client = Protocol(CLIENT, state=OPEN, max_size=None)
    client.receive_data(binary_frame(b"\xff\x00") + binary_frame(b""))
    assert client.events_received() == [Frame(Opcode.BINARY, b"\xff\x00"), Frame(Opcode.BINARY, b"")]
