"""Where programs are compiled and run: the pool, the cache and the tools, put to use for one program after another.

Rule: the compiler and the program it makes run in sandboxes of their own, and what goes from one to the other are the bytes of the
program, kept in this process meanwhile. Nothing that a compiler leaves behind, running or lying about, is there when the program runs.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from kibitz.sandbox.box import Box, Ending, Hear
from kibitz.sandbox.cache import Cache, Compiled, is_lasting, key_of
from kibitz.sandbox.cgroup import Tree
from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import Result, Stream
from kibitz.sandbox.plan import Language, Stage
from kibitz.sandbox.policy import MAX_PRODUCT
from kibitz.sandbox.pool import Pool
from kibitz.sandbox.run import Run
from kibitz.sandbox.tools import MAX_TOOL, Toolbox
from kibitz.sandbox.verdict import result_of
from kibitz.sandbox.watchdog import LOST, Watchdog

NO_SANDBOX: Final = "[Kibitz: no sandbox could be made for this; the server's log says why.]\n"

Spawn = Callable[[Coroutine[Any, Any, Any]], Any]

log = logging.getLogger(__name__)


class Workshop:
    """Everything a program needs. `spawn` begins a task that somebody else owns; `tree` is where cgroups may be made."""

    def __init__(self, *, bubblewrap: str, tools: Path, tree: Tree | None, spawn: Spawn) -> None:
        self._bubblewrap = bubblewrap
        self._tree = tree
        self._spawn = spawn
        self._toolbox = Toolbox(tools, self._make_tool, lambda language: self.versions[language.name])
        self._cache = Cache()
        self.versions: Mapping[str, str] = {}  # of the toolchains of this machine, by their language's name
        self.pool = Pool(self.box)
        self.watchdog = Watchdog()

    def box(self, stage: Stage) -> Box:
        """A new sandbox for this stage. Raises `OSError`."""
        language = languages().get(stage.tools)
        place = str(self._toolbox.place(language)) if language else None
        leaf = self._tree.leaf(stage.limits) if self._tree else None
        try:
            return Box(stage, bubblewrap=self._bubblewrap, tools=place, leaf=leaf)
        except OSError:
            if leaf is not None:
                leaf.remove()
            raise

    async def expect(self, language: Language) -> None:
        """Have everything ready for the language: its tools, and sandboxes that wait."""
        if await self._toolbox.make(language, needed=True):
            for stage in language.stages:
                self.pool.warm(stage)
            await self._toolbox.make(language, needed=False)

    async def carry_out(self, run: Run) -> Result:
        """Compile the program where that is needed, and run it. What it writes goes through the run's output."""
        language, program = run.language, run.source
        try:
            if not await self._toolbox.make(language, needed=True):
                return self._lost(run)
            if language.compile is not None:
                self.pool.warm(language.run)  # it starts while the compiler is at work
                compiled = await self._compile(run, language.compile)
                if isinstance(compiled, Result):
                    return compiled
                program = compiled
            ending = await self._perform(run, language.run, program, run.output.write, reads=True)
        except Exception:
            log.exception("a run of %s failed by our own fault", language.title)
            return self._lost(run)
        self._spawn(self.expect(language))
        return self._settle(run, ending, compiled=True)

    async def _compile(self, run: Run, stage: Stage) -> bytes | Result:
        key = key_of((run.language.name, self.versions[run.language.name], stage.script, run.source))
        kept = self._cache.get(key)
        if kept is not None:
            run.output.write("stderr", kept.complaints)
            return kept.program
        product, complaints = bytearray(), bytearray()

        def hear(stream: Stream, data: bytes) -> None:
            if stream == "stderr":
                complaints.extend(data)
                run.output.write(stream, data)
            else:
                product.extend(data)
                if len(product) > MAX_PRODUCT:
                    run.end("disk")

        ending = await self._perform(run, stage, run.source, hear, reads=False)
        if ending.status != 0 or ending.killed_for is not None:
            return self._settle(run, ending, compiled=False)
        if is_lasting(run.source):
            self._cache.put(key, Compiled(bytes(product), bytes(complaints)))
        return bytes(product)

    async def _perform(self, run: Run, stage: Stage, program: bytes, hear: Hear, *, reads: bool) -> Ending:
        box = self.pool.take(stage)
        box.give(program, hear)
        run.enter(box, reads=reads)
        self.watchdog.add(box)
        seconds = min(run.seconds, stage.limits.seconds) if reads else stage.limits.seconds
        timer = asyncio.get_running_loop().call_later(seconds, box.kill, "timeout")
        try:
            ending = await asyncio.shield(box.ended)
        finally:
            timer.cancel()
            self.watchdog.remove(box)
            run.leave()
            box.kill("stopped")
        if ending.killed_for == LOST:
            log.warning("a sandbox for %s was lost; bubblewrap ended with status %s", stage.name, ending.status)
        return ending

    def _settle(self, run: Run, ending: Ending, *, compiled: bool) -> Result:
        run.output.finish()
        return result_of(ending, compiled=compiled, truncated=run.output.truncated)

    def _lost(self, run: Run) -> Result:
        run.output.write("stderr", NO_SANDBOX.encode())
        run.output.finish()
        return Result(exit_code=None, killed_for=LOST, duration_ms=0)

    async def _make_tool(self, stage: Stage, source: bytes, file: BinaryIO) -> bool:
        complaints, size = bytearray(), 0

        def hear(stream: Stream, data: bytes) -> None:
            nonlocal size
            if stream == "stderr":
                complaints.extend(data)
            elif (size := size + len(data)) <= MAX_TOOL:
                file.write(data)

        ending = await self.attend(self.box(stage), source, hear)
        is_made = ending.status == 0 and 0 < size <= MAX_TOOL
        if not is_made:
            log.warning("%s could not be made (%s): %s", stage.name, ending, complaints.decode(errors="replace"))
        return is_made

    async def attend(self, box: Box, program: bytes, hear: Hear) -> Ending:
        """Carry out a stage of our own, with nobody to talk to."""
        box.give(program, hear)
        box.end_input()
        timer = asyncio.get_running_loop().call_later(box.stage.limits.seconds, box.kill, "timeout")
        try:
            return await asyncio.shield(box.ended)
        finally:
            timer.cancel()
            box.kill("stopped")
