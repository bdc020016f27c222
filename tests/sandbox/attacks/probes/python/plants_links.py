"""Plant links to files of the host where whoever tidies up, or reads results, may follow them.

area: host files
ends: exit 0
naive: it removes links without following them, and reads no results from files
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said

for name in ("out", "output.txt", "result.json", "core", "main", "a.out", "main.pyc", "__pycache__"):
    Path(name).unlink(missing_ok=True)
    os.symlink("@DATABASE@", name)
os.symlink("@HOST@", "folder")
os.symlink("/", "root")
os.rename(__file__, "moved") if os.path.exists(__file__) else None
os.symlink("@DATABASE@", "main.py") if not os.path.lexists("main.py") else None
said("TOLD links are planted")
