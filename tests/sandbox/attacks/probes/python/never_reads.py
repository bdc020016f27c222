"""Take no input while a megabyte of it waits.

area: endings
wall: 1
stdin: flood
ends: timeout
naive: it waits no longer than it was told to
"""

import time

from tests.sandbox.attacks.probes.python.prelude import MARK

while MARK:
    time.sleep(1)
