"""What every Python probe begins with: it marks its process, says RAN, and tells what came of each attempt.

Rule: it is never imported; the line of a probe that imports from here is replaced with what stands here.
"""

import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable

MARK = "@MARK@"

ctypes.CDLL(None).prctl(15, MARK.encode(), 0, 0, 0)
signal.alarm(30)
os.write(1, b"RAN\n")


def said(text: str) -> None:
    """Say this at once, also between forks."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def told(what: str, attempt: Callable[..., object], *arguments: object) -> None:
    """Try what must be refused: what it says, or a breach."""
    try:
        result = attempt(*arguments)
    except OSError as error:
        said(f"TOLD {what}: {errno.errorcode.get(error.errno or 0, type(error).__name__)}")
    except (Exception, SystemExit) as error:
        said(f"TOLD {what}: {type(error).__name__}")
    else:
        said(f"BREACH {what}: {result!r:.300}")


def reached(what: str, count: float, limit: float) -> None:
    """How far a bomb came: a breach from `limit` on."""
    said(f"{'BREACH' if count >= limit else 'TOLD'} {what}: {count:.0f}")


def is_first() -> bool:
    """Which of two runs this is, where a probe runs twice: the harness says it on standard input."""
    return sys.stdin.readline().startswith("first")
