"""A server that dies under load: what was acknowledged is there when it comes back, whoever acknowledged it."""

import asyncio
import random
from pathlib import Path
from typing import Final

from tests.collab.pipe import pipe
from tests.collab.stock import stock_clients
from tests.support.server import Server, serving
from tests.support.waiting import WAIT

ROUNDS: Final = 3


def numbers(text: str, letter: str) -> list[int]:
    return [int(line[1:]) for line in text.split() if line.startswith(letter)]


async def test_acknowledged_edits_survive_a_kill(tmp_path: Path) -> None:
    chance = random.Random(7)
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with pipe(server, "alice") as (alice, _):
            alice.say("CREATE_CODE_SESSION", "python")
            session = (await alice.hear("CODE_SESSION", "session_created"))["session_id"]
        typed = sent = 0
        for _ in range(ROUNDS):
            typed, sent = await _edit_until_killed(server, session, typed, sent, chance)
            server.start()
            async with pipe(server, "carol") as (carol, _):
                carol.say("JOIN_CODE_SESSION", str(session))
                text = (await carol.hear("CODE_SESSION", "session_joined"))["code"]
            for letter, acknowledged in (("t", typed), ("s", sent)):
                there = numbers(text, letter)
                assert set(range(acknowledged)) <= set(there), f"{letter}: {acknowledged} acknowledged"
                assert len(there) == len(set(there)), "nothing is there twice"
            # What was written and not acknowledged may be there or not; the next round begins after it.
            typed, sent = (max(numbers(text, letter), default=-1) + 1 for letter in "ts")


async def _edit_until_killed(
    server: Server, session: int, typed: int, sent: int, chance: random.Random
) -> tuple[int, int]:
    """How many lines of either kind were acknowledged when the server died under both kinds of clients."""
    async with pipe(server, "alice") as (alice, token), stock_clients(server.ws_url) as node:
        alice.say("JOIN_CODE_SESSION", str(session))
        joined = await alice.hear("CODE_SESSION", "session_joined")
        typist = await node.synced("hocuspocus", token, document=str(session))
        state = {"typed": typed, "sent": sent, "version": joined["version"]}

        async def send_whole_texts() -> None:
            number = sent
            code = joined["code"]
            while True:
                code += f"s{number}\n"
                number += 1
                alice.say("CODE_UPDATE", session_id=session, code=code, version=state["version"])
                state["version"] = (await alice.hear("CODE_SESSION", "code_saved"))["version"]
                state["sent"] = number
                alice.say("JOIN_CODE_SESSION", str(session))
                told = await alice.hear("CODE_SESSION", "session_joined")
                code, state["version"] = told["code"], told["version"]

        async def type_lines() -> None:
            number = typed
            while True:
                await typist.edit(0, added=f"t{number}\n")
                number += 1
                state["typed"] = max(state["typed"], number - await typist.do("unsynced"))

        async with asyncio.TaskGroup() as group:
            editors = [group.create_task(work()) for work in (send_whole_texts, type_lines)]
            async with asyncio.timeout(WAIT):
                while state["typed"] < typed + 20 or state["sent"] < sent + 5:  # noqa: ASYNC110 - see `until`
                    await asyncio.sleep(0.05)
                await asyncio.sleep(chance.random() * 0.3)
            for editor in editors:
                editor.cancel()
            server.kill()
        return int(state["typed"]), int(state["sent"])
