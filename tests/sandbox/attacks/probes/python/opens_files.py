"""Open files until it may open no more.

area: descriptors
"""

import os

from tests.sandbox.attacks.probes.python.prelude import reached

opened = 0
try:
    while opened < 900:
        os.open("/dev/null", os.O_RDONLY)
        opened += 1
except OSError:
    pass
reached("open files", opened, 600)
