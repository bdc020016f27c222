"""Opening what was downloaded with the system's program for it, or showing where it is.

Rule: nothing that was downloaded is ever run. Only kinds of files that are looked at, listened to or read are opened; of any other its
folder is shown. No shell has a part in it.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

PATIENCE_SECONDS: Final = 5.0
"""How long the system's opener may take to say that it cannot; some wait for the program they start."""

READ_ONLY: Final = frozenset(
    {
        ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".avif",
        ".pdf", ".txt", ".md", ".csv", ".tsv", ".log", ".json",
        ".mp3", ".ogg", ".oga", ".opus", ".flac", ".wav", ".m4a",
        ".mp4", ".webm", ".mkv", ".mov", ".avi", ".ogv",
        ".odt", ".ods", ".odp", ".docx", ".xlsx", ".pptx", ".epub",
        ".zip", ".tar", ".gz", ".xz", ".zst", ".7z",
    }
)  # fmt: skip
"""Kinds that a program opens to show them. Office files that carry macros (`.docm`, `.xlsm`) are not among them."""

PROGRAMS: Final = (
    b"#!",
    b"\x7fELF",
    b"MZ",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"[Desktop Entry]",
)
"""How programs begin, whatever they are called."""

_left: list["subprocess.Popen[bytes]"] = []


def may_open(path: Path) -> bool:
    """Whether this is something to be looked at, by its name and by how it begins."""
    if path.suffix.lower() not in READ_ONLY:
        return False
    try:
        with path.open("rb") as file:
            return not file.read(32).lstrip().startswith(PROGRAMS)
    except OSError:
        return False


def open_file(path: Path) -> str | None:
    """Open it, or show its folder where it might be a program; returns what went wrong. It may take long."""
    if not path.exists():
        return f"“{path.name}” is not there any more."
    if not may_open(path):
        return show_file(path)
    return _start(_opener(path.absolute()))


def show_file(path: Path) -> str | None:
    """Show the folder it is in; returns what went wrong. It may take long."""
    path = path.absolute()
    if not path.parent.is_dir():
        return f"The folder {path.parent} is not there any more."
    if sys.platform == "darwin":
        return _start(["open", "-R", str(path)])
    if sys.platform == "win32":
        return _start(["explorer", f"/select,{path}"], any_status=True)
    return _start(_opener(path.parent))


def _opener(path: Path) -> list[str]:
    program = {"darwin": "open", "win32": "explorer"}.get(sys.platform, "xdg-open")
    return [program, str(path)]


def _start(command: list[str], *, any_status: bool = sys.platform == "win32") -> str | None:
    """Start it and wait a little whether it says no. Explorer's status says nothing."""
    _left[:] = [one for one in _left if one.poll() is None]
    try:
        process = subprocess.Popen(  # noqa: S603 - a fixed program and an absolute path, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError:
        return f"“{command[0]}” is not installed, which opens files: sudo apt-get install xdg-utils"
    except OSError as error:
        return f"{command[0]} cannot be started: {error.strerror}."
    with suppress(subprocess.TimeoutExpired):
        status = process.wait(PATIENCE_SECONDS)
        return None if any_status or status == 0 else "This system has no program that opens it."
    _left.append(process)  # it goes on, and is looked after the next time
    return None
