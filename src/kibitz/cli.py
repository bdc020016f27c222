"""The command `kibitz`.

Rule: a command imports what it needs when it runs, so that `kibitz --version` and a start of the server load nothing in vain.
"""

import sys
from importlib import import_module
from typing import Final

import click

from kibitz import __version__
from kibitz.server.config import Settings
from kibitz.server.options import takes_settings

START_FAILED: Final = 1
"""Exit status where the server cannot start or a command cannot be carried out; wrong usage is 2, as in click."""

_ELSEWHERE: Final = {
    "desktop": ("kibitz.desktop.command", "desktop"),
    "admin": ("kibitz.server.admin", "admin"),
    "doctor": ("kibitz.server.doctor", "doctor"),
    "run": ("kibitz.server.run", "run"),
}
"""Commands that live in a module of their own: its name and the command's in it."""


class _Lazy(click.Group):
    """A group that imports a command of `_ELSEWHERE` when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="kibitz %(version)s")
def main() -> None:
    """Self-hosted team chat where code runs."""


@main.command()
@takes_settings()
def serve(settings: Settings) -> None:
    """Run the server until it is told to stop.

    Every option can also be set in the environment, as KIBITZ_TCP_PORT=6000, or in kibitz.toml, as tcp_port = 6000. The command
    line beats the environment, which beats the file.
    """
    from kibitz.server.assembly import serve as run  # noqa: PLC0415 - this is the whole server
    from kibitz.storage.faults import StartError  # noqa: PLC0415 - it comes with the whole server

    try:
        status = run(settings)
    except StartError as error:
        click.echo(f"kibitz: {error}", err=True)
        status = START_FAILED
    sys.exit(status)
