"""On what it was measured.

One rule: no figure leaves without these facts.
"""

import os
import platform
import sqlite3
import tempfile
from pathlib import Path

import psutil


def facts() -> dict[str, str]:
    """The machine's size and the versions that matter."""
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "disk": f"{_filesystem(Path(tempfile.gettempdir()))} at {tempfile.gettempdir()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _filesystem(folder: Path) -> str:
    """The kind of filesystem that a folder is on: durable writes to memory would prove nothing."""
    parts = [part for part in psutil.disk_partitions(all=True) if folder.resolve().is_relative_to(part.mountpoint)]
    return max(parts, key=lambda part: len(part.mountpoint)).fstype if parts else "unknown"
