"""Open a service that the host, and others, could connect to.

area: network
"""

import socket

from tests.sandbox.attacks.probes.python.prelude import told

told("listen on IPv4", lambda: socket.create_server(("0.0.0.0", 0)))
told("listen on IPv6", lambda: socket.create_server(("::", 0), family=socket.AF_INET6))
