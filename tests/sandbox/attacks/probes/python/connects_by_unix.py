"""Connect to services of the host by unix sockets, which have a path or an abstract name.

area: network
"""

import socket

from tests.sandbox.attacks.probes.python.prelude import told


def say(address: str) -> object:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        return connection.send(b"@MARK@")


told("a socket with a path", lambda: say("@SOCKET@"))
told("a socket with an abstract name", lambda: say("\0@ABSTRACT@"))
told("the system's bus", lambda: say("/run/dbus/system_bus_socket"))
