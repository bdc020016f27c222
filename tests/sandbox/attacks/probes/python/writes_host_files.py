"""Change, replace and remove the server's database, and leave files beside it.

area: host files
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told

told("append to the database", lambda: Path("@DATABASE@").open("ab").write(b"x"))
told("leave a file", lambda: Path("@HOST@/@MARK@").write_text("x"))
told("replace the database", lambda: os.rename("@HOST@/@MARK@", "@DATABASE@"))
told("remove the database", lambda: os.unlink("@DATABASE@"))
told("make a folder", lambda: os.mkdir("@HOST@/@MARK@-folder"))
