"""What certificate a server shows, for a person to look at before they trust it.

Rule: nothing is sent to a server that nobody trusts yet: the handshake is made, and the connection ends.
"""

import asyncio
import hashlib
import ssl

from kibitz.client.address import Address
from kibitz.client.transport import OPEN_SECONDS


async def fingerprint_at(address: Address) -> str:
    """The SHA-256 of the certificate shown there, as servers print it: pairs of capital hex digits. Raises `OSError` or `TimeoutError`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with asyncio.timeout(OPEN_SECONDS):
        _, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
    try:
        peer: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return written(hashlib.sha256(peer.getpeercert(binary_form=True) or b"").hexdigest())
    finally:
        writer.transport.abort()


def written(fingerprint: str) -> str:
    """A fingerprint as people compare it, however it was written before."""
    plain = fingerprint.replace(":", "").strip().upper()
    return ":".join(plain[at : at + 2] for at in range(0, len(plain), 2))
