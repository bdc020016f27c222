"""Kill, stop and slow down a process of the host.

area: processes
"""

import os
import signal

from tests.sandbox.attacks.probes.python.prelude import told

CANARY = int("@CANARY@")
told("slow it down", lambda: os.setpriority(os.PRIO_PROCESS, CANARY, 19))
told("limit its processors", lambda: os.sched_setaffinity(CANARY, {0}))
told("stop it", lambda: os.kill(CANARY, signal.SIGSTOP))
told("kill it", lambda: os.kill(CANARY, signal.SIGKILL))
told("kill its group", lambda: os.killpg(os.getpgid(CANARY), signal.SIGKILL))
