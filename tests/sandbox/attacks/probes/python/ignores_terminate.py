"""Ignore every polite signal and sleep.

area: endings
wall: 1
ends: timeout
naive: it ends what it started with SIGKILL
"""

import signal
import time

from tests.sandbox.attacks.probes.python.prelude import MARK

for number in {*signal.Signals} - {signal.SIGKILL, signal.SIGSTOP, signal.SIGALRM}:
    signal.signal(number, signal.SIG_IGN)
while MARK:
    time.sleep(1)
