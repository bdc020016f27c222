"""The certificate of the server's own making: what it names, and how long it is kept."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from kibitz.server import self_signed

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(("short_of_renewal", "is_kept"), [(timedelta(days=1), True), (timedelta(days=-1), False)])
def test_it_is_kept_until_it_nears_its_end(tmp_path: Path, short_of_renewal: timedelta, is_kept: bool) -> None:
    path = tmp_path / "data" / "own.pem"
    self_signed.keep(path, "127.0.0.1", NOW)
    first = path.read_bytes()
    self_signed.keep(path, "127.0.0.1", NOW + self_signed.VALID_FOR - self_signed.RENEW_BEFORE - short_of_renewal)
    assert (path.read_bytes() == first) is is_kept


def test_one_that_is_not_valid_yet_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_bytes(self_signed.make(["localhost"], NOW + timedelta(days=10)))
    self_signed.keep(path, "127.0.0.1", NOW)
    assert x509.load_pem_x509_certificate(path.read_bytes()).not_valid_before_utc < NOW


def test_it_names_this_machine_and_the_address_it_listens_on() -> None:
    pem = self_signed.make(self_signed.names_of("192.0.2.7"), NOW)
    names = x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert ipaddress.ip_address("192.0.2.7") in names.get_values_for_type(x509.IPAddress)
    assert ipaddress.ip_address("0.0.0.0") not in names.get_values_for_type(x509.IPAddress)  # noqa: S104 - not bound


def test_every_network_is_no_name() -> None:
    assert not {"0.0.0.0", "::"} & {*self_signed.names_of("0.0.0.0"), *self_signed.names_of("::")}  # noqa: S104 - not bound
