"""Results: plain data that leaves out what is as usual."""

import msgspec
import pytest

from kibitz.wire.results import Done, Posted, Result, Users


def test_a_page_that_is_the_last_says_nothing_of_more() -> None:
    assert msgspec.json.encode(Users(users=[])) == b'{"users":[]}'
    assert msgspec.json.encode(Users(users=[], more=True)) == b'{"users":[],"more":true}'


def test_nothing_to_say_is_an_empty_object() -> None:
    assert msgspec.json.encode(Done()) == b"{}"


@pytest.mark.parametrize("kind", Result.__subclasses__(), ids=lambda kind: kind.__name__)
def test_a_result_is_read_by_clients_that_are_older(kind: type[Result]) -> None:
    assert not kind.__struct_config__.forbid_unknown_fields


def test_a_result_cannot_be_changed_once_it_was_given() -> None:
    with pytest.raises(AttributeError):
        Posted(room=1, seq=1, sent_at="").seq = 2  # type: ignore[misc]
