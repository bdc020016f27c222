"""Use what was left open for it: descriptors beyond the three that a program has.

area: descriptors
naive: Python's subprocess closes what it does not hand over
"""

import os

from tests.sandbox.attacks.probes.python.prelude import said

extra = []
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue  # the one that the listing itself needed
    if int(name) > 2 and not target.endswith(".py") and "/fd" not in target:
        extra.append(f"{name} -> {target}")
said(f"BREACH it was left {extra}" if extra else "TOLD nothing but three descriptors is open")
