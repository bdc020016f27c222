"""Settings as options of the command line.

Rule: an option is made from a row of the table in `kibitz.server.config`; what stands on the command line goes through the same
parser as what stands in the environment.
"""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kibitz.server.config import CONFIG_VARIABLE, SETTINGS, Setting, SettingError, Settings, load
from kibitz.server.kinds import SWITCH, Kind

F = TypeVar("F", bound=Callable[..., Any])


class _Value(click.ParamType[Any]):
    """A kind of setting as click wants it."""

    def __init__(self, kind: Kind) -> None:
        self.name = kind.metavar
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._kind.parse(value)
        except ValueError:
            self.fail(f"It must be {self._kind.expects}, not {value!r}.", param, ctx)


def takes_settings(*names: str) -> Callable[[F], F]:
    """Give a command the options of these settings (all, if none is named) and --config, and hand it the `Settings` first.

    Every setting can still come from the environment and the file. A bad one ends the command as a wrong usage does.
    """
    rows = [SETTINGS[name] for name in names or SETTINGS]

    def decorate(command: F) -> F:
        @wraps(command)
        def with_settings(*args: Any, config: Path | None, **rest: Any) -> Any:
            given = {row.name: rest.pop(row.name) for row in rows}
            return command(_load(given, config), *args, **rest)

        decorated: Any = with_settings
        for row in reversed(rows):
            decorated = _option(row)(decorated)
        return _config(decorated)  # type: ignore[no-any-return]

    return decorate


def _load(given: dict[str, Any], file: Path | None) -> Settings:
    try:
        return load({name: value for name, value in given.items() if value is not None}, os.environ, file)
    except SettingError as error:
        raise click.UsageError(str(error)) from error


def _option(row: Setting) -> Callable[[F], F]:
    shown = f"{row.help}  [{row.shown}]" if row.shown and row.kind is not SWITCH else row.help
    if row.kind is SWITCH:
        return click.option(f"{row.option}/{_opposite(row.option)}", row.name, default=None, help=shown)
    return click.option(row.option, row.name, type=_Value(row.kind), metavar=row.kind.metavar, default=None, help=shown)


def _opposite(option: str) -> str:
    # What the file or the environment switches on, the command line must be able to switch off.
    return "--" + option.removeprefix("--no-") if option.startswith("--no-") else "--no-" + option.removeprefix("--")


_config = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help=f"File of settings; also {CONFIG_VARIABLE}.  [kibitz.toml, where there is one]",
)
