"""A client's place in a room: its frames, and what its outbox tells of its socket."""

import asyncio

from kibitz.coedit.access import Access
from kibitz.coedit.peer import CollabOutbox, Peer
from kibitz.fanout.outbox import Flusher
from kibitz.wire.frames import binary_frame


class Recorder:
    """A wire that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


def made() -> tuple[Peer, Recorder, list[bool], list[bool]]:
    wire, full, limits = Recorder(), list[bool](), list[bool]()
    outbox = CollabOutbox(wire, Flusher(asyncio.get_running_loop()), lambda: None, full.append)
    peer = Peer(
        Access(1, "alice", 1, can_write=True),
        outbox,
        prefix=b"\x0242",
        cut=lambda _: None,
        limited=limits.append,
        answer=None,
    )
    return peer, wire, full, limits


async def test_a_message_is_sent_in_a_frame_behind_the_prefix() -> None:
    peer, wire, _, _ = made()
    peer.send(b"\x03")
    await asyncio.sleep(0)
    assert wire.written == binary_frame(b"\x0242\x03")


async def test_a_socket_that_takes_no_more_is_told_of_and_one_that_takes_more_again() -> None:
    peer, _, full, _ = made()
    peer.outbox.pause()
    peer.outbox.resume()
    assert full == [True, False]


async def test_a_limit_changes_what_it_may_and_is_told() -> None:
    peer, _, _, limits = made()
    peer.limit(can_write=False)
    assert peer.access == Access(1, "alice", 1, can_write=False)
    assert limits == [False]
