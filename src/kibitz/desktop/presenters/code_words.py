"""How runs, sessions and moments are put into words.

Rule: plain words and short; a person who has never seen a signal's name is told what happened.
"""

from datetime import UTC, datetime
from typing import Final

from kibitz.desktop.presenters.code_shown import Tone
from kibitz.wire.views import CodeSession, RunResult

_KILLED: Final = {
    "timeout": "stopped: it took longer than it may",
    "memory": "stopped: it used more memory than it may",
    "processes": "stopped: it started more processes than it may",
    "output": "stopped: it wrote more than it may",
    "disk": "stopped: it wrote more to disk than it may",
    "descriptors": "stopped: it opened more files than it may",
    "stopped": "stopped by hand",
    "machine_memory": "stopped: the server ran short of memory; run it again",
    "sandbox_lost": "lost: the sandbox ended; run it again",
    "server_stopped": "lost: the server was restarted; run it again",
}

_SIGNALS: Final = {
    "SIGSEGV": "crashed: it used memory that is not its own (SIGSEGV)",
    "SIGABRT": "gave up (SIGABRT)",
    "SIGFPE": "crashed: it divided by zero, or the like (SIGFPE)",
    "SIGILL": "crashed: an instruction no processor knows (SIGILL)",
    "SIGKILL": "was killed (SIGKILL)",
}


def outcome(result: RunResult) -> tuple[str, Tone]:
    """What came of a run: how it ended, how long that took, and how much memory."""
    end, tone = _end(result)
    said = [end[0].upper() + end[1:], duration(result.duration_ms)]
    if result.peak_memory:
        said.append(f"{size(result.peak_memory)} memory")
    if result.truncated:
        said.append("some output left out")
    return " · ".join(said), tone


def _end(result: RunResult) -> tuple[str, Tone]:
    if result.killed_for:
        tone: Tone = "warning" if result.killed_for == "stopped" else "bad"
        return _KILLED.get(result.killed_for, f"stopped: {result.killed_for.replace('_', ' ')}"), tone
    if not result.compiled:
        return "it could not be compiled", "bad"
    if result.signal:
        return _SIGNALS.get(result.signal, f"ended by {result.signal}"), "bad"
    if result.exit_code == 0:
        return "finished", "good"
    return f"exit code {result.exit_code}", "bad"


def duration(milliseconds: int) -> str:
    """How long something took."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"


def size(count: int) -> str:
    """How many bytes."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MiB"


def moment(at: str, now: datetime | None = None) -> str:
    """When something was, in the time of this machine: the time of day, with the date where it was another."""
    try:
        then = datetime.fromisoformat(at).astimezone()
    except ValueError:
        return at
    today = (now or datetime.now(UTC)).astimezone()
    if then.date() == today.date():
        return f"{then:%H:%M:%S}"
    return f"{then.day} {then:%b %H:%M}" if then.year == today.year else f"{then.day} {then:%b %Y}"


def name_of(session: CodeSession) -> str:
    """What a session is called."""
    return session.title or f"Session {session.id}"
