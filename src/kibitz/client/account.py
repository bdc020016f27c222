"""Making an account, before there is one to log in with.

Rule: one connection for one question; what it is answered, a login token, is all that is left of it.
"""

import asyncio
from typing import Final

import msgspec

from kibitz.client.address import Address
from kibitz.client.decoding import decode_event, decode_result
from kibitz.client.dial import dial
from kibitz.client.errors import Lost, Refused
from kibitz.client.transport import Gone, Transport
from kibitz.client.trust import Trust
from kibitz.wire.commands import SignUp
from kibitz.wire.events import Error, Reply
from kibitz.wire.results import LoggedIn

ANSWER_SECONDS: Final = 30.0
"""How long the server may take to hash a password and store an account."""


async def sign_up(url: str, name: str, password: str, *, trust: Trust | None = None) -> LoggedIn:
    """Make an account and log in. Raises `Refused`, `Lost`, `Untrusted`, `OSError` or `TimeoutError`."""
    transport = await dial(Address.parse(url), trust or Trust())
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _ask(transport, SignUp(id=1, name=name, password=password))
    except Gone as gone:
        raise Lost("The connection was lost before the answer came; the account may have been made.") from gone
    finally:
        await transport.close()


async def _ask(transport: Transport, command: SignUp) -> LoggedIn:
    await transport.send(msgspec.json.encode(command))
    while True:
        event = decode_event(await transport.receive())
        if isinstance(event, Error):
            raise Refused(event.code, event.number, event.message, event.retry_after)
        if isinstance(event, Reply) and event.id == command.id:
            answer: LoggedIn = decode_result(command, event.result)
            return answer
