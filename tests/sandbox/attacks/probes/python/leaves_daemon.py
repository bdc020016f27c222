"""Leave a program behind that has a session of its own.

area: leftovers
ends: exit 0
"""

import subprocess

from tests.sandbox.attacks.probes.python.prelude import said

with open("/dev/null", "r+b") as nothing:
    for command in (
        ["setsid", "sh", "-c", "for i in $(seq 250); do sleep 0.1; done; : @MARK@"],
        ["nohup", "sh", "-c", "trap '' TERM HUP INT; for i in $(seq 250); do sleep 0.1; done; : @MARK@"],
    ):
        subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
said("TOLD two programs were started")
