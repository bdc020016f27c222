"""Connect to services of the host by TCP, over both protocols and every name of the machine itself.

area: network
"""

import socket

from tests.sandbox.attacks.probes.python.prelude import told


def say(address: str, port: int) -> object:
    with socket.create_connection((address, port), timeout=2) as connection:
        return connection.send(b"@MARK@")


for address in ("127.0.0.1", "localhost", "0.0.0.0", "127.1.2.3"):
    told(f"connect to {address}", say, address, int("@TCP4@"))
for address in ("::1", "::ffff:127.0.0.1"):
    told(f"connect to {address}", say, address, int("@TCP6@"))
