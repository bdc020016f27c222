"""Start thread after thread.

area: process bombs
ends: exit 0 | processes | signal 9
"""

import os
import threading

from tests.sandbox.attacks.probes.python.prelude import reached

stop = threading.Event()
threads = 0
threading.stack_size(256 * 1024)
try:
    while threads < 800:
        threading.Thread(target=stop.wait, args=(5,), daemon=True).start()
        threads += 1
except (RuntimeError, MemoryError):
    pass
reached("threads", threads, 100)
os._exit(0)
