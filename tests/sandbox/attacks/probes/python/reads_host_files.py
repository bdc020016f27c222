"""Read files of the host: the server's database, a secret beside it, and what lies around them.

area: host files
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told

told("read the secret", lambda: Path("@SECRET_FILE@").read_text())
told("read the database", lambda: Path("@DATABASE@").read_bytes()[:16])
told("list the server's folder", lambda: os.listdir("@HOST@"))
told("look at the database", lambda: Path("@DATABASE@").stat())
told("list /root", lambda: os.listdir("/root"))
told("list /home", lambda: os.listdir("/home"))
told("read the host's list of packages", lambda: Path("/var/lib/dpkg/status").read_text()[:16])
