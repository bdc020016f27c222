"""Keepalive: what the kernel is asked for, and one timer for every connection."""

import asyncio
import socket
import sys
from collections import Counter

import pytest

from kibitz.transports import keepalive
from kibitz.transports.keepalive import SLOTS, Heart, probe


class Pulse:
    """Counts its beats, and can have enough of them."""

    def __init__(self, heart: Heart, enough: int = 1000) -> None:
        self.heart = heart
        self.enough = enough
        self.beats = 0
        self.had_enough = asyncio.Event()
        heart.add(self)

    def beat(self) -> None:
        self.beats += 1
        if self.beats == self.enough:
            self.heart.discard(self)
            self.had_enough.set()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalive, "PERIOD", 0.005)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have some of these options")
def test_the_kernel_gives_a_silent_peer_up_after_90_seconds() -> None:
    with socket.socket() as sock:
        probe(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        idle, interval, count, unacknowledged = (
            sock.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        )
        assert idle + interval * count == 90
        assert unacknowledged == 90_000


def test_a_socket_that_is_no_tcp_socket_is_left_as_it_is() -> None:
    one, other = socket.socketpair()
    with one, other:
        probe(one)
        one.sendall(b"works")
        assert other.recv(5) == b"works"


async def test_every_connection_beats_once_a_period_and_each_part_by_itself() -> None:
    heart = Heart()
    pulses = [Pulse(heart) for _ in range(4 * SLOTS)]
    for round_ in range(3):
        for part in range(SLOTS):
            heart.beat()
            counts = Counter(pulse.beats for pulse in pulses)
            assert counts[round_ + 1] == 4 * (part + 1)
    for pulse in pulses:
        heart.discard(pulse)


@pytest.mark.usefixtures("quick")
async def test_the_timer_runs_by_itself_while_there_is_anyone() -> None:
    heart = Heart()
    short, long = Pulse(heart, enough=2), Pulse(heart, enough=4)
    await long.had_enough.wait()
    assert (short.beats, long.beats) == (2, 4)


@pytest.mark.usefixtures("quick")
async def test_the_timer_stops_with_the_last_and_starts_with_the_next() -> None:
    heart = Heart()
    for _ in range(2):
        await Pulse(heart, enough=1).had_enough.wait()
        assert heart._timer is None


async def test_a_connection_that_fails_does_not_stop_the_heart() -> None:
    class Broken:
        def beat(self) -> None:
            raise RuntimeError("a mistake of ours")

    heart = Heart()
    broken = Broken()
    heart.add(broken)
    with pytest.raises(RuntimeError):
        heart.beat()
    heart.discard(broken)
    pulse = Pulse(heart, enough=1)
    for _ in range(SLOTS):
        heart.beat()
    assert pulse.beats == 1


async def test_discarding_what_never_beat_is_harmless() -> None:
    Heart().discard(Pulse(Heart(), enough=1))
