"""What C and C++ have in common."""

from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox.languages.native import LIVE, RUN


def test_the_object_that_shows_output_in_time_is_needed() -> None:
    assert LIVE.needed


@needs("c")
async def test_what_runs_is_what_was_given(room: Room) -> None:
    heard = bytearray()
    box = room.workshop.box(RUN)
    box.give(b"#!/bin/sh\necho ran\nexit 4\n", lambda _, data: heard.extend(data))
    ending = await box.ended
    assert (bytes(heard), ending.status) == (b"ran\n", 4)


@needs("c")
async def test_a_large_program_arrives_whole(room: Room) -> None:
    program = b"#!/bin/sh\ncksum <main; exit\n" + bytes(20_000_000)
    heard = bytearray()
    box = room.workshop.box(RUN)
    box.give(program, lambda _, data: heard.extend(data))
    await box.ended
    assert heard.split()[1] == str(len(program)).encode()
