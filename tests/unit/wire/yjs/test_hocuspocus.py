"""The envelope of Hocuspocus: whose message it is, and what the server answers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.wire.yjs import hocuspocus, messages
from kibitz.wire.yjs.hocuspocus import PING, PONG, Addressed, Close, Token, decode
from kibitz.wire.yjs.lib0 import Malformed, write_bytes, write_string

AT = write_string("42")


def test_a_message_says_which_document_it_is_about() -> None:
    assert decode(AT + messages.update(b"\x00\x00")) == Addressed("42", messages.Update(b"\x00\x00"))
    assert decode(AT + messages.sync_step_1(b"\x00")) == Addressed("42", messages.SyncStep1(b"\x00"))
    assert decode(AT + b"\x07" + write_string("bye")) == Addressed("42", Close())


def test_an_answer_to_sync_is_sync() -> None:
    assert decode(AT + b"\x04\x01" + write_bytes(b"\x00\x00")) == Addressed("42", messages.SyncStep2(b"\x00\x00"))


def test_a_token_comes_with_or_without_the_library_s_version() -> None:
    written = AT + b"\x02\x00" + write_string("secret")
    assert decode(written) == decode(written + write_string("4.0.0")) == Addressed("42", Token("secret"))


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(Addressed("42", Token("secret")))


def test_a_client_s_own_part_of_the_address_is_kept_and_is_no_part_of_the_document() -> None:
    addressed = decode(write_string("42\0abc") + messages.update(b"\x00\x00"))
    assert addressed is not None
    assert (addressed.address, addressed.document) == ("42\0abc", "42")


def test_pings_and_pongs_are_about_no_document() -> None:
    assert decode(PING) is None
    assert decode(PONG) is None


@pytest.mark.parametrize(
    "raw", [b"", AT, AT + b"\x02", AT + b"\x02\x01" + write_string("no"), b"\x05x", write_string("x" * 300) + b"\x03"]
)
def test_what_is_cut_off_or_not_for_a_server_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        decode(raw)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_message_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        decode(raw)


def test_what_the_server_says_is_what_hocuspocus_says() -> None:
    assert hocuspocus.authenticated(can_write=True) == b"\x02\x02\x0aread-write"
    assert hocuspocus.authenticated(can_write=False) == b"\x02\x02\x08readonly"
    assert hocuspocus.permission_denied("no") == b"\x02\x01\x02no"
    assert hocuspocus.sync_status(saved=True) == b"\x08\x01"
    assert hocuspocus.sync_status(saved=False) == b"\x08\x00"
    assert hocuspocus.close("gone") == b"\x07\x04gone"
    assert hocuspocus.prefix("42") == b"\x0242"
