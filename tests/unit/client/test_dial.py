"""Which way a server is reached."""

from typing import Any

import pytest

from kibitz.client.address import Address
from kibitz.client.dial import dial
from kibitz.client.trust import Trust


@pytest.mark.parametrize(("url", "way"), [("tcp://h", "tcp"), ("tcps://h", "tcp"), ("ws://h", "ws"), ("wss://h", "ws")])
async def test_the_address_alone_says_which_transport_it_is(
    url: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[tuple[str, Address, Trust]] = []
    for name in ("tcp", "ws"):

        async def connect(address: Address, trust: Trust, name: str = name) -> Any:
            dialled.append((name, address, trust))

        monkeypatch.setattr(f"kibitz.client.transport_{name}.connect", connect)
    address, trust = Address.parse(url), Trust()
    await dial(address, trust)
    assert dialled == [(way, address, trust)]
