"""How a new connection becomes a session.

Rule: which protocol a connection speaks is decided by its first message alone.
"""

from kibitz.api.gate import Gate
from kibitz.api.session import Session
from kibitz.transports.connection import Connection
from kibitz.wire.codec import Codec
from kibitz.wire.jsonlines import JSON_LINES
from kibitz.wire.pipe.codec import PIPE


def choose_for_tcp(first: bytes) -> Codec:
    """The structured protocol begins with `{`; anything else is a person, or the pipe protocol."""
    return JSON_LINES if first.startswith(b"{") else PIPE


def begin_line_session(gate: Gate, connection: Connection) -> Session:
    """The session of a connection to the TCP port."""
    return Session(gate, connection, choose_for_tcp, connection.address)
