"""Who is here, from what each says of themselves."""

import pytest

from kibitz.client.presence_states import EXPIRE_SECONDS, RENEW_SECONDS, Peer, PresenceStates
from kibitz.client.shared_text import Anchor
from kibitz.wire.yjs.awareness import GONE, Entry


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


STATE = b'{"user":{"name":"ben","color":"#fff"},"cursor":{"anchor":{"item":{"client":2,"clock":5}},"head":{"tname":"code"}}}'


def test_the_newest_word_of_someone_counts() -> None:
    states = PresenceStates(1, Clock())
    assert states.take([Entry(2, 5, STATE)])
    assert states.peers == (Peer(2, "ben", "#fff", Anchor(2, 5), Anchor()),)
    assert not states.take([Entry(2, 5, b"{}"), Entry(2, 4, GONE)])
    assert states.take([Entry(2, 5, GONE)])
    assert not states.take([Entry(2, 5, STATE)])
    assert states.take([Entry(2, 6, STATE)])


@pytest.mark.parametrize("state", [b"", b"[", b"7", b"[]", b"\xff", b"[" * 5000])
def test_what_is_no_presence_is_nobody(state: bytes) -> None:
    states = PresenceStates(1, Clock())
    assert not states.take([Entry(2, 5, state)])
    assert states.peers == ()


def test_who_is_silent_for_too_long_is_gone_and_i_speak_before_that() -> None:
    clock = Clock()
    states = PresenceStates(1, clock)
    first = states.say({"user": {"name": "ann"}})
    states.take([Entry(2, 5, STATE)])
    clock.now = RENEW_SECONDS
    assert states.is_due
    assert states.again().clock == first.clock + 1
    assert not states.expire()
    clock.now = EXPIRE_SECONDS + 1
    assert states.expire()
    assert states.peers == ()


def test_nobody_else_can_say_that_i_am_gone() -> None:
    states = PresenceStates(1, Clock())
    states.say({})
    assert not states.take([Entry(1, 9, GONE)])
    assert states.again() == Entry(1, 10, b"{}")
    assert states.say(None) == Entry(1, 11, GONE)
