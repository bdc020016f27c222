"""Reach files of the host through symbolic and hard links.

area: host files
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told

os.symlink("@SECRET_FILE@", "soft")
os.symlink("/proc/self/root@SECRET_FILE@", "through-proc")
told("a symbolic link", lambda: Path("soft").read_text())
told("a symbolic link through /proc", lambda: Path("through-proc").read_text())
told("a hard link to the secret", os.link, "@SECRET_FILE@", "/tmp/@MARK@-hard")
