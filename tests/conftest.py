"""What every suite shares: how hard hypothesis looks.

One rule: no fixture here starts a server or opens a file; such fixtures live beside the suites that use them.
"""

import os

from hypothesis import settings

# No deadlines: the tests make no claim about time, and CI machines stall.
settings.register_profile("dev", deadline=None, max_examples=50)
# Repeatable, so that a red build can be run again at a desk with CI=true.
settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
