"""What is still to be sent, on disk, so that it outlives the program.

Rule: a command is on the disk before it is on the wire; a line that was not finished was never promised to anyone.

The file is a log of JSON lines: a command as it goes on the wire, or `answered` and the nonce of one that was. One program has it open at a
time, for one user of one server.
"""

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from kibitz.wire.catalogue import AnyCommand
from kibitz.wire.commands import Command, Write

log = logging.getLogger(__name__)


class _Answered(msgspec.Struct, tag_field="type", tag="answered"):
    nonce: str


_lines: Final[msgspec.json.Decoder[Command | _Answered]] = msgspec.json.Decoder(AnyCommand | _Answered)


class Journal:
    """A file of unsent commands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._pending: set[str] = set()

    def open(self) -> list[Write]:
        """The commands that were not answered yet, in order. What is not needed any more is dropped. Raises `OSError`."""
        content = self._path.read_bytes() if self._path.exists() else b""
        commands, unreadable = read(content)
        if unreadable:
            kept = self._path.with_name(self._path.name + ".unreadable")
            self._replace(kept, content)
            log.warning("%d lines of %s cannot be read; they are kept in %s", unreadable, self._path, kept)
        self._replace(self._path, b"".join(_line(command) for command in commands))
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        self._pending = {command.nonce for command in commands if command.nonce is not None}
        return commands

    def add(self, command: Write) -> None:
        """Keep a command: when this returns it is on the disk. Raises `OSError`, and then it was not taken."""
        assert self._file is not None and command.nonce is not None, "the journal is open, and an outbox gives nonces"
        size = os.fstat(self._file).st_size
        try:
            _write(self._file, _line(command))
            os.fsync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, size)  # a half line would swallow the next one
            raise
        self._pending.add(command.nonce)

    def done(self, nonce: str) -> None:
        """Forget a command that was answered. Not worth waiting for the disk: were it sent again, its nonce would tell."""
        assert self._file is not None, "the journal is open"
        self._pending.discard(nonce)
        with suppress(OSError):
            if self._pending:
                _write(self._file, _line(_Answered(nonce)))
            else:
                os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Let go of the file. What is in it stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _replace(self, path: Path, content: bytes) -> None:
        """Write a whole file so that there is at every moment either the old or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".new")
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # what people say is nobody else's
        try:
            _write(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        draft.replace(path)
        with suppress(OSError):  # Windows cannot open a directory, and needs no such thing
            directory = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)


def read(content: bytes) -> tuple[list[Write], int]:
    """The commands of a journal that were not answered, in order, and how many finished lines could not be read."""
    commands: dict[str, Write] = {}
    unreadable = 0
    for raw in _finished(content):
        try:
            line = _lines.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable += 1
            continue
        if isinstance(line, _Answered):
            commands.pop(line.nonce, None)
        elif isinstance(line, Write) and line.nonce is not None:
            commands[line.nonce] = line
    return list(commands.values()), unreadable


def _finished(content: bytes) -> Iterable[bytes]:
    return content.split(b"\n")[:-1]  # what follows the last line end was cut off by a crash


def _line(line: Write | _Answered) -> bytes:
    return msgspec.json.encode(line) + b"\n"


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
