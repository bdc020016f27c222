"""`kibitz run FILE`: a program in the sandbox, from the shell.

Rule: it is as if the program itself had been started here: its input is this one's, its output this one's, and its status too.
"""

import signal
import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from kibitz.domain.coding import MAX_CODE_BYTES
from kibitz.domain.errors import Refusal
from kibitz.runner.once import Once, run_file
from kibitz.sandbox.messages import Result, Stream
from kibitz.sandbox.policy import RUN_SECONDS

NOT_RUN: Final = 125
"""Exit status where the program could not be run at all, as `docker run` and `timeout` have it."""

TIMED_OUT: Final = 124
"""Exit status of a program that took too long, as `timeout` has it."""

KILLED: Final = 137
"""Exit status of a program that met another limit: what a shell says of one that was killed by SIGKILL."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints: what the program wrote, and how it ended."""

    stdout: str
    stderr: str
    exit_code: int | None
    timed_out: bool
    killed_for: str | None
    duration_ms: int
    language: str


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", "-l", metavar="NAME", help="Language, where the file's name does not say it.")
@click.option(
    "--timeout", "-t", type=click.FloatRange(0.1, 3600), default=RUN_SECONDS, show_default=True, metavar="SECONDS",
    help="Longest time the program may run.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one object with the output and how the program ended.")
def run(file: Path, language: str | None, timeout: float, as_json: bool) -> None:
    """Run a program in the sandbox.

    Standard input goes in, output comes out, and the exit status is the program's: 124 if it took too long, 137 if it met another
    limit, 125 if it could not be run at all.
    """
    wrote: dict[Stream, list[str]] = {"stdout": [], "stderr": []}
    try:
        source = _source(file)
        write = (lambda stream, text: wrote[stream].append(text)) if as_json else None
        once = run_file(file.name, source, language=language, seconds=timeout, write=write)
    except Refusal as refusal:
        click.echo(f"kibitz: {refusal.message}", err=True)
        sys.exit(NOT_RUN)
    if as_json:
        click.echo(msgspec.json.encode(_report(once, wrote)))
    elif once.result.killed_for is not None:
        click.echo(f"kibitz: the program was ended: {once.result.killed_for}", err=True)
    sys.exit(status_of(once.result))


def status_of(result: Result) -> int:
    """The exit status that stands for a result."""
    if result.timed_out:
        return TIMED_OUT
    if result.exit_code is not None:
        return result.exit_code
    if result.signal is not None:
        return 128 + signal.Signals[result.signal].value
    return KILLED


def _source(file: Path) -> str:
    with file.open("rb") as opened:
        raw = opened.read(MAX_CODE_BYTES + 1)
    if len(raw) > MAX_CODE_BYTES:
        raise Refusal("too_long", f"A program may have {MAX_CODE_BYTES} bytes; {file} has more.")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Refusal("invalid", f"{file} is not UTF-8: {error.reason} at byte {error.start}.") from None


def _report(once: Once, wrote: dict[Stream, list[str]]) -> Report:
    result = once.result
    return Report(
        stdout="".join(wrote["stdout"]),
        stderr="".join(wrote["stderr"]),
        exit_code=result.exit_code,
        timed_out=result.timed_out,
        killed_for=result.killed_for,
        duration_ms=result.duration_ms,
        language=once.language,
    )
