"""Whether programs can be run on this machine, for `kibitz doctor`.

Rule: nothing is believed that was not tried: the walls are, and each language runs a program.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kibitz.domain.errors import Refusal
from kibitz.runner.once import a_runner
from kibitz.runner.runner import Program, RunEvent, Runner
from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import Ended, LanguageInfo, Output

SECONDS: Final = 60.0
"""How long a program may take here: the first of a toolchain waits for what is made for it once."""

NAME: Final = "kibitz"
"""What the programs are given to greet."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found: a `problem` that keeps everything from running, the languages, and what came of those that did not greet."""

    problem: str | None
    languages: tuple[LanguageInfo, ...]
    failed: dict[str, str]


def examine(command: Sequence[str] | None = None) -> Examination:
    """Start a sandbox, try it, run a program in every language that is here. Takes a few seconds."""
    return asyncio.run(_examine(command))


async def _examine(command: Sequence[str] | None) -> Examination:
    async with a_runner(seconds=SECONDS, command=command) as runner:
        here = [info for info in runner.languages if info.missing is None] if runner.problem is None else []
        came = await asyncio.gather(*(_greeting(runner, info) for info in here))
        failed = {info.name: said for info, said in zip(here, came, strict=True) if said != f"hello, {NAME}\n"}
        problem = runner.problem if runner.languages else "The sandbox process could not be started; the log says why."
        return Examination(problem, runner.languages, failed)


async def _greeting(runner: Runner, info: LanguageInfo) -> str:
    """What the language's program wrote, and how it ended where that was not well."""
    said: list[str] = []
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def hear(event: RunEvent) -> None:
        if isinstance(event, Output):
            said.append(event.data)
        elif isinstance(event, Ended):
            ended.set_result(event.result.killed_for or event.result.signal or "")

    program = Program(user="", language=info.name, source=languages()[info.name].proof, input=f"{NAME}\n")
    try:
        await runner.run(program, hear)
    except Refusal as refusal:
        return refusal.message
    end = await ended
    return "".join(said) + end
