"""RFC 6455, section by section: what a server must do with every frame that may come, and with every one that may not.

One rule: each case says in bytes what is sent and in frames what must come back, to the end of the stream.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compliance.echo import echo_server
from tests.compliance.peer import (
    ACCEPT,
    BINARY,
    CLOSE,
    CONT,
    MASK,
    PING,
    PONG,
    TEXT,
    Frame,
    close_payload,
    connected,
    frame,
    open_at,
    request,
    request_of,
)

BYE = frame(CLOSE, close_payload(1000))
LONGEST = 64 * 1024


async def answers(*sent: bytes, path: str = "/text") -> list[Frame]:
    """Everything the server sends until it ends the stream."""
    async with echo_server() as port, open_at(path, port) as peer:
        for data in sent:
            peer.send(data)
        return await peer.rest()


def closed_with(code: int, frames: list[Frame]) -> list[Frame]:
    """Whatever came before the close frame, which must be the last one and have this code."""
    *before, last = frames
    assert last.opcode == CLOSE
    assert int.from_bytes(last.payload[:2], "big") == code
    assert len(last.payload) <= 125
    last.payload[2:].decode()
    return before


def texts(*payloads: bytes) -> list[Frame]:
    return [Frame(TEXT, payload) for payload in payloads]


# --- 4.2, the handshake --------------------------------------------------------------------------------------------------


async def test_the_handshake_is_answered_as_the_rfc_has_it() -> None:
    async with echo_server() as port, connected(port) as peer:
        peer.send(request("/text", port))
        status, headers = await peer.head()
        assert status == 101
        assert headers["upgrade"] == "websocket"
        assert headers["connection"] == "upgrade"
        assert headers["sec-websocket-accept"] == ACCEPT.lower()
        assert not headers.keys() & {"sec-websocket-extensions", "sec-websocket-protocol"}


async def test_extensions_and_subprotocols_we_do_not_know_are_passed_over() -> None:
    more = ("Sec-WebSocket-Extensions: permessage-deflate, x-new; a=1", "Sec-WebSocket-Protocol: chat, superchat")
    async with echo_server() as port, connected(port) as peer:
        peer.send(request("/text", port, *more))
        status, headers = await peer.head()
        assert status == 101
        assert not headers.keys() & {"sec-websocket-extensions", "sec-websocket-protocol"}


async def test_the_handshake_may_come_byte_by_byte_and_in_any_case() -> None:
    async with echo_server() as port, connected(port) as peer:
        handshake = request("/text", port).replace(b"Upgrade: websocket", b"uPGRADE:  WebSocket")
        for byte in handshake:
            peer.send(bytes([byte]))
            await peer.writer.drain()
        assert (await peer.head())[0] == 101


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"GET", b"POST"), 405),
        ((b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12"), 400),
        ((b"Sec-WebSocket-Version: 13\r\n", b""), 400),
        ((b"Sec-WebSocket-Key: ", b"Sec-WebSocket-Key: !"), 400),
        ((b"Sec-WebSocket-Key", b"X-Key"), 400),
        ((b"/text", b"/nowhere"), 404),
    ],
)
async def test_a_handshake_that_is_not_right_is_refused(change: tuple[bytes, bytes], status: int) -> None:
    async with echo_server() as port, connected(port) as peer:
        peer.send(request("/text", port).replace(*change))
        assert (await peer.head())[0] == status
        peer.writer.write_eof()
        await peer.reader.read()


async def test_a_request_that_asks_for_no_websocket_is_answered_by_http() -> None:
    async with echo_server() as port, connected(port) as peer:
        peer.send(request_of("GET /text HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"))
        assert (await peer.reader.read()).endswith(b"only WebSockets here")


# --- 5.2, framing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 127, 128, 255, 256, 4096, 65_534, 65_535, LONGEST])
@pytest.mark.parametrize(("path", "opcode"), [("/text", TEXT), ("/binary", BINARY)])
async def test_messages_of_every_form_of_length_come_back(path: str, opcode: int, size: int) -> None:
    got = await answers(frame(opcode, b"*" * size), BYE, path=path)
    assert closed_with(1000, got) == [Frame(opcode, b"*" * size)]


async def test_a_length_may_be_written_longer_than_need_be() -> None:
    spelled = frame(TEXT, b"*" * 200)  # two bytes of length; now eight
    got = await answers(spelled[:1] + b"\xff" + (200).to_bytes(8, "big") + spelled[4:], BYE)
    assert closed_with(1000, got) == texts(b"*" * 200)


@pytest.mark.parametrize("mask", [bytes(4), b"\xff" * 4, b"\x00\x01\x02\x03", MASK])
async def test_any_mask_is_undone(mask: bytes) -> None:
    assert closed_with(1000, await answers(frame(TEXT, b"hello", mask=mask), BYE)) == texts(b"hello")


@pytest.mark.parametrize(
    "example",
    [
        b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        b"\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d" + b"\x80\x82\x37\xfa\x21\x3d\x5b\x95",
    ],
)
async def test_the_examples_of_section_5_7_are_understood(example: bytes) -> None:
    assert closed_with(1000, await answers(example, BYE)) == texts(b"Hello")


async def test_a_frame_that_is_not_masked_ends_the_connection() -> None:
    assert closed_with(1002, await answers(frame(TEXT, b"hello"), frame(TEXT, b"hello", mask=None))) == texts(b"hello")


@pytest.mark.parametrize("rsv", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
async def test_reserved_bits_end_the_connection(opcode: int, rsv: int) -> None:
    got = await answers(frame(TEXT, b"before"), frame(opcode, b"", rsv=rsv), frame(TEXT, b"after"))
    assert closed_with(1002, got) == texts(b"before")


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"payload"])
async def test_reserved_opcodes_end_the_connection(opcode: int, payload: bytes) -> None:
    got = await answers(frame(TEXT, b"before"), frame(opcode, payload), frame(PING))
    assert closed_with(1002, got) == texts(b"before")


@pytest.mark.parametrize("size", [LONGEST + 1, 1 << 20, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
async def test_a_frame_over_the_limit_is_refused_by_its_head_alone(size: int) -> None:
    assert closed_with(1009, await answers(b"\x81\xff" + size.to_bytes(8, "big") + MASK)) == []


# --- 5.4, fragmentation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [[b"a", b"b"], [b"", b"a", b"", b"b"], [b"", b"", b""], [b"x"] * 100])
async def test_fragments_make_one_message(pieces: list[bytes]) -> None:
    last = len(pieces) - 1
    sent = [frame(CONT if at else TEXT, piece, fin=at == last) for at, piece in enumerate(pieces)]
    assert closed_with(1000, await answers(*sent, BYE)) == texts(b"".join(pieces))


async def test_fragments_of_a_second_message_follow_those_of_the_first() -> None:
    two = [frame(TEXT, b"a", fin=False), frame(CONT, b"b"), frame(TEXT, b"c", fin=False), frame(CONT, b"d")]
    assert closed_with(1000, await answers(*two, BYE)) == texts(b"ab", b"cd")


async def test_control_frames_may_come_between_fragments_and_are_answered_at_once() -> None:
    sent = [
        frame(TEXT, b"a", fin=False),
        frame(PING, b"1"),
        frame(CONT, b"b", fin=False),
        frame(PONG),
        frame(PING, b"2"),
    ]
    got = closed_with(1000, await answers(*sent, frame(CONT, b"c"), BYE))
    assert got == [Frame(PONG, b"1"), Frame(PONG, b"2"), *texts(b"abc")]


async def test_a_close_frame_may_come_between_fragments() -> None:
    assert closed_with(1000, await answers(frame(TEXT, b"a", fin=False), BYE, frame(CONT, b"b"))) == []


@pytest.mark.parametrize("fin", [True, False])
async def test_a_continuation_of_nothing_ends_the_connection(fin: bool) -> None:
    assert closed_with(1002, await answers(frame(CONT, b"a", fin=fin), frame(TEXT, b"b"))) == []
    assert closed_with(1002, await answers(frame(TEXT, b"a"), frame(CONT, b"b", fin=fin))) == texts(b"a")


@pytest.mark.parametrize("fin", [True, False])
async def test_a_new_message_within_another_ends_the_connection(fin: bool) -> None:
    assert closed_with(1002, await answers(frame(TEXT, b"a", fin=False), frame(TEXT, b"b", fin=fin))) == []


async def test_fragments_over_the_limit_together_end_the_connection() -> None:
    half = b"x" * (LONGEST // 2)
    fits = [frame(TEXT, half, fin=False), frame(CONT, half)]
    too_much = [frame(TEXT, half, fin=False), frame(CONT, half, fin=False), frame(CONT, b"x")]
    assert closed_with(1009, await answers(*fits, *too_much)) == texts(half + half)


# --- 5.5, control frames -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [b"", b"hello", bytes(range(125)), b"\xfe" * 125])
async def test_a_ping_is_answered_with_its_payload(payload: bytes) -> None:
    assert closed_with(1000, await answers(frame(PING, payload), BYE)) == [Frame(PONG, payload)]


async def test_pings_are_answered_in_order_and_among_the_messages() -> None:
    sent = [frame(PING, b"1"), frame(TEXT, b"a"), frame(PING, b"2"), frame(TEXT, b"b"), frame(PING, b"3")]
    got = closed_with(1000, await answers(b"".join(sent), BYE))
    assert got == [Frame(PONG, b"1"), Frame(TEXT, b"a"), Frame(PONG, b"2"), Frame(TEXT, b"b"), Frame(PONG, b"3")]


async def test_a_pong_nobody_asked_for_is_taken_without_a_word() -> None:
    assert closed_with(1000, await answers(frame(PONG), frame(PONG, b"x" * 125), frame(PING), BYE)) == [
        Frame(PONG, b"")
    ]


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
async def test_a_control_frame_is_neither_long_nor_fragmented(opcode: int) -> None:
    assert closed_with(1002, await answers(frame(opcode, close_payload(1000) + b"x" * 124))) == []
    assert closed_with(1002, await answers(frame(opcode, close_payload(1000), fin=False))) == []


# --- 7, closing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
)
async def test_a_close_frame_is_answered_with_its_code(code: int) -> None:
    assert closed_with(code, await answers(frame(CLOSE, close_payload(code, "größe".encode())))) == []


async def test_a_close_frame_without_a_code_is_answered_without_one() -> None:
    assert await answers(frame(CLOSE)) == [Frame(CLOSE, b"")]


async def test_a_reason_may_be_123_bytes_long() -> None:
    assert closed_with(1000, await answers(frame(CLOSE, close_payload(1000, b"x" * 123)))) == []


@pytest.mark.parametrize("code", [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
async def test_a_close_frame_with_a_code_that_may_not_be_sent_is_a_breach(code: int) -> None:
    assert closed_with(1002, await answers(frame(CLOSE, close_payload(code)))) == []


async def test_a_close_frame_with_half_a_code_is_a_breach() -> None:
    assert closed_with(1002, await answers(frame(CLOSE, b"\x03"))) == []


async def test_a_reason_that_is_not_utf8_is_a_breach() -> None:
    assert closed_with(1007, await answers(frame(CLOSE, close_payload(1000, b"\xce\xba\xff")))) == []


async def test_nothing_after_a_close_frame_counts() -> None:
    got = await answers(frame(TEXT, b"before") + BYE + frame(TEXT, b"after") + frame(PING) + b"\xff" * 100)
    assert closed_with(1000, got) == texts(b"before")


# --- 8.1, UTF-8 ----------------------------------------------------------------------------------------------------------

VALID = [
    "hello",
    "κόσμε",
    "\x00",
    "\x7f",
    "\x80",
    "߿",
    "ࠀ",
    "\ud7ff",
    "\ue000",
    "\ufffd",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
]
INVALID = [
    b"\x80",  # a continuation of nothing
    b"\xce",  # a beginning without continuation
    b"\xe1\x80",
    b"\xc0\xaf",  # longer than need be
    b"\xe0\x80\xaf",
    b"\xed\xa0\x80",  # surrogates
    b"\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",  # beyond U+10FFFF
    b"\xf8\x88\x80\x80\x80",
    b"\xfe",
    b"\xff",
]


@pytest.mark.parametrize("text", VALID)
async def test_text_may_be_any_unicode(text: str) -> None:
    whole = text.encode()
    cut = [
        frame(TEXT, whole[:1], fin=False),
        *(frame(CONT, whole[at : at + 1], fin=False) for at in range(1, len(whole))),
    ]
    assert closed_with(1000, await answers(frame(TEXT, whole), *cut, frame(CONT), BYE)) == texts(whole, whole)


@pytest.mark.parametrize("bad", INVALID)
async def test_text_that_is_not_utf8_ends_the_connection(bad: bytes) -> None:
    assert closed_with(1007, await answers(frame(TEXT, b"good"), frame(TEXT, b"bad: " + bad))) == texts(b"good")
    assert closed_with(1007, await answers(frame(TEXT, b"bad: ", fin=False), frame(CONT, bad))) == []


@pytest.mark.parametrize("bad", INVALID)
async def test_binary_messages_and_pings_need_not_be_utf8(bad: bytes) -> None:
    got = await answers(frame(BINARY, bad), frame(PING, bad), BYE, path="/binary")
    assert closed_with(1000, got) == [Frame(BINARY, bad), Frame(PONG, bad)]


async def test_a_message_of_the_kind_an_endpoint_does_not_speak_is_refused() -> None:
    assert closed_with(1003, await answers(frame(BINARY, b"hello"))) == []
    assert closed_with(1003, await answers(frame(TEXT, b"hello"), path="/binary")) == []


# --- however it is cut ---------------------------------------------------------------------------------------------------

CONVERSATION = b"".join(
    [
        frame(TEXT, "grüße".encode()),
        frame(TEXT, b"frag", fin=False),
        frame(PING, b"ping"),
        frame(CONT, b"ments"),
        frame(PONG, b"unasked"),
        frame(TEXT, b"x" * 300),
        BYE,
    ]
)
REPLIES = [Frame(TEXT, "grüße".encode()), Frame(PONG, b"ping"), Frame(TEXT, b"fragments"), Frame(TEXT, b"x" * 300)]


async def conversation(port: int, *pieces: bytes) -> list[Frame]:
    async with open_at("/text", port) as peer:
        for piece in pieces:
            peer.send(piece)
            await peer.writer.drain()
        return await peer.rest()


async def test_a_conversation_may_be_cut_at_every_byte() -> None:
    async with echo_server() as port:
        for at in range(len(CONVERSATION) + 1):
            got = await conversation(port, CONVERSATION[:at], CONVERSATION[at:])
            assert closed_with(1000, got) == REPLIES, at


async def test_a_conversation_may_come_byte_by_byte() -> None:
    async with echo_server() as port:
        got = await conversation(port, *(CONVERSATION[at : at + 1] for at in range(len(CONVERSATION))))
        assert closed_with(1000, got) == REPLIES


@settings(max_examples=50)
@given(noise=st.lists(st.binary(max_size=400), max_size=5))
async def test_noise_is_answered_with_valid_frames_and_ends_no_other_connection(noise: list[bytes]) -> None:
    async with echo_server() as port, open_at("/text", port) as bystander:
        async with open_at("/text", port) as peer:
            for data in noise:
                peer.send(data)
            peer.writer.write_eof()
            for got in await peer.rest():
                assert got.opcode in {TEXT, PONG, CLOSE}
                assert (got.fin, got.rsv) == (True, 0)
        bystander.send(frame(TEXT, b"still here"))
        assert await bystander.next() == Frame(TEXT, b"still here")
