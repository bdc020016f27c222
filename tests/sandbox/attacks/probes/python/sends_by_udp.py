"""Send a datagram to a service of the host.

area: network
"""

import socket

from tests.sandbox.attacks.probes.python.prelude import told

told("send", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int("@UDP4@"))))
told("broadcast", lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::1", 0)))
