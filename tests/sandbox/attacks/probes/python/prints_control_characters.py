"""Print what moves cursors, sets titles, fills clipboards, runs scripts, and is no text at all.

area: output
ends: exit 0
"""

import os

from tests.sandbox.attacks.probes.python.prelude import said

os.write(1, b"\x1b[2J\x1b[H\x1b]0;title\x07\x1b]52;c;cm0gLXJmIC8=\x07\x1bP$q\x1b\\\x9b31m\n")
os.write(1, b"<script>alert(1)</script><img src=x onerror=alert(1)>\n")
os.write(1, b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80 \x00\x08\x7f\n")
os.write(2, b"\xe2\x80\xae reversed \xf0\x9f")
os.write(1, b"\x9a\x80 a character in two halves, of two outputs\n")
said("TOLD it was printed")
