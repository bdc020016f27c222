"""What every transport is."""

import inspect

import pytest

from kibitz.client.transport import Gone, Transport
from kibitz.client.transport_tcp import TcpTransport
from kibitz.client.transport_ws import WsTransport


@pytest.mark.parametrize("kind", [TcpTransport, WsTransport])
def test_a_transport_has_all_that_the_client_asks_of_one_and_nothing_more(kind: type) -> None:
    def public(one: type) -> dict[str, inspect.Signature]:
        return {
            name: inspect.signature(made)
            for name, made in vars(one).items()
            if callable(made) and not name.startswith("_")
        }

    assert public(kind) == public(Transport)


def test_the_end_says_its_code_where_there_was_one() -> None:
    assert (str(Gone(3008)), Gone(3008).code) == ("connection closed (3008)", 3008)
    assert (str(Gone()), Gone().code) == ("connection lost", None)
