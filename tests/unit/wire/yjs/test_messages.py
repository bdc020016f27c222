"""The messages of y-websocket: byte for byte those of the stock library."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.yjs import messages
from kibitz.wire.yjs.lib0 import Malformed
from kibitz.wire.yjs.messages import Awareness, QueryAwareness, SyncStep1, SyncStep2, Unknown, Update, decode

VECTORS = json.loads((Path(__file__).parents[3] / "collab" / "vectors.json").read_bytes())
GOLDEN = {name: bytes.fromhex(written) for name, written in VECTORS["messages"].items()}
HELLO = bytes.fromhex(VECTORS["hello"]["full"])
TWO = bytes.fromhex(VECTORS["two"]["full"])
STATE = bytes.fromhex(VECTORS["two"]["state"])


def test_what_stock_clients_send_is_understood() -> None:
    assert decode(GOLDEN["step1"]) == SyncStep1(STATE)
    assert decode(GOLDEN["step2"]) == SyncStep2(TWO)
    assert decode(GOLDEN["update"]) == Update(HELLO)
    assert decode(GOLDEN["query"]) == QueryAwareness()
    assert decode(GOLDEN["awareness"]) == Awareness(GOLDEN["awareness"][2:])


def test_what_is_sent_is_what_a_stock_server_sends() -> None:
    assert messages.sync_step_1(STATE) == GOLDEN["step1"]
    assert messages.sync_step_2(TWO) == GOLDEN["step2"]
    assert messages.update(HELLO) == GOLDEN["update"]
    assert messages.permission_denied("no é") == GOLDEN["denied"]
    assert messages.awareness(GOLDEN["awareness"][2:]) == GOLDEN["awareness"]


def test_a_message_of_another_kind_is_told_apart() -> None:
    assert decode(GOLDEN["denied"]) == Unknown(messages.AUTH)
    assert decode(b"\x63") == Unknown(99)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x03\x00", b"\x00\x02\x05\x00", b"\x00\x02\x00\x00", b"\x01"])
def test_a_message_that_is_cut_off_or_goes_on_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        decode(raw)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        decode(raw)
