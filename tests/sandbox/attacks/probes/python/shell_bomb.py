"""Let a shell function call itself twice in the background.

area: process bombs
ends: exit 0 | processes | signal 9
"""

import os
import subprocess
import time

from tests.sandbox.attacks.probes.python.prelude import reached

BOMB = 'f() { [ "$1" -le 0 ] && exec sleep 3.@KEY@; f $(($1 - 1)) & f $(($1 - 1)) & wait; }; f 8 2>/dev/null'
subprocess.Popen(["/bin/sh", "-c", BOMB, "@MARK@"])
most = 0
for _ in range(15):
    time.sleep(0.1)
    most = max(most, sum(name.isdigit() for name in os.listdir("/proc")))
reached("processes to be seen", most, 250)
