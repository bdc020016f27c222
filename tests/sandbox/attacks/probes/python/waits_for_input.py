"""Wait for input that never comes.

area: endings
wall: 1
stdin: open
ends: timeout
naive: it waits no longer than it was told to
"""

import sys

from tests.sandbox.attacks.probes.python.prelude import said

said(sys.stdin.readline())
