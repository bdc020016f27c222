"""What Kibitz makes for a toolchain once, so that every run has it: objects, precompiled headers, archives of classes.

Rule: tools are made in a sandbox like any program, come out through a pipe, and lie in a directory that only this process writes to and
that sandboxes see read-only. The directory is named for all that its content depends on, so what lies there is never out of date.
"""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from kibitz.sandbox.cache import key_of
from kibitz.sandbox.plan import Language, Stage, Tool
from kibitz.sandbox.policy import MIB, Limits

MAX_TOOL: Final = 256 * MIB
"""Bytes of a tool: the largest, every header of C++ precompiled, has 125 MB."""

RETRY: Final = 60.0
"""Seconds until a tool that could not be made is tried again: a full disk may be mended, a broken toolchain stays slow to fail."""

LIMITS: Final = Limits(seconds=120.0, memory=1024 * MIB, disk=MAX_TOOL)
"""What making one may take: no stranger's program is among them."""

Make = Callable[[Stage, bytes, BinaryIO], Awaitable[bool]]


class Toolbox:
    """The tools below one directory.

    `make` carries out a stage for a source, writes what comes of it, and says whether that is it; `version` is a toolchain's number.
    """

    def __init__(self, root: Path, make: Make, version: Callable[[Language], str]) -> None:
        self._root = root
        self._make = make
        self._version = version
        self._locks: dict[Path, asyncio.Lock] = {}
        self._failed: dict[Path, float] = {}  # when
        self._places: dict[str, Path] = {}

    def place(self, language: Language) -> Path:
        """The directory of a language's tools."""
        if language.name not in self._places:
            parts = [part for tool in language.tools for part in (tool.name, tool.script, tool.source)]
            key = key_of((self._version(language), *parts)).hex()[:16]
            place = self._root / f"{language.name}-{key}"
            place.mkdir(parents=True, exist_ok=True)
            place.chmod(0o755)
            self._places[language.name] = place
            self._remove_old(language, place)
        return self._places[language.name]

    async def make(self, language: Language, *, needed: bool) -> bool:
        """Make the tools that a run needs, or those that only help it, where they are not there yet. False if one could not be made."""
        for tool in language.tools:
            path = self.place(language) / tool.name
            if tool.needed is needed and not path.exists():
                async with self._locks.setdefault(path, asyncio.Lock()):
                    if not path.exists() and not await self._try(language, tool, path):
                        return False
        return True

    async def _try(self, language: Language, tool: Tool, path: Path) -> bool:
        now = asyncio.get_running_loop().time()
        if now < self._failed.get(path, -RETRY) + RETRY:
            return False
        is_made = await self._one(language, tool, path)
        if not is_made:
            self._failed[path] = now
        return is_made

    async def _one(self, language: Language, tool: Tool, path: Path) -> bool:
        stage = Stage(
            name=f"{language.name} {tool.name}",
            script=tool.script,
            limits=LIMITS,
            configuration=language.run.configuration,
            tools=language.name,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o755)
        half = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with half.open("wb") as file:
                is_made = await self._make(stage, tool.source, file)
            if is_made:
                half.chmod(0o644)
                half.rename(path)
        finally:
            half.unlink(missing_ok=True)
        return is_made

    def _remove_old(self, language: Language, place: Path) -> None:
        """Those of toolchains that were replaced. Another sandbox on this machine may still hold them open, which does it no harm."""
        for other in self._root.glob(f"{language.name}-*"):
            if other != place:
                with suppress(OSError):
                    shutil.rmtree(other)
