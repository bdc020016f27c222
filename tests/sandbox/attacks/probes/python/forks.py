"""Start child after child, from a language that is slow to start.

area: process bombs
ends: exit 0 | processes | signal 9
"""

import os
import signal
import time

from tests.sandbox.attacks.probes.python.prelude import reached

children = 0
try:
    while children < 300:
        if os.fork() == 0:
            signal.alarm(4)
            time.sleep(2)
            os._exit(0)
        children += 1
except OSError:
    pass
reached("children", children, 100)
os._exit(0)
