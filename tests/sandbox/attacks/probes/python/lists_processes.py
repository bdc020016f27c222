"""List the host's processes.

area: processes
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said

numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
names = [Path(f"/proc/{number}/comm").read_text().strip() for number in numbers if Path(f"/proc/{number}").exists()]
if int("@CANARY@") in numbers or len(numbers) > 10:
    said(f"BREACH it sees {len(numbers)} processes")
said(f"TOLD processes: {len(names)}")
