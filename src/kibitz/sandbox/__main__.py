"""`python -m kibitz.sandbox`: the sandbox process. Its standard input is a socket to whoever started it.

Rule: it becomes who it will be, for good, before it reads a request; where it cannot, it says so and runs nothing. Everything it needs of
Python is imported by then, since Python's own files may be out of reach afterwards.
"""

import argparse
import asyncio
import logging
import os
import resource
import socket
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from kibitz.sandbox import selftest, survey
from kibitz.sandbox.cgroup import Tree, delegated
from kibitz.sandbox.jail import diagnosis, identity
from kibitz.sandbox.jail.launch import NO_CORE
from kibitz.sandbox.languages import languages
from kibitz.sandbox.messages import MAX_LINE, Hello
from kibitz.sandbox.policy import RUN_SECONDS, cores
from kibitz.sandbox.service import Service
from kibitz.sandbox.workshop import Spawn, Workshop

LINK: Final = 0
"""The descriptor of the socket."""

log = logging.getLogger("kibitz.sandbox")


class _LinkClosed(Exception):
    """Whoever started us is gone, or wants no more."""


def main() -> None:
    """Serve one link until it closes."""
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING)
    options = _options()
    with suppress(ValueError):  # not even that much is allowed already
        resource.setrlimit(resource.RLIMIT_CORE, (NO_CORE, NO_CORE))
    os.chdir("/")
    link = socket.socket(fileno=os.dup(LINK))
    problem = None
    tools, tree = options.tools, None
    try:
        tools, tree = _settle(options.tools)
    except identity.NoIdentity as none:
        problem = f"Programs cannot be run: {none}"
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(link, tools, tree, problem, options.timeout))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m kibitz.sandbox", description=__doc__)
    parser.add_argument("--tools", type=Path, required=True, help="directory for what is made once for a toolchain")
    parser.add_argument("--timeout", type=float, default=RUN_SECONDS, help="seconds, the longest a program may run")
    return parser.parse_args()


def _settle(tools: Path) -> tuple[Path, Tree | None]:
    """Become the user who runs programs, with the places that one needs: a directory of its own for tools, and groups.

    Raises `NoIdentity`.
    """
    owner = identity.find() if os.geteuid() == 0 else None
    own = tools / str(os.geteuid() if owner is None else owner[0])
    own.mkdir(parents=True, exist_ok=True)
    tree = _grow(owner)
    if owner is not None:
        os.chown(own, *owner, follow_symlinks=False)
        identity.assume(*owner)
    return own, tree


def _grow(owner: tuple[int, int] | None) -> Tree | None:
    base = delegated()
    if base is None:
        return None
    try:
        return Tree(base, owner=owner)
    except OSError:
        log.exception("no cgroups below %s: the watchdog alone will hold the limits of memory", base)
        return None


async def _serve(link: socket.socket, tools: Path, tree: Tree | None, problem: str | None, seconds: float) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=link, limit=MAX_LINE)
    try:
        async with asyncio.TaskGroup() as tasks:
            spawn = _spawner(tasks)
            bubblewrap = selftest.bubblewrap()
            workshop = Workshop(bubblewrap=bubblewrap or "", tools=tools, tree=tree, spawn=spawn)
            problem = problem or (diagnosis.MISSING if bubblewrap is None else await selftest.problem(workshop.box))
            if problem is None:
                workshop.versions = await survey.versions(workshop, languages().values())
            tasks.create_task(workshop.watchdog.work())  # without it nothing may run: if it fails, everything ends
            infos = survey.infos(languages().values(), workshop.versions)
            hello = Hello(languages=infos, problem=problem, at_once=cores())
            service = Service(reader, writer, workshop=workshop, hello=hello, seconds=seconds, spawn=spawn)
            await _until_closed(service)
    except* (_LinkClosed, ConnectionError):
        pass


async def _until_closed(service: Service) -> None:
    await service.work()
    raise _LinkClosed  # which ends every task of the group


def _spawner(tasks: asyncio.TaskGroup) -> Spawn:
    """Begins tasks whose failure is logged and harms no other."""

    async def guarded(work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception:
            log.exception("a task failed")

    return lambda work: tasks.create_task(guarded(work))


if __name__ == "__main__":
    main()
