"""`kibitz desktop`: the desktop client.

Rule: what it cannot do without is looked for first, and named with the package that holds it.
"""

import os
import sys
from importlib.util import find_spec
from typing import Final

import click

EXTRA: Final = ("customtkinter", "PIL", "pygments", "keyring", "platformdirs")
"""Modules of the extra `kibitz[desktop]`."""


@click.command()
@click.option("--host", help="Server to log in to; as last time by default.")
@click.option("--port", type=click.IntRange(1, 65535), help="Its TCP port; 5555 by default.")
@click.option("--user", help="User name; on a server that takes guests this logs in at once.")
@click.option("--tls/--no-tls", default=None, help="Encrypt the connection.")
def desktop(host: str | None, port: int | None, user: str | None, tls: bool | None) -> None:
    """Open the desktop client."""
    problem = missing()
    if problem is not None:
        click.echo(f"kibitz: {problem}", err=True)
        sys.exit(1)
    from kibitz.desktop.app import run  # noqa: PLC0415 - it needs what was just looked for

    sys.exit(run(host=host, port=port, user=user, tls=tls))


def missing() -> str | None:
    """What the desktop client needs and this machine has not, in a sentence that says what to do."""
    try:
        import tkinter  # noqa: PLC0415 - whether that can be is the question
    except ImportError:
        return "This Python has no Tk. On Debian and Ubuntu: sudo apt-get install python3-tk"
    lacking = [name for name in EXTRA if find_spec(name) is None]
    if lacking:
        return f"The desktop client is not installed ({', '.join(lacking)}): pip install 'kibitz[desktop]'"
    try:
        tkinter.Tk().destroy()
    except tkinter.TclError as error:
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            return "There is no display to open a window on: run this in a graphical session, or name an X server in DISPLAY."
        return f"No window can be opened: {error}."
    return None
