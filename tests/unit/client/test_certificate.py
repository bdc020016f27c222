"""Looking at a server's certificate before trusting it."""

import re
import ssl
from pathlib import Path

import pytest
from tests.support.server import serving

from kibitz.client.address import Address
from kibitz.client.certificate import fingerprint_at, written


async def test_the_fingerprint_seen_is_the_one_the_server_prints(tmp_path: Path) -> None:
    with serving(tmp_path, "--tls-self-signed") as server:
        seen = await fingerprint_at(Address.parse(server.tcp_url))
        printed = re.search(r"certificate SHA-256 (\S+)", server.errors())
        assert printed is not None
        assert seen == printed[1]


async def test_a_server_that_speaks_no_tls_has_none(tmp_path: Path) -> None:
    with serving(tmp_path) as server, pytest.raises(ssl.SSLError):
        await fingerprint_at(Address(websocket=False, tls=True, host=server.tcp[0], port=server.tcp[1]))


@pytest.mark.parametrize("way", ["ab" * 32, ":".join(["AB"] * 32), "AB" * 32])
def test_a_fingerprint_is_written_in_one_way(way: str) -> None:
    assert written(way) == ":".join(["AB"] * 32)
