"""Look for devices: disks, terminals, machines, memory.

area: proc and sys
"""

import os

from tests.sandbox.attacks.probes.python.prelude import said

HARMLESS = {
    "console",
    "core",
    "fd",
    "full",
    "null",
    "ptmx",
    "pts",
    "random",
    "shm",
    "stderr",
    "stdin",
    "stdout",
    "tty",
    "urandom",
    "zero",
}
others = sorted(set(os.listdir("/dev")) - HARMLESS)
said(f"BREACH there are {len(others)} more: {others[:8]}" if others else "TOLD there are none but the harmless ones")
