"""Find what an earlier run left: files, also in memory.

area: spying
runs: in turn
ends: exit 0
"""

import contextlib
import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import is_first, said

PLACES = ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", os.path.expanduser("~"), "."]
first = is_first()
for place in PLACES:
    note = Path(place, "@MARK@-note")
    with contextlib.suppress(OSError):
        if first:
            note.write_text("x")
        elif note.exists():
            said(f"BREACH found {note}")
said("TOLD notes were left" if first else "TOLD no note was found")
