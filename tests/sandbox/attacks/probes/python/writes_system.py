"""Change programs, libraries and settings of the system.

Each attempt is harmless where it is allowed: it opens without writing, or sets what is set.

area: host files
naive: the files belong to root, and it gave up root
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told

told("open a program for writing", lambda: os.open("/usr/bin/env", os.O_WRONLY))
told("leave a file in /usr", lambda: Path("/usr/lib/@MARK@").write_text("x"))
told("set the rights of a program", lambda: os.chmod("/usr/bin/env", 0o755))
told("leave a file in /", lambda: Path("/@MARK@").write_text("x"))
told("leave a file in /etc", lambda: Path("/etc/@MARK@").write_text("x"))
told("leave a file in /dev", lambda: Path("/dev/@MARK@").write_text("x"))
