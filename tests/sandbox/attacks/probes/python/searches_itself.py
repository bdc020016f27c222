"""Search the memory of its own interpreter, and what called it, for what the executor knows.

area: environment
"""

import re
import sys
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said

SECRET = re.compile(rb"@SECRET_SHAPE@")
frame = sys._getframe()
callers = 0
while frame.f_back is not None:
    frame = frame.f_back
    callers += 1
    frame.f_globals["print"] = None  # whoever called it should not need what it can break
with open("/proc/self/mem", "rb", buffering=0) as memory:
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights = line.split()[:2]
        start, end = (int(part, 16) for part in span.split("-"))
        if not rights.startswith("rw"):
            continue
        try:
            memory.seek(start)
            found = SECRET.search(memory.read(min(end - start, 64 * 2**20)))
        except (OSError, OverflowError):
            continue
        if found:
            said(f"BREACH in its memory: {found[0].decode()}")
            break
said(f"TOLD its memory, and {callers} callers: they were searched")
