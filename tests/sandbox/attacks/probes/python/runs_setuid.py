"""Run programs that make whoever runs them root.

The loader prints what the kernel told the program, unless the program got more rights than its caller.

area: processes
"""

import glob
import os
import stat
import subprocess

from tests.sandbox.attacks.probes.python.prelude import said

tried = 0
for path in sorted(glob.glob("/usr/bin/*")):
    if not os.stat(path).st_mode & stat.S_ISUID or not os.access(path, os.X_OK):
        continue
    tried += 1
    environment = {"LD_SHOW_AUXV": "1", "PATH": "/usr/bin"}
    run = subprocess.run([path, "--help"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
    plain = any(line.split() == [b"AT_SECURE:", b"0"] for line in run.stdout.splitlines())
    said(f"TOLD {path}: it stays what it is" if plain else f"BREACH {path} took its owner's rights")
    if tried == 3:
        break
if not tried:
    said("TOLD there is no such program here")
