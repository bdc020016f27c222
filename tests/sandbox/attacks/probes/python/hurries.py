"""Get more of the processor than its neighbours: by priority, by another policy, by its choice of processors.

area: kernel
"""

import os

from tests.sandbox.attacks.probes.python.prelude import told

told("go before others", lambda: os.nice(-5))
told("go first in real time", lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)))
told("run beside the server as an equal", lambda: os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0)))
