"""Every command and event by its `type`, for whatever lists them.

Rule: nothing is listed by hand; what stands in `AnyCommand` and `AnyEvent` is what there is.
"""

import inspect
from typing import Any, Final, get_args

from kibitz.wire.code_commands import CodeCommand
from kibitz.wire.commands import ChatCommand, Command
from kibitz.wire.events import AnyEvent, Event
from kibitz.wire.results import Guide

AnyCommand = ChatCommand | CodeCommand
"""Every command, told apart by `type`."""


def type_of(struct: type[Any]) -> str:
    """The `type` by which a command or an event goes on the wire."""
    tag: str = struct.__struct_config__.tag
    return tag


def summary(struct: type[Any]) -> str:
    """What a struct is for: the first paragraph of its docstring."""
    return " ".join((inspect.getdoc(struct) or "").partition("\n\n")[0].split())


COMMANDS: Final[dict[str, type[Command]]] = {type_of(command): command for command in get_args(AnyCommand)}
EVENTS: Final[dict[str, type[Event]]] = {type_of(event): event for event in get_args(AnyEvent)}

GUIDE: Final = Guide(commands={name: summary(command) for name, command in COMMANDS.items()})
"""The answer to `help` in the structured protocol."""
