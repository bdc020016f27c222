"""Running code: what is to be run is found and written down, then handed to the sandbox.

Rule: nothing runs that is not written down, and nothing is written down that cannot be run just now.
"""

from collections.abc import Callable
from typing import Any

from kibitz.api import languages
from kibitz.api.asked import Asked
from kibitz.api.workspace import Workspace
from kibitz.domain.errors import Refusal
from kibitz.features.call import Call, Outcome
from kibitz.features.running import asking, ending, reading
from kibitz.features.running.asking import Program
from kibitz.wire.results import Done, Run, RunStarted


async def run_code(asked: Asked) -> RunStarted:
    """Run a session's text, a code block of a message, or a program by itself."""
    command, workspace = asked.command, asked.workspace
    source = asking.given(command)
    if source is None:
        source = await asked.check(asking.source)
    language = _runnable(workspace, command.language or source.language)
    code = source.code
    if code is None:  # as it is this moment, what is not stored yet included
        with await workspace.documents.open(command.session) as document:
            code = document.text
    program = Program(code, language, command.input, _limits(workspace, command.timeout))
    return await _begin(asked, lambda call: asking.ask(call, program), interactive=command.interactive)


async def run_again(asked: Asked) -> RunStarted:
    """Run what was run before, in the same place, with all that it was given."""
    before = await asked.check(asking.earlier)
    language = _runnable(asked.workspace, before.run.language)
    program = Program(before.code, language, before.input, _limits(asked.workspace, before.limits.get("timeout")))
    return await _begin(asked, lambda call: asking.ask_again(call, program), interactive=False)


async def send_input(asked: Asked) -> Done:
    """More for the standard input of a run."""
    command = asked.command
    await asked.permit()
    asked.workspace.runs.give(command.run, command.text, end=command.end)
    return Done()


async def stop_run(asked: Asked) -> Done:
    """End a run."""
    await asked.permit()
    asked.workspace.runs.stop_run(asked.command.run)
    return Done()


async def get_run(asked: Asked) -> Run:
    """A run, whole; of one under way, what it has written so far."""
    stored = await asked.check(reading.get_run)
    live = asked.workspace.runs.find(stored.run.id)
    if live is not None:
        return live.shown()
    # One that ended while it was looked up has been stored since.
    return stored if stored.run.ended_at is not None else await asked.check(reading.get_run)


async def _begin(asked: Asked, write: Callable[[Call[Any, Any]], Run], *, interactive: bool) -> RunStarted:
    written: list[Run] = []

    def work(call: Call[Any, Any]) -> Outcome:
        written.append(write(call))
        return Outcome(RunStarted(run=written[-1].run.id))

    workspace = asked.workspace
    started = await asked.answered(work, RunStarted)
    if not written:  # sent again with its nonce: it has begun already
        return started
    run = written[-1]
    try:
        live = await workspace.runs.begin(run, interactive=interactive)
    except Refusal:
        nonce = asked.command.nonce
        await workspace.committer.run(lambda tx: ending.take_back(tx, run.run, nonce))
        raise
    return RunStarted(run=started.run, place=live.place)


def _runnable(workspace: Workspace, name: str) -> str:
    """The server's name of a language that can be run here. Raises `Refusal("not_available")` that says what to install."""
    if workspace.runner.problem is not None:
        raise Refusal("not_available", f"Nothing can be run on this server: {workspace.runner.problem}")
    language = languages.find(workspace.runner, name)
    if language.missing is not None:
        raise Refusal("not_available", f"{language.title} cannot be run on this server: {language.missing}")
    return language.name


def _limits(workspace: Workspace, timeout: float | None) -> dict[str, float]:
    most = workspace.policy.code_timeout
    return {"timeout": most if timeout is None else min(timeout, most)}
