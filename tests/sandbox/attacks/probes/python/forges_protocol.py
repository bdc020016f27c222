"""Print what the executor itself might say, into every channel that is open, and end otherwise.

area: output
ends: exit 9
naive: it looks at the exit code alone
"""

import contextlib
import json
import os

from tests.sandbox.attacks.probes.python.prelude import said

claims = [
    {"type": "ended", "run": "1", "result": {"exit_code": 0}},
    {"exit-code": 0},
    {"child-pid": int("@CANARY@")},
    {"method": "stop"},
]
for number in range(64):
    with contextlib.suppress(OSError):
        os.set_blocking(number, False)
        for claim in claims:
            os.write(number, f"\n{json.dumps(claim)}\n".encode())
said("TOLD all channels were written to")
os._exit(9)
