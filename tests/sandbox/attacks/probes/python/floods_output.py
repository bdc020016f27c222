"""Print for ever, to both outputs.

area: output
wall: 3
ends: exit 0 | exit 1 | output | timeout | signal 9 | signal 13
"""

import sys

from tests.sandbox.attacks.probes.python.prelude import MARK

for _ in range(400):
    sys.stdout.write(("x" * 99 + "\n") * 800)
    sys.stderr.write((MARK + "\n") * 2000)
