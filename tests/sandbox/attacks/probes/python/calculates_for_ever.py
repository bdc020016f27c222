"""Calculate one number for ever, which no signal handler of the interpreter can interrupt.

area: endings
wall: 1
ends: timeout
naive: it ends what it started with SIGKILL
"""

from tests.sandbox.attacks.probes.python.prelude import said

said(str(pow(7, 1 << 10_000_000, 1 << 4000 | 1)))
