"""Events: which of them last, and which may be dropped."""

from typing import get_args

import pytest

from kibitz.wire.catalogue import COMMANDS, EVENTS
from kibitz.wire.events import DurableEvent, Event, Fleeting, RoomEvent, RunEnded, RunOutput


def test_an_event_is_durable_exactly_if_it_has_a_place_in_its_room() -> None:
    assert {event for event in EVENTS.values() if issubclass(event, RoomEvent)} == set(get_args(DurableEvent))


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_only_what_is_durable_has_a_seq(event: type[Event]) -> None:
    assert ("seq" in event.__struct_fields__) == issubclass(event, RoomEvent)


def test_nothing_durable_may_be_dropped() -> None:
    assert not set(get_args(Fleeting)) & set(get_args(DurableEvent))


def test_a_slow_reader_may_miss_what_a_program_writes_and_not_its_end() -> None:
    assert RunOutput in get_args(Fleeting)
    assert RunEnded not in get_args(Fleeting)


def test_commands_and_events_never_share_a_type() -> None:
    assert not COMMANDS.keys() & EVENTS.keys()
