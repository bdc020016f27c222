"""Crash the interpreter itself.

area: endings
ends: signal 11
naive: it reports the signal
"""

import ctypes
import faulthandler

from tests.sandbox.attacks.probes.python.prelude import said

faulthandler.disable()
said("TOLD it reads what is nowhere")
ctypes.string_at(8)
