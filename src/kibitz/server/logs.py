"""Logs: for people in a terminal, as JSON otherwise, always on standard error.

Rule: every line of every library goes through the same processors, and the last of them before writing takes the secrets out.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "[hidden]"

_SECRET_KEY = re.compile(r"(?:^|[_-])(?:token|password|passwd|authorization|cookie|secret)$", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(?P<before>[?&]token=|\bbearer\s+|\bkibitz_token=|\btoken\|)[^\s&;,'\"|]+",
    re.IGNORECASE,
)

_LOUD_LIBRARIES: Final = ("alembic", "asyncio", "sqlalchemy", "uvicorn.error")
"""Libraries whose everyday messages are of no use to an operator: their warnings are."""


def configure(log_format: str, level: str) -> None:
    """Log everything of `level` and above; `log_format` is auto, human or json."""
    human = sys.stderr.isatty() if log_format == "auto" else log_format == "human"
    shared = _shared()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(human=human))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(*, human: bool) -> list[Processor]:
    # Tracebacks become text before the secrets are taken out; local variables are never shown in them.
    plain: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    if human:
        return [*plain, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [*plain, structlog.processors.JSONRenderer(serializer=as_json)]


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A processor: values under a secret's name, and tokens inside any text, are replaced."""
    return {key: HIDDEN if _SECRET_KEY.search(key) else _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(rf"\g<before>{HIDDEN}", value)
    if isinstance(value, Mapping):
        return {key: HIDDEN if _SECRET_KEY.search(str(key)) else _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, msgspec.Struct):  # a command's repr holds what its sender said, passwords included
        return type(value).__name__
    return _cleaned(str(value))


def as_json(event: Any, **_: Any) -> str:
    """A cleaned event as one line."""
    return msgspec.json.encode(event).decode()
