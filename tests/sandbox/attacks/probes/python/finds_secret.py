"""Search everything below the root for a file by its name, and read it.

area: host files
"""

import os
import time
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said

SKIP = {"/proc", "/sys", "/usr"}
end = time.monotonic() + 2
entries = 0
found = False
for folder, folders, files in os.walk("/"):
    entries += len(files)
    folders[:] = [name for name in folders if os.path.join(folder, name) not in SKIP and folder.count("/") < 3]
    folders.sort(key=lambda name: name not in {"tmp", Path("@HOST@").name})
    if Path("@SECRET_FILE@").name in files:
        found = True
        said(f"BREACH found it: {Path(folder, Path('@SECRET_FILE@').name).read_text()}")
        break
    if time.monotonic() > end:
        break
if not found:
    said("TOLD the search: nothing of that name")
