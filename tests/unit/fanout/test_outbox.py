"""The outbox: one write per tick, in order, never more than its bounds."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from kibitz.fanout.outbox import AT_A_TIME, MAX_BYTES, MAX_CHUNKS, Flusher, Outbox


class Recorder:
    """A wire that keeps every write apart."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)


def make() -> tuple[Outbox, Recorder, list[str]]:
    overflows: list[str] = []
    wire = Recorder()
    outbox = Outbox(wire, Flusher(asyncio.get_running_loop()), lambda: overflows.append("overflow"))
    return outbox, wire, overflows


async def test_what_is_put_in_one_tick_is_written_once_in_order() -> None:
    outbox, wire, _ = make()
    for piece in (b"one ", b"two ", b"three"):
        outbox.put(piece)
    assert wire.writes == []
    await asyncio.sleep(0)
    assert wire.writes == [b"one two three"]
    assert outbox.waiting == 0


async def test_two_outboxes_of_one_flusher_are_both_written_at_the_end_of_the_tick() -> None:
    flusher = Flusher(asyncio.get_running_loop())
    wires = [Recorder(), Recorder()]
    for number, wire in enumerate(wires):
        Outbox(wire, flusher, lambda: None).put(b"%d" % number)
    await asyncio.sleep(0)
    assert [wire.writes for wire in wires] == [[b"0"], [b"1"]]


async def test_many_outboxes_are_written_in_order_and_the_loop_turns_meanwhile() -> None:
    loop = asyncio.get_running_loop()
    flusher, order = Flusher(loop), []
    for number in range(2 * AT_A_TIME + 1):
        wire = Recorder()
        wire.write = lambda _, number=number: order.append(number)  # type: ignore[method-assign, misc]
        Outbox(wire, flusher, lambda: None).put(b"to everyone")
    turns = []
    for _ in range(4):
        await asyncio.sleep(0)
        turns.append(len(order))
    assert turns == [AT_A_TIME, 2 * AT_A_TIME, 2 * AT_A_TIME + 1, 2 * AT_A_TIME + 1]
    assert order == sorted(order)


async def test_what_is_put_while_others_are_written_follows_in_its_turn() -> None:
    flusher = Flusher(asyncio.get_running_loop())
    wires = [Recorder() for _ in range(AT_A_TIME + 1)]
    boxes = [Outbox(wire, flusher, lambda: None) for wire in wires]
    for outbox in boxes:
        outbox.put(b"one ")
    await asyncio.sleep(0)
    for outbox in boxes:
        outbox.put(b"two")
    for _ in range(3):
        await asyncio.sleep(0)
    assert {tuple(wire.writes) for wire in wires[:-1]} == {(b"one ", b"two")}
    assert wires[-1].writes == [b"one two"]


async def test_pieces_that_many_are_owed_are_joined_once() -> None:
    flusher = Flusher(asyncio.get_running_loop())
    wires = [Recorder() for _ in range(3)]
    same, other = [b"to ", b"everyone"], [b"to ", b"somebody"]
    for wire, pieces in zip(wires, (same, same, other), strict=True):
        outbox = Outbox(wire, flusher, lambda: None)
        for piece in pieces:
            outbox.put(piece)
    await asyncio.sleep(0)
    assert [wire.writes for wire in wires] == [[b"to everyone"], [b"to everyone"], [b"to somebody"]]
    assert wires[0].writes[0] is wires[1].writes[0]


async def test_a_paused_transport_is_not_written_to_until_it_resumes() -> None:
    outbox, wire, _ = make()
    outbox.pause()
    outbox.put(b"later")
    await asyncio.sleep(0)
    assert wire.writes == []
    assert outbox.waiting == 5
    outbox.resume()
    await asyncio.sleep(0)
    assert wire.writes == [b"later"]


async def test_what_is_sent_overtakes_what_is_held_and_release_lets_the_rest_follow() -> None:
    outbox, wire, _ = make()
    outbox.hold()
    outbox.put(b"live")
    outbox.send(b"past ")
    await asyncio.sleep(0)
    assert wire.writes == [b"past "]
    outbox.release()
    await asyncio.sleep(0)
    assert wire.writes == [b"past ", b"live"]


async def test_too_many_bytes_for_a_reader_that_does_not_read_overflow_it() -> None:
    outbox, wire, overflows = make()
    outbox.pause()
    outbox.put(b"x" * MAX_BYTES)
    assert overflows == []
    outbox.put(b"x")
    assert overflows == ["overflow"]
    assert wire.writes == []


async def test_too_many_pieces_overflow_however_small() -> None:
    outbox, _, overflows = make()
    outbox.hold()
    for _ in range(MAX_CHUNKS + 1):
        outbox.put(b".")
    assert overflows == ["overflow"]


async def test_fleeting_events_are_dropped_from_half_of_the_queue_on() -> None:
    outbox, wire, _ = make()
    outbox.pause()
    outbox.put(b"x" * (MAX_BYTES // 2))
    outbox.put_fleeting(b"typing")
    outbox.put(b"durable")
    outbox.resume()
    await asyncio.sleep(0)
    assert wire.writes[0].endswith(b"xdurable")


async def test_fleeting_events_are_not_kept_for_a_client_that_is_catching_up() -> None:
    outbox, wire, _ = make()
    outbox.hold()
    outbox.put_fleeting(b"typing")
    outbox.release()
    await asyncio.sleep(0)
    assert wire.writes == []


async def test_a_closed_outbox_takes_and_writes_nothing() -> None:
    outbox, wire, _ = make()
    outbox.put(b"before")
    outbox.close()
    outbox.put(b"after")
    outbox.send(b"after")
    outbox.put_fleeting(b"after")
    await asyncio.sleep(0)
    assert wire.writes == []
    assert outbox.waiting == 0


@given(
    st.lists(
        st.one_of(
            st.binary(min_size=1, max_size=5).map(lambda data: ("put", data)),
            st.sampled_from([("pause", b""), ("resume", b""), ("tick", b"")]),
        )
    )
)
def test_whatever_the_transport_does_the_bytes_arrive_whole_and_in_order(acts: list[tuple[str, bytes]]) -> None:
    async def scenario() -> None:
        outbox, wire, overflows = make()
        for act, data in acts:
            match act:
                case "put":
                    outbox.put(data)
                case "pause":
                    outbox.pause()
                case "resume":
                    outbox.resume()
                case "tick":
                    await asyncio.sleep(0)
        outbox.resume()
        await asyncio.sleep(0)
        assert b"".join(wire.writes) == b"".join(data for act, data in acts if act == "put")
        assert overflows == []
        assert outbox.waiting == 0

    asyncio.run(scenario())
