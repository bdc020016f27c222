"""Talk to the run beside it by a socket with an abstract name, and by a pipe with a name.

area: spying
runs: at once
"""

import contextlib
import os
import socket
import time

from tests.sandbox.attacks.probes.python.prelude import is_first, said

end = time.monotonic() + 1.2
if is_first():
    with contextlib.suppress(OSError):
        os.mkfifo("/tmp/@MARK@-pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0@ABSTRACT@-run")
        listener.listen()
        time.sleep(1.2)
    said("TOLD it listened")
else:
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect("\0@ABSTRACT@-run")
            said("BREACH it reached the other run")
        if os.path.exists("/tmp/@MARK@-pipe"):
            said("BREACH it sees the other run's pipe")
        time.sleep(0.05)
    said("TOLD it reached nobody")
