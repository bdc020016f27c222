"""From the server's bytes to what they say."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.api.verbs import VERBS
from kibitz.client.decoding import RESULTS, Changes, decode_event, decode_result
from kibitz.client.errors import Refused
from kibitz.wire.catalogue import AnyCommand
from kibitz.wire.commands import GetChanges, GetMe, Ping
from kibitz.wire.events import AnyEvent, Heartbeat, MessageDeleted, RoomEvent
from kibitz.wire.results import Done


def test_every_answer_is_read_as_what_the_servers_table_says_it_is() -> None:
    for command, verb in VERBS.items():
        if command is not GetChanges:
            assert RESULTS.get(command, Done) is verb.result, command


def test_changes_are_what_the_server_answers_with_their_events_unread() -> None:
    assert Changes.__struct_fields__ == VERBS[GetChanges].result.__struct_fields__


def test_nothing_is_in_the_table_that_is_no_command() -> None:
    assert set(RESULTS) <= set(AnyCommand.__args__)


def test_an_event_is_read() -> None:
    assert decode_event(b'{"type":"heartbeat"}') == Heartbeat()


def test_a_field_this_client_does_not_know_is_passed_over() -> None:
    raw = b'{"type":"message_deleted","room":1,"seq":5,"target":3,"by":{"id":1,"name":"alice","mood":"?"},"at":"now","new":[]}'
    assert isinstance(decode_event(raw), MessageDeleted)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type":"message_framed","room":1,"seq":5,"frame":"gold"}',
        b'{"type":"member_role_changed","room":1,"seq":5,"role":{"new":"form"}}',
    ],
)
def test_of_an_event_of_a_rooms_log_that_is_not_known_the_place_is(raw: bytes) -> None:
    assert decode_event(raw) == RoomEvent(room=1, seq=5)


@pytest.mark.parametrize("raw", [b'{"type":"parade"}', b"{}", b"[]", b"nonsense", b"", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_event_at_all_is_nothing(raw: bytes) -> None:
    assert decode_event(raw) is None


@given(st.binary())
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    assert decode_event(raw) is None or isinstance(decode_event(raw), AnyEvent)


def test_an_answer_without_a_result_of_its_own_is_done() -> None:
    assert decode_result(Ping(), msgspec.Raw(b"{}")) == Done()


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'{"id":"one"}'])
def test_an_answer_in_an_unknown_form_is_a_refusal(raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        decode_result(GetMe(), msgspec.Raw(raw))
    assert caught.value.code == "unreadable"
    assert not caught.value.passes
