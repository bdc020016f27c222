"""End with a code that means nothing.

area: endings
ends: exit 251
naive: it reports the code
"""

import sys

from tests.sandbox.attacks.probes.python.prelude import said

said("TOLD it ends with -5")
sys.exit(-5)
