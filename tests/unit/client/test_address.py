"""Addresses of servers."""

import pytest

from kibitz.client.address import Address


@pytest.mark.parametrize(
    ("url", "address", "authority"),
    [
        ("tcp://127.0.0.1:5555", Address(False, False, "127.0.0.1", 5555), "127.0.0.1:5555"),
        ("tcp://chat.example", Address(False, False, "chat.example", 5555), "chat.example:5555"),
        ("tcps://chat.example/", Address(False, True, "chat.example", 5555), "chat.example:5555"),
        ("ws://[::1]:9/ws", Address(True, False, "::1", 9), "[::1]:9"),
        ("wss://chat.example", Address(True, True, "chat.example", 8080), "chat.example:8080"),
    ],
)
def test_an_address_says_host_port_transport_and_tls(url: str, address: Address, authority: str) -> None:
    assert Address.parse(url) == address
    assert Address.parse(url).authority == authority


@pytest.mark.parametrize("url", ["chat.example:5555", "http://chat.example", "", "tcp:chat.example"])
def test_an_unknown_beginning_is_refused_with_those_there_are(url: str) -> None:
    with pytest.raises(ValueError, match=r"begins with|a host and a port"):
        Address.parse(url)


@pytest.mark.parametrize(
    "url", ["tcp://", "ws://h/other", "tcp://alice:secret@h", "ws://h/ws?token=x", "tcp://h:99999"]
)
def test_what_an_address_has_no_place_for_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"nothing more|Port"):
        Address.parse(url)


@pytest.mark.parametrize(
    ("url", "http"),
    [
        ("tcp://[::1]:5555", "http://[::1]:8080"),
        ("tcps://chat.example", "https://chat.example:8080"),
        ("ws://chat.example:80", "http://chat.example:80"),
        ("wss://chat.example:443/ws", "https://chat.example:443"),
    ],
)
def test_http_is_reached_by_the_same_host(url: str, http: str) -> None:
    assert Address.parse(url).http(8080) == http
