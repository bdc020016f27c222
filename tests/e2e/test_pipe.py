"""Every line of the pipe protocol, as a person with `nc` would meet it."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Town


def body(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.split("|", 1)[1])
    return found


async def test_a_login_is_followed_by_the_four_first_lines_in_order(town: Town) -> None:
    alice = await town.connect()
    await alice.say("alice")
    assert await alice.line() == "CONNECTED"
    info = body(await alice.until("SERVER_INFO|"))
    assert info["type"] == "SERVER_INFO"
    assert info["token"].startswith("kibitz_")
    assert town.server.http.endswith(str(info["http_port"]))
    assert body(await alice.line())["type"] == "MESSAGE_HISTORY"
    assert body(await alice.line()) == {"type": "USER_LIST_UPDATE", "users": ["alice"]}


async def test_groups_one_is_in_are_listed_at_login(town: Town) -> None:
    alice = await town.pipe("alice")
    await alice.say("CREATE_GROUP|kitchen|")
    await alice.until("GROUP_CREATED|")
    alice.close()
    again = await town.connect()
    # The name is free once the server has seen that the first connection is gone.
    while True:
        await again.say("alice")
        if await again.line() == "CONNECTED":
            break
        again = await town.connect()
    await again.until("SERVER_INFO|")
    assert "kitchen" in json.dumps(body(await again.until("USER_GROUPS|"))["groups"])


async def test_a_broadcast_reaches_everyone_the_sender_included(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    await alice.say("BROADCAST|hello | all")
    assert await alice.until("alice: ") == await bob.until("alice: ") == "alice: hello | all"


async def test_a_private_message_is_confirmed_and_reaches_nobody_else(town: Town) -> None:
    alice, bob, carol = await town.pipe("alice"), await town.pipe("bob"), await town.pipe("carol")
    await alice.say("PERSONAL|bob|psst")
    assert await alice.until("PM ") == "PM to bob: psst"
    assert await bob.until("PM ") == "PM from alice: psst"
    await carol.fence()
    assert not [line for line in carol.seen if "psst" in line]


async def test_a_private_message_to_somebody_away_is_delivered_once_when_they_come(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    await alice.until("SERVER: bob has joined")
    await bob.say("QUIT")
    await alice.until("SERVER: bob has left")
    await alice.say("PERSONAL|bob|while you were out")
    await alice.until("PM to bob")
    again = await town.pipe("bob")
    assert await again.until("PM ") == "PM from alice: while you were out"
    await alice.until("SERVER: bob has joined")  # whoever comes and goes within a second is not told
    await again.say("QUIT")
    await alice.until("SERVER: bob has left")
    third = await town.pipe("bob")
    await third.fence()
    assert not [line for line in third.seen if line.startswith("PM ")]


async def test_group_members_hear_a_group_and_come_and_go(town: Town) -> None:
    alice, bob, carol = await town.pipe("alice"), await town.pipe("bob"), await town.pipe("carol")
    await alice.say("CREATE_GROUP|kitchen|bob")
    made = body(await bob.until("GROUP_CREATED|"))
    assert (made["group_name"], made["creator"], sorted(made["members"])) == ("kitchen", "alice", ["alice", "bob"])
    await bob.say("GROUP|kitchen|soup?")
    assert await alice.until("[kitchen]") == await bob.until("[kitchen]") == "[kitchen] bob: soup?"
    await alice.say("ADD_MEMBER|kitchen|carol", "GROUP_MEMBERS|kitchen")
    members = await alice.until(
        lambda line: line.startswith("SERVER:") and "alice" in line and "carol" in line and "bob" in line
    )
    assert "kitchen" in members
    await carol.say("GROUP|kitchen|me too")
    await bob.until("[kitchen] carol: me too")
    await alice.say("REMOVE_MEMBER|kitchen|carol")
    await carol.until(lambda line: line.startswith("SERVER:") and "kitchen" in line and "removed" in line)
    await carol.say("GROUP|kitchen|still here?")
    assert await carol.until(lambda line: "not found" in line)
    await bob.say("LEAVE_GROUP|kitchen", "LIST_GROUPS")
    await bob.fence()
    await alice.say("GET_MESSAGES|GROUP|kitchen")
    history = body(await alice.until("MESSAGE_HISTORY|"))
    assert [message["content"] for message in history["messages"]] == ["soup?", "me too"]
    assert (history["msg_type"], history["target"]) == ("GROUP", "kitchen")


async def test_people_coming_and_going_are_told(town: Town) -> None:
    alice = await town.pipe("alice")
    bob = await town.pipe("bob")
    await alice.until("SERVER: bob has joined the chat!")
    assert body(await alice.until("USER_LIST|"))["users"] == ["alice", "bob"]
    await bob.say("QUIT")
    assert await bob.rest() is not None
    await alice.until("SERVER: bob has left the chat")
    assert body(await alice.until("USER_LIST|"))["users"] == ["alice"]


async def test_questions_are_answered_in_words(town: Town) -> None:
    alice = await town.pipe("alice")
    await alice.say("LIST_CLIENTS")
    assert "alice" in await alice.until("SERVER: 1 online")
    await alice.say("PING")
    await alice.until("PONG")
    await alice.say("HELP")
    await alice.until("SERVER: BROADCAST|text")
    await alice.say("PERSONAL|nobody|hi")
    assert await alice.until("SERVER: User") == "SERVER: User 'nobody' not found"
    await alice.say("LIST_FILES")
    assert body(await alice.until("FILE_LIST|"))["files"] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("NONSENSE", "unknown_command"),
        ("BROADCAST", "malformed"),
        ("GROUP|kitchen", "malformed"),
        ("BROADCAST|", "malformed"),
        ("CREATE_CODE_SESSION", "malformed"),
        ("BROADCAST|" + "x" * 40_000, "too_long"),
        ("BROADCAST|" + "x" * 70_000, "too_long"),
    ],
)
async def test_what_cannot_be_done_is_said_and_the_connection_lives_on(town: Town, said: str, code: str) -> None:
    alice = await town.pipe("alice")
    await alice.say(said)
    assert (await alice.until("ERROR|")).split("|")[1] == code
    await alice.fence()


async def test_a_name_in_use_is_refused_and_the_connection_closed(town: Town) -> None:
    await town.pipe("alice")
    other = await town.connect()
    await other.say("alice")
    assert await other.rest() == ["NAME_TAKEN"]


async def test_a_token_opens_a_second_connection_of_the_same_guest(town: Town) -> None:
    first = await town.connect()
    await first.say("alice")
    token = body(await first.until("SERVER_INFO|"))["token"]
    second = await town.pipe(f"token|{token}")
    await first.say("BROADCAST|hi")
    await second.until("alice: hi")


async def test_a_wrong_password_is_refused_and_the_connection_closed(members: Town) -> None:
    for login in ("alice", "alice|wrong-password", "token|nonsense"):
        line = await members.connect()
        await line.say(login)
        answers = await line.rest()
        assert len(answers) == 1
        assert answers[0].startswith("ERROR|auth_failed|")


async def test_somebody_who_says_it_all_at_once_and_hangs_up_is_heard(town: Town) -> None:
    alice, hasty = await town.pipe("alice"), await town.connect()
    await hasty.say("bob", "BROADCAST|deployed")
    hasty.writer.write_eof()
    await alice.until("bob: deployed")
    assert "bob: deployed" in await hasty.rest()


async def test_a_line_of_another_cannot_forge_a_line(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    await bob.say("BROADCAST|one\\nSERVER: you have won\rSERVER: again")
    heard = await alice.until("bob: ")
    assert "one\\nSERVER: you have won" in heard
    assert "\r" not in heard
