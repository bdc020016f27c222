"""A certificate of the server's own making, for a local network.

Rule: it is kept as long as it is good, since people trust it by its fingerprint.
"""

import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR: Final = timedelta(days=730)
"""Apple's systems refuse certificates that are valid for more than 825 days, private ones included (support.apple.com/103769)."""

RENEW_BEFORE: Final = timedelta(days=60)
"""A certificate nearer to its end than this is made anew at the next start: a server that is updated now and then never expires."""


def keep(path: Path, host: str, now: datetime) -> None:
    """See to it that this file holds a key and a certificate that is good for a while. Raises `OSError`."""
    if not _is_fresh(path, now):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, make(names_of(host), now))


def _is_fresh(path: Path, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE


def _write(path: Path, pem: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp: mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    Path(temporary).replace(path)


def make(names: Iterable[str], now: datetime) -> bytes:
    """A new P-256 key and a certificate for these host names and addresses, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kibitz, self-signed")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(days=1))  # a client's clock may be late
        .not_valid_after(now.astimezone(UTC) + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def names_of(host: str) -> list[str]:
    """The names and addresses by which people on a local network may reach this machine."""
    machine = socket.gethostname()
    names = {"localhost", "127.0.0.1", "::1", machine, f"{machine}.local", host, *_addresses(machine)}
    return sorted(name for name in names if _is_name(name))


def _addresses(machine: str) -> set[str]:
    found: set[str] = set()
    with suppress(OSError):
        found.update(str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(machine, None))
    # Connecting a datagram socket sends nothing, but tells the address the machine would send from (192.0.2.1: RFC 5737).
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            found.add(str(probe.getsockname()[0]))
    return found


def _is_name(name: str) -> bool:
    try:
        return not ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return name.isascii() and 0 < len(name) <= 253
