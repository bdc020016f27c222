"""Code sessions from outside: three people, one text, on every protocol that this repository speaks itself."""

import asyncio
import json
from typing import Any

from tests.e2e.conftest import Json, Line, Town


async def told(line: Line, kind: str) -> dict[str, Any]:
    """The next CODE_SESSION of this type."""
    while True:
        shown: dict[str, Any] = json.loads((await line.until("CODE_SESSION|")).partition("|")[2])
        if shown["type"] == kind:
            return shown


async def say(line: Line, verb: str, **fields: Any) -> None:
    await line.say(f"{verb}|{json.dumps(fields)}")


async def created(line: Line, language: str = "python") -> int:
    await line.say(f"CREATE_CODE_SESSION|{language}")
    session: int = (await told(line, "session_created"))["session_id"]
    return session


async def joined(line: Line, session: int) -> dict[str, Any]:
    await line.say(f"JOIN_CODE_SESSION|{session}")
    return await told(line, "session_joined")


# --- the pipe protocol -------------------------------------------------------------------------------------------------------


async def test_a_session_is_created_joined_edited_and_left(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    await alice.say("CREATE_CODE_SESSION|py")
    begun = await told(alice, "session_created")
    assert begun | {"session_id": 0} == {
        "type": "session_created", "session_id": 0, "language": "python", "code": "", "version": 0, "participants": ["alice"],
    }  # fmt: skip
    session = begun["session_id"]
    assert (await joined(bob, session))["participants"] == ["alice", "bob"]
    came = await told(alice, "user_joined")
    assert (came["user"], came["participants"]) == ("bob", ["alice", "bob"])
    await say(alice, "CODE_UPDATE", session_id=session, code="print(1)\n", version=0, cursor_pos=9)
    saved = await told(alice, "code_saved")
    shown = await told(bob, "code_update")
    assert shown == {
        "type": "code_update", "session_id": session, "code": "print(1)\n", "version": saved["version"], "user": "alice", "cursor_pos": 9,
    }  # fmt: skip
    await bob.say(f"LEAVE_CODE_SESSION|{session}")
    assert (await told(alice, "user_left"))["participants"] == ["alice"]
    assert (await told(bob, "user_left"))["user"] == "bob"


async def test_edits_of_two_people_at_once_are_both_kept(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    session = await created(alice)
    await joined(bob, session)
    await say(alice, "CODE_UPDATE", session_id=session, code="one\ntwo\nthree\n", version=0)
    base = (await told(alice, "code_saved"))["version"]
    await say(alice, "CODE_UPDATE", session_id=session, code="ONE\ntwo\nthree\n", version=base)
    await say(bob, "CODE_UPDATE", session_id=session, code="one\ntwo\nTHREE\n", version=base)
    await told(alice, "code_saved")
    await told(bob, "code_saved")
    assert (await joined(alice, session))["code"] == "ONE\ntwo\nTHREE\n"


async def test_whoever_types_ahead_of_the_answers_loses_and_doubles_nothing(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    session = await created(alice)
    await joined(bob, session)
    for end in range(1, 12):
        await say(alice, "CODE_UPDATE", session_id=session, code="hello world"[:end], version=0)
    for text in ("hello worl", "hello wor", "hello worl", "hello world"):
        await say(alice, "CODE_UPDATE", session_id=session, code=text, version=0)
    for _ in range(15):
        await told(alice, "code_saved")
    assert (await joined(bob, session))["code"] == "hello world"


async def test_whoever_types_ahead_without_naming_versions_loses_nothing_of_the_others(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    session = await created(alice)
    await joined(bob, session)
    await say(bob, "CODE_UPDATE", session_id=session, code="\n# bob was here\n", version=0)
    for end in range(1, 12):
        await say(alice, "CODE_UPDATE", session_id=session, code="hello world"[:end], version=0)
    await told(bob, "code_saved")
    for _ in range(11):
        await told(alice, "code_saved")
    text = (await joined(bob, session))["code"]
    assert sorted(text) == sorted("hello world\n# bob was here\n")
    assert "hello world" in text


async def test_a_session_that_is_not_there_and_one_not_joined_are_refused_in_words(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    await alice.say("JOIN_CODE_SESSION|77")
    assert (await told(alice, "error"))["message"] == "Session not found."
    session = await created(alice)
    await say(bob, "CODE_UPDATE", session_id=session, code="mine")
    assert "may not" in (await told(bob, "error"))["message"]
    await say(bob, "EXECUTE_CODE", session_id=session)
    assert "may not" in (await told(bob, "error"))["message"]
    await alice.say("CREATE_CODE_SESSION|cobol")
    assert "python" in (await told(alice, "error"))["message"]
    assert await alice_lives(alice)


async def alice_lives(line: Line) -> bool:
    await line.fence()
    return True


async def test_an_invitation_reaches_whoever_is_invited_and_stands_in_their_conversation(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.json(name="bob")
    session = await created(alice)
    await say(alice, "INVITE_TO_CODE", session_id=session, recipient="bob")
    asked = await bob.event("invited_to_session")
    assert (asked["session"]["id"], asked["by"]["name"]) == (session, "alice")
    room = (await bob.do("open_direct", user="alice"))["id"]
    log = (await bob.do("get_changes", room=room, after=0))["events"]
    assert [event["session"]["id"] for event in log if event["type"] == "session_invited"] == [session]


# --- runs --------------------------------------------------------------------------------------------------------------------


async def test_everyone_in_a_session_sees_the_program_run_line_by_line(town: Town) -> None:
    alice, bob = await town.pipe("alice"), await town.pipe("bob")
    session = await created(alice)
    await joined(bob, session)
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint(input())\nsys.exit(3)\n"
    await say(alice, "CODE_UPDATE", session_id=session, code=code, version=0)
    await told(alice, "code_saved")
    await say(bob, "EXECUTE_CODE", session_id=session, input="typed\n")
    for line in (alice, bob):
        ended = await told(line, "execution_result")
        assert (ended["session_id"], ended["executed_by"]) == (session, "bob")
        result = ended["result"]
        assert (result["success"], result["exit_code"], result["timed_out"]) == (False, 3, False)
        assert (result["output"], result["error"]) == ("out\ntyped\n", "err\n")
        assert result["duration_ms"] > 0
        heard = [json.loads(one.partition("|")[2]) for one in line.seen if '"execution_output"' in one]
        assert "".join(one["data"] for one in heard if one["stream"] == "stdout") == "out\ntyped\n"
        assert {one["run_id"] for one in heard} == {ended["run_id"]}


async def test_one_asks_and_another_answers_while_it_runs(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    session = (await alice.do("create_session", language="python", code="print('Hello, ' + input('Who? '))"))[
        "session"
    ]["id"]
    await bob.do("join_session", session=session)
    run = (await alice.do("run_code", session=session, interactive=True))["run"]
    await bob.event(lambda it: it["type"] == "run_output" and it["text"].endswith("Who? "))
    late = await town.json(name="carol")
    shown = await late.do("join_session", session=session)
    assert [(one["run"]["id"], one["output"]) for one in shown["running"]] == [(run, [["stdout", "Who? "]])]
    await bob.do("send_input", run=run, text="bob\n")
    for line in (alice, bob, late):
        ended = await line.event("run_ended")
        assert ended["run"]["result"]["exit_code"] == 0
    whole = await bob.do("get_run", run=run)
    assert "".join(text for _, text in whole["output"]) == "Who? Hello, bob\n"
    assert whole["input"] == "bob\n"


async def test_a_run_is_stopped_by_whoever_takes_part(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    session = (await alice.do("create_session", language="python", code="while True: pass"))["session"]["id"]
    await bob.do("join_session", session=session)
    run = (await alice.do("run_code", session=session))["run"]
    await bob.event("run_began")
    await bob.do("stop_run", run=run)
    assert (await alice.event("run_ended"))["run"]["result"]["killed_for"] == "stopped"
    assert (await alice.ask("stop_run", run=run))["code"] == "not_found"


async def test_a_code_block_of_a_message_is_run_in_place_and_becomes_a_session(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    seq = (await alice.do("post_message", room=1, text="look:\n```python\nprint(6 * 7)\n```\nnice"))["seq"]
    run = (await bob.do("run_code", room=1, seq=seq))["run"]
    ended = await alice.event("block_run")
    assert (ended["target"], ended["block"], ended["run"], ended["result"]["exit_code"]) == (seq, 0, run, 0)
    assert "".join(text for _, text in (await alice.do("get_run", run=run))["output"]) == "42\n"
    opened = await bob.do("create_session", room=1, seq=seq)
    assert opened["code"] == "print(6 * 7)\n"
    session = opened["session"]["id"]
    assert (await alice.event("session_opened"))["session"]["id"] == session
    again = await alice.do("create_session", room=1, seq=seq)
    assert again["session"]["id"] == session
    assert [one["user"]["name"] for one in again["participants"]] == ["bob", "alice"]
    await alice.do("update_code", session=session, code="print(43)\n", version=1)
    (block,) = (await bob.do("get_message", room=1, seq=seq))["blocks"]
    assert (block["session"], block["text"], block["run"]["id"]) == (session, "print(43)\n", run)
    await alice.do("delete_message", room=1, seq=seq)
    assert (await bob.ask("get_run", run=run))["code"] == "not_found"


async def test_a_run_s_history_can_be_run_again_and_compared(town: Town) -> None:
    alice = await town.json(name="alice")
    first = (await alice.do("run_code", language="python", code="print(input())", input="same\n"))["run"]
    await alice.event("run_ended")
    again = (await alice.do("run_again", run=first))["run"]
    await alice.event("run_ended")
    compared = await alice.do("compare_runs", run=first, other=again)
    assert all(compared[f"same_{what}"] for what in ("code", "input", "toolchain", "result", "output"))
    other = (await alice.do("run_code", language="python", code="print(input()[::-1])", input="same\n"))["run"]
    await alice.event("run_ended")
    compared = await alice.do("compare_runs", run=first, other=other)
    assert (compared["same_input"], compared["same_code"], compared["same_output"]) == (True, False, False)
    assert "+emas" in compared["output"]
    listed = (await alice.do("list_runs"))["runs"]
    assert [one["id"] for one in listed] == [other, again, first]


async def test_a_run_sent_twice_with_one_nonce_is_one_run(town: Town) -> None:
    alice = await town.json(name="alice")
    first = await alice.do("run_code", language="python", code="print(1)", nonce="nonce-0001")
    await alice.event("run_ended")
    assert (await alice.do("run_code", language="python", code="print(1)", nonce="nonce-0001"))["run"] == first["run"]
    assert len((await alice.do("list_runs"))["runs"]) == 1


async def test_a_run_over_http_is_told_as_it_goes(town: Town) -> None:
    alice = await town.json(name="alice")
    http = town.http(alice.welcome["token"])
    body = {
        "language": "python",
        "code": "import sys\nprint('one', flush=True)\nprint(sys.stdin.read())",
        "input": "two",
    }
    async with http.stream("POST", "/api/v1/runs", json=body, headers={"accept": "application/x-ndjson"}) as answer:
        assert answer.status_code == 200
        events = [json.loads(line) async for line in answer.aiter_lines()]
    assert [event["type"] for event in (events[0], events[-1])] == ["run_began", "run_ended"]
    assert "".join(event["text"] for event in events if event["type"] == "run_output") == "one\ntwo\n"
    run = events[-1]["run"]["id"]
    replayed = (await http.get(f"/api/v1/runs/{run}/events")).text.splitlines()
    assert [json.loads(line)["type"] for line in replayed][-1] == "run_ended"
    assert (await http.get("/api/v1/runs/999/events")).status_code == 404


async def test_a_server_that_was_killed_says_what_became_of_its_runs(town: Town) -> None:
    alice = await town.json(name="alice")
    run = (await alice.do("run_code", language="python", code="while True: pass"))["run"]
    await alice.event("run_began")
    await asyncio.to_thread(town.server.restart)
    again: Json = await town.json(token=alice.welcome["token"])
    assert (await again.do("get_run", run=run))["run"]["result"]["killed_for"] == "server_stopped"


async def test_an_acknowledged_text_outlives_kill_9_with_its_history(town: Town) -> None:
    alice = await town.json(name="alice")
    session = (await alice.do("create_session", language="python", code="a\n"))["session"]["id"]
    second = await alice.do("update_code", session=session, code="a\nb\n", version=1)
    await asyncio.to_thread(town.server.restart)
    again = await town.json(token=alice.welcome["token"])
    assert (await again.do("get_code", session=session))["code"] == "a\nb\n"
    assert (await again.do("get_code", session=session, version=1))["code"] == "a\n"
    await again.do("restore_code", session=session, version=1)
    history = (await again.do("get_code_history", session=session))["versions"]
    assert [one["version"] for one in history] == [second["version"] + 1, second["version"], 1]
    assert (await again.do("get_code", session=session))["code"] == "a\n"
    parts = (await again.do("get_authors", session=session))["parts"]
    assert "".join(part["text"] for part in parts) == "a\n"


# --- who may ------------------------------------------------------------------------------------------------------------------


async def test_a_private_session_is_for_those_invited_and_whoever_is_put_out_hears_no_more(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    session = (await alice.do("create_session", language="c", access="private"))["session"]["id"]
    assert (await bob.ask("join_session", session=session))["code"] == "not_found"
    await alice.do("invite_to_session", session=session, user="bob", role="viewer")
    shown = await bob.do("join_session", session=session)
    assert shown["session"]["part"] == "viewer"
    assert (await bob.ask("update_code", session=session, code="x"))["code"] == "forbidden"
    await alice.do("set_session_role", session=session, user="bob", role="editor")
    await bob.do("update_code", session=session, code="x")
    await alice.do("remove_participant", session=session, user="bob")
    await bob.event("participant_left")
    await alice.do("update_code", session=session, code="secret")
    assert (await bob.ask("get_code", session=session))["code"] == "forbidden"
    assert (await bob.ask("join_session", session=session))["code"] == "forbidden"
    assert not [line for line in bob.seen if "secret" in line]


async def test_a_session_of_a_group_closes_to_whoever_is_put_out_of_the_group(town: Town) -> None:
    alice, bob, carol = await town.json(name="alice"), await town.json(name="bob"), await town.json(name="carol")
    room = (await alice.do("create_room", name="kitchen", members=["bob"]))["id"]
    session = (await alice.do("create_session", language="c", room=room, title="Sort"))["session"]["id"]
    assert (await bob.event("session_opened"))["session"]["title"] == "Sort"
    await bob.do("join_session", session=session)
    assert (await carol.ask("join_session", session=session))["code"] == "not_found"
    await alice.do("remove_member", room=room, user="bob")
    assert (await bob.ask("get_code", session=session))["code"] == "not_found"
    assert (await bob.do("list_sessions"))["sessions"] == []


async def test_a_closed_session_can_be_read_and_not_changed_until_it_is_reopened(town: Town) -> None:
    alice = await town.json(name="alice")
    session = (await alice.do("create_session", language="c", code="int x;\n"))["session"]["id"]
    await alice.do("update_session", session=session, closed=True)
    assert (await alice.do("get_session", session=session))["session"]["closed_at"]
    assert (await alice.ask("update_code", session=session, code="y"))["code"] == "forbidden"
    assert (await alice.ask("run_code", session=session))["code"] == "forbidden"
    assert (await alice.do("get_code", session=session))["code"] == "int x;\n"
    await alice.do("update_session", session=session, closed=False)
    await alice.do("update_code", session=session, code="y")


async def test_the_last_owner_who_leaves_hands_the_session_over(town: Town) -> None:
    alice, bob = await town.json(name="alice"), await town.json(name="bob")
    session = (await alice.do("create_session", language="c"))["session"]["id"]
    await bob.do("join_session", session=session)
    await alice.do("leave_session", session=session)
    changed = await bob.event("participant_changed")
    assert (changed["participant"]["user"]["name"], changed["participant"]["role"]) == ("bob", "owner")
    assert (await alice.do("join_session", session=session))["session"]["part"] == "editor"
