"""The structured protocol and the delivery contract, over real sockets."""

import asyncio
import json
from typing import Any

import httpx
from websockets.asyncio.client import connect

from tests.e2e.conftest import Json, Town


async def test_a_message_sent_twice_with_one_nonce_is_one_message(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    first = await alice.do("post_message", room=1, text="hi", nonce="nonce-0001")
    again = await alice.do("post_message", room=1, text="hi", nonce="nonce-0001")
    assert first == again
    await alice.do("post_message", room=1, text="end", nonce="nonce-0002")
    await bob.event(lambda it: it["type"] == "message_posted" and it["message"]["text"] == "end")
    assert sum('"text":"hi"' in line for line in bob.seen) == 1
    other = await alice.ask("post_message", room=1, text="changed", nonce="nonce-0001")
    assert other["code"] == "nonce_reused"


async def test_whoever_resumes_gets_what_they_missed_in_order_and_once(town: Town) -> None:
    alice = await town.json(name="alice")
    bob = await town.json(name="bob")
    token, epoch = bob.welcome["token"], bob.welcome["epoch"]
    await alice.do("post_message", room=1, text="one")
    seen = (await bob.event("message_posted"))["seq"]
    bob.close()
    posted = await alice.do("post_message", room=1, text="two")
    await alice.do("edit_message", room=1, seq=posted["seq"], text="two, mended")
    await alice.do("add_reaction", room=1, seq=posted["seq"], emoji="👍")
    again: Json = await town.connect(Json)
    welcome = await again.do("log_in", token=token, resume={"epoch": epoch, "rooms": {"1": seen}})
    assert [room["resume"] for room in welcome["rooms"]] == ["resumed"]
    missed = [json.loads(await again.line()) for _ in range(3)]
    assert [event["seq"] for event in missed] == [seen + 1, seen + 2, seen + 3]
    assert missed[0]["message"]["text"] == "two, mended"
    assert (await again.event(lambda it: True))["type"] == "caught_up"


async def test_another_epoch_means_start_afresh(town: Town) -> None:
    alice: Json = await town.connect(Json)
    welcome = await alice.do("log_in", name="alice", resume={"epoch": "another", "rooms": {"1": 0}})
    assert [room["resume"] for room in welcome["rooms"]] == ["reset"]


async def test_what_was_acknowledged_outlives_kill_9(town: Town) -> None:
    alice = await town.json(name="alice")
    token = alice.welcome["token"]
    acknowledged: list[int] = []
    for number in range(200):
        await alice.say(
            json.dumps(
                {
                    "type": "post_message",
                    "id": number + 1000,
                    "room": 1,
                    "text": f"m{number}",
                    "nonce": f"nonce-{number:04}",
                }
            )
        )
    while len(acknowledged) < 50:
        acknowledged.append((await alice.event("reply"))["result"]["seq"])
    town.server.kill()
    town.server.start()
    again = await town.json(token=token)
    history = (await again.do("get_history", room=1, limit=200))["messages"]
    seqs = [message["seq"] for message in history]
    assert seqs == list(range(1, len(seqs) + 1))
    assert set(acknowledged) <= set(seqs)
    assert [message["text"] for message in history] == [f"m{number}" for number in range(len(history))]
    # What was not acknowledged is sent again, and none comes twice.
    for number in range(200):
        await again.do("post_message", room=1, text=f"m{number}", nonce=f"nonce-{number:04}")
    history = (await again.do("get_history", room=1, limit=200))["messages"]
    assert [message["text"] for message in history] == [f"m{number}" for number in range(200)]


async def test_sigterm_tells_clients_to_come_back_and_exits_with_0(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.pipe("bob")
    loop = asyncio.get_running_loop()
    stopped = loop.run_in_executor(None, town.server.stop)
    closing = await alice.event("closing")
    assert closing["code"] == 3001
    assert closing["retry_after"] > 0
    assert any(line.startswith("SERVER:") for line in await bob.rest())
    assert await stopped == 0


async def test_threads_edits_reactions_and_deletions_are_seen_by_everyone(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    root = (await alice.do("post_message", room=1, text="```py\n  x = 1\n\t# @bob\n```\n@bob look"))["seq"]
    posted = (await bob.event("message_posted"))["message"]
    assert posted["text"] == "```py\n  x = 1\n\t# @bob\n```\n@bob look"
    assert posted["mentions"] == [bob.welcome["user"]["id"]]
    await bob.do("post_message", room=1, text="seen", thread=root)
    await bob.do("add_reaction", room=1, seq=root, emoji="🎉")
    assert (await alice.event("reaction_added"))["emoji"] == "🎉"
    await alice.do("edit_message", room=1, seq=root, text="never mind")
    assert (await bob.event("message_edited"))["message"]["text"] == "never mind"
    assert (await bob.do("get_versions", room=1, seq=root))["versions"][0]["text"].endswith("@bob look")
    assert (await bob.ask("edit_message", room=1, seq=root, text="mine"))["code"] == "forbidden"
    thread = (await bob.do("get_history", room=1, thread=root))["messages"]
    assert [message["text"] for message in thread] == ["never mind", "seen"]
    assert thread[0]["replies"] == 1
    await alice.do("delete_message", room=1, seq=root)
    assert (await bob.event("message_deleted"))["target"] == root
    gone = await bob.do("get_message", room=1, seq=root)
    assert (gone["text"], gone["deleted"], gone.get("reactions", [])) == ("", True, [])
    assert (await bob.do("get_versions", room=1, seq=root))["versions"] == []


async def test_history_pages_both_ways_and_around(town: Town) -> None:
    alice = await town.json(name="alice")
    for number in range(1, 21):
        await alice.do("post_message", room=1, text=str(number))

    async def page(**edges: int) -> list[int]:
        found = await alice.do("get_history", room=1, limit=6, **edges)
        return [int(message["text"]) for message in found["messages"]]

    assert await page() == [15, 16, 17, 18, 19, 20]
    assert await page(before=15) == [9, 10, 11, 12, 13, 14]
    assert await page(after=4) == [5, 6, 7, 8, 9, 10]
    assert await page(around=10) == [7, 8, 9, 10, 11, 12]
    assert (await alice.ask("get_history", room=1, before=1, after=2))["code"] == "invalid"


async def test_reading_on_one_device_is_known_on_the_other(town: Town) -> None:
    alice, desk = await town.json(name="alice"), await town.json(name="bob")
    phone = await town.json(token=desk.welcome["token"])
    seq = (await alice.do("post_message", room=1, text="@bob news"))["seq"]
    rooms = (await desk.do("list_rooms"))["rooms"]
    assert (rooms[0]["unread"], rooms[0]["mentions"]) == (1, 1)
    await desk.do("mark_read", room=1, seq=seq)
    marked = await phone.event("read_marked")
    assert (marked["read_seq"], marked["unread"], marked["mentions"]) == (seq, 0, 0)


async def test_somebody_put_out_of_a_room_hears_and_reads_it_no_more(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    room = (await alice.do("create_room", name="kitchen", members=["bob"]))["id"]
    await bob.event("room_joined")
    await alice.do("remove_member", room=room, user="bob")
    await bob.event("room_left")
    await alice.do("post_message", room=room, text="secret")
    assert (await bob.ask("get_history", room=room))["code"] == "not_found"
    assert (await bob.ask("post_message", room=room, text="hello?"))["code"] == "not_found"
    assert (await bob.ask("set_typing", room=room))["code"] == "not_found"
    assert not [line for line in bob.seen if "secret" in line]


async def test_typing_and_presence_are_told_to_the_others(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    await alice.do("set_typing", room=1)
    assert (await bob.event("typing"))["user"]["name"] == "alice"
    await alice.do("set_presence", status="away")
    away = {"alice": "away"}  # in an event of her own, or beside the news that bob himself came
    await bob.event(lambda it: it["type"] == "presence_changed" and away.items() <= _statuses(it).items())


def _statuses(event: dict[str, Any]) -> dict[str, str]:
    return {one["user"]["name"]: one["status"] for one in event["people"]}


async def test_the_websocket_carries_the_same_messages(town: Town) -> None:
    alice = await town.json(name="alice")
    async with connect(town.server.http.replace("http", "ws") + "/ws") as socket:
        await socket.send(json.dumps({"type": "log_in", "id": 1, "name": "bob"}))
        assert json.loads(await socket.recv())["result"]["user"]["name"] == "bob"
        await alice.do("post_message", room=1, text="over the wire")
        while (event := json.loads(await socket.recv()))["type"] != "message_posted":
            pass
        assert event["message"]["text"] == "over the wire"


async def test_a_revoked_login_is_cut_off_at_once(town: Town) -> None:
    alice = await town.json(name="alice")
    async with httpx.AsyncClient(base_url=town.server.http) as http:
        answer = await http.post("/api/v1/logout", headers={"authorization": f"Bearer {alice.welcome['token']}"})
        assert answer.status_code == 200
    assert (await alice.event("closing"))["code"] == 3501


async def test_a_connection_that_sends_rubbish_is_let_go_and_the_others_do_not_notice(town: Town) -> None:
    alice = await town.json(name="alice")
    for rubbish in (b"\x00\xff\xfe" * 100 + b"\n", b"{" * 60_000 + b"\n", b'{"type":"log_in"' + b"\n", b"\n" * 5000):
        line = await town.connect()
        line.writer.write(rubbish)
        line.writer.write_eof()
        await line.rest()
    await alice.do("ping")
