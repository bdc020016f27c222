"""Finding something in a text, and what to put in its place.

Rule: a pattern may take for ever, and Python cannot be interrupted while it tries one: so patterns are tried by a program of their own,
which is ended when it takes too long.
"""

import asyncio
import re
import sys
from dataclasses import dataclass
from typing import Final

import msgspec

MAX_FOUND: Final = 5000
"""Places that are found; more is said to be more."""

SECONDS: Final = 3.0
"""How long a pattern may take."""

_PROGRAM: Final = """
import json, re, sys
text, pattern, case, put, most = json.load(sys.stdin)
found, more = [], False
for match in re.compile(pattern, re.MULTILINE | (0 if case else re.IGNORECASE)).finditer(text):
    if len(found) == most:
        more = True
        break
    if match.end() > match.start():
        found.append([match.start(), match.end(), None if put is None else match.expand(put)])
json.dump([found, more], sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `put` is what comes in its place, where that was asked."""

    what: str
    case: bool = False
    pattern: bool = False
    put: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place where it was found, and what is to be put there."""

    start: int
    end: int
    put: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """All places, in order; `problem` says why there are none where something is wrong with the question."""

    places: tuple[Place, ...] = ()
    more: bool = False
    problem: str = ""


async def find(text: str, wanted: Wanted) -> Found:
    """Look for it."""
    if not wanted.what:
        return Found()
    if not wanted.pattern:
        return await asyncio.to_thread(_plain, text, wanted)
    try:
        groups = re.compile(wanted.what).groups
    except (re.error, OverflowError, RecursionError) as error:
        return Found(problem=f"Not a pattern: {error}")
    if wanted.put is not None and (wrong := _template(wanted.what, wanted.put, groups)):
        return Found(problem=wrong)
    return await _by_pattern(text, wanted)


def _plain(text: str, wanted: Wanted) -> Found:
    pattern = re.compile(re.escape(wanted.what), 0 if wanted.case else re.IGNORECASE)
    places: list[Place] = []
    for match in pattern.finditer(text):
        if len(places) == MAX_FOUND:
            return Found(tuple(places), more=True)
        places.append(Place(match.start(), match.end(), wanted.put))
    return Found(tuple(places))


def _template(pattern: str, put: str, groups: int) -> str:
    """What is wrong with what is to be put in place of a pattern."""
    try:
        re.sub(f"{pattern}|", put, "", count=1)
    except (re.error, IndexError) as error:
        return f"Not a replacement: {error} (the pattern has {groups} groups)"
    return ""


async def _by_pattern(text: str, wanted: Wanted) -> Found:
    question = msgspec.json.encode([text, wanted.what, wanted.case, wanted.put, MAX_FOUND])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", _PROGRAM,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS):
            answer, errors = await process.communicate(question)
    except TimeoutError:
        return Found(problem="This pattern takes too long on this text; make it simpler.")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        said = errors.decode(errors="replace").strip().rpartition("\n")[2]
        return Found(problem=f"Not a pattern: {said.partition(': ')[2] or said}")
    places, more = msgspec.json.decode(answer)
    return Found(tuple(Place(*place) for place in places), more)
