"""Print too much, slowly, in small pieces, while everyone watches.

area: output
ends: exit 0 | exit 1 | output | signal 9 | signal 13
"""

import time

from tests.sandbox.attacks.probes.python.prelude import said

for _ in range(100):
    said("x" * 40_000)
    time.sleep(0.005)
