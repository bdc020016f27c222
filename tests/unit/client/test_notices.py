"""What happens to the client itself, as it is told."""

from typing import get_args

import msgspec

from kibitz.client.notices import Notice
from kibitz.wire.events import Event


def test_no_notice_can_be_taken_for_an_event_of_the_server() -> None:
    assert not any(issubclass(notice, Event | msgspec.Struct) for notice in get_args(Notice))
