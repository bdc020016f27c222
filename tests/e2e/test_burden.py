"""Slow, heavy and many: what one connection does is no burden to the others."""

import asyncio
import json

from tests.e2e.conftest import Json, Town


async def test_a_login_after_many_long_messages_shows_a_short_page_and_the_rest_pages_in(town: Town) -> None:
    alice = await town.json(name="alice")
    for number in range(45):
        await alice.do("post_message", room=1, text=f"{number:02}" + "x" * 32_000)
    bob = await town.pipe("bob")
    shown = json.loads(next(line for line in bob.seen if line.startswith("MESSAGE_HISTORY|")).split("|", 1)[1])[
        "messages"
    ]
    assert 0 < len(shown) < 45
    assert shown[-1]["content"].startswith("44")
    page = await alice.do("get_history", room=1, limit=200)
    seqs = [message["seq"] for message in page["messages"]]
    while page["more_before"]:
        page = await alice.do("get_history", room=1, limit=200, before=seqs[0])
        seqs = [message["seq"] for message in page["messages"]] + seqs
    assert seqs == list(range(1, 46))


async def test_whoever_resumes_after_many_long_messages_is_told_to_start_afresh_or_gets_them_all(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    token, epoch = bob.welcome["token"], bob.welcome["epoch"]
    bob.close()
    for _ in range(40):
        await alice.do("post_message", room=1, text="x" * 32_000)
    again: Json = await town.connect(Json)
    welcome = await again.do("log_in", token=token, resume={"epoch": epoch, "rooms": {"1": 0}})
    assert [room["resume"] for room in welcome["rooms"]] == ["reset"]
    seen, more = 0, True
    while more:
        page = await again.do("get_changes", room=1, after=seen)
        assert [event["seq"] for event in page["events"]] == list(range(seen + 1, seen + 1 + len(page["events"])))
        seen, more = page["events"][-1]["seq"], page["more"]
    assert seen == 40


async def test_a_reader_that_does_not_read_is_let_go_and_comes_back_to_everything(town: Town) -> None:
    alice, slow = await town.json(name="alice"), await town.json(name="slow")
    token, epoch = slow.welcome["token"], slow.welcome["epoch"]
    slow.reader._transport.pause_reading()  # type: ignore[attr-defined] # what a stuck program does
    heard = 0
    # The kernel's buffers hold some megabytes before the server notices.
    for number in range(1000):
        await alice.do("post_message", room=1, text="x" * 32_000)
        heard = number + 1
        if number % 50 == 0 and not [
            one for one in (await alice.do("list_online"))["people"] if one["user"]["name"] == "slow"
        ]:
            break
    assert heard < 1000, "it is never let go"
    slow.reader._transport.resume_reading()  # type: ignore[attr-defined]
    again: Json = await town.connect(Json)
    welcome = await again.do("log_in", token=token, resume={"epoch": epoch, "rooms": {"1": 0}})
    assert welcome["rooms"][0]["room"]["head"] == heard


async def test_200_people_in_one_room_all_hear_it_in_order(town: Town) -> None:
    people = await asyncio.gather(*(town.json(name=f"user{number}") for number in range(200)))
    await asyncio.gather(*(person.do("post_message", room=1, text=person.welcome["user"]["name"]) for person in people))

    async def heard(person: Json) -> list[int]:
        told = [json.loads(line) for line in person.seen]
        seqs = [event["seq"] for event in told if event["type"] == "message_posted"]
        while not seqs or seqs[-1] < 200:
            seqs.append((await person.event("message_posted"))["seq"])
        return seqs

    assert all(seqs == list(range(1, 201)) for seqs in await asyncio.gather(*map(heard, people)))


async def test_whoever_missed_much_in_many_rooms_can_come_back(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    rooms = [(await alice.do("create_room", name=f"room {number}", members=["bob"]))["id"] for number in range(60)]
    token, epoch = bob.welcome["token"], bob.welcome["epoch"]
    bob.close()
    for room in rooms:
        for _ in range(4):
            await alice.do("post_message", room=room, text="x" * 30_000)
    again: Json = await town.connect(Json)
    welcome = await again.do("log_in", token=token, resume={"epoch": epoch, "rooms": {str(room): 1 for room in rooms}})
    await again.event("caught_up")
    outcomes = {room["resume"] for room in welcome["rooms"] if room["room"]["id"] in rooms}
    assert outcomes == {"resumed", "reset"}
