"""From an address to an open connection.

Rule: which transport it is, is said by the address alone; nothing after this asks.
"""

from kibitz.client import transport_tcp, transport_ws
from kibitz.client.address import Address
from kibitz.client.transport import Transport
from kibitz.client.trust import Trust


async def dial(address: Address, trust: Trust) -> Transport:
    """Connect. Raises `OSError` or `TimeoutError` where that cannot be, `Untrusted` where it must not be."""
    connect = transport_ws.connect if address.websocket else transport_tcp.connect
    return await connect(address, trust)
