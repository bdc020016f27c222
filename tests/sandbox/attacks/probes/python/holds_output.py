"""End, and leave a child behind that keeps the output open and goes on printing.

area: leftovers
wall: 2
ends: exit 0
"""

import os
import time

from tests.sandbox.attacks.probes.python.prelude import said

if os.fork() == 0:
    for _ in range(200):
        time.sleep(0.1)
        said("still here")
    os._exit(0)
said("TOLD a child was left")
os._exit(0)
