"""Whom a client speaks to."""

import hashlib
import ssl
from typing import cast

import pytest

from kibitz.client.errors import Untrusted
from kibitz.client.trust import Trust

CERTIFICATE = b"not a real certificate, but its bytes"
PRINT = hashlib.sha256(CERTIFICATE).hexdigest()


class Handshake:
    """What a TLS handshake shows."""

    def __init__(self, certificate: bytes | None) -> None:
        self._certificate = certificate

    def getpeercert(self, binary_form: bool = False) -> bytes | None:
        assert binary_form
        return self._certificate


def peer(certificate: bytes | None) -> ssl.SSLObject:
    return cast("ssl.SSLObject", Handshake(certificate))


@pytest.mark.parametrize("written", [PRINT, PRINT.upper(), ":".join(PRINT[i : i + 2] for i in range(0, 64, 2)).upper()])
def test_the_pinned_certificate_is_taken_however_its_fingerprint_is_written(written: str) -> None:
    Trust(written).check(peer(CERTIFICATE))


@pytest.mark.parametrize("other", [peer(b"another one"), peer(b""), peer(None), None])
def test_any_other_certificate_and_none_at_all_are_not(other: ssl.SSLObject | None) -> None:
    with pytest.raises(Untrusted):
        Trust(PRINT).check(other)


@pytest.mark.parametrize("written", ["", "abc", PRINT[:-1], PRINT + "0", "z" * 64])
def test_a_fingerprint_that_is_none_is_refused_at_once(written: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        Trust(written)


def test_without_a_pin_the_systems_authorities_and_the_hosts_name_decide() -> None:
    context = Trust().context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    Trust().check(None)


def test_with_a_pin_nothing_but_the_fingerprint_decides() -> None:
    assert Trust(PRINT).context().verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize("trust", [Trust(), Trust(PRINT)])
def test_no_old_tls_is_spoken(trust: Trust) -> None:
    assert trust.context().minimum_version >= ssl.TLSVersion.TLSv1_2
