"""TLS for both ports.

Rule: a certificate that cannot be used stops the start with one sentence that says what to do; nothing falls back to plain text.
"""

import hashlib
import ipaddress
import os
import socket
import ssl
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

from kibitz.server.config import Settings
from kibitz.storage.faults import StartError

FILE: Final = "self-signed.pem"
"""Key and certificate in one file of the data directory, so that the two can never disagree."""

VALID_FOR: Final = timedelta(days=730)
"""Apple's systems refuse certificates that are valid for more than 825 days, private ones included (support.apple.com/103769)."""

RENEW_BEFORE: Final = timedelta(days=60)
"""A certificate nearer to its end than this is made anew at the next start: a server that is updated now and then never expires."""


def context(settings: Settings, now: datetime) -> ssl.SSLContext | None:
    """The TLS both ports speak, or None for plain text. Raises `StartError`."""
    if settings.tls_self_signed:
        path = settings.data_dir / FILE
        if not _is_fresh(path, now):
            _write(path, make_self_signed(server_names(settings.host), now))
        return _load(path, path)
    if settings.tls_cert and settings.tls_key:
        return _load(settings.tls_cert, settings.tls_key)
    return None


def fingerprint(data_dir: Path) -> str:
    """SHA-256 of the self-signed certificate, as browsers show it: what people compare before they trust it."""
    certificate = x509.load_pem_x509_certificate((data_dir / FILE).read_bytes())
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest().hex(":").upper()


def guests_warning(settings: Settings) -> str | None:
    """What to tell an operator who lets strangers in over a network that anyone can read; None where that is not so."""
    if not settings.guests or settings.tls or is_loopback(settings.host):
        return None
    return (
        f"Guests may come in by name alone, over a network ({settings.host}) and without TLS: anyone who can reach it can "
        "read along and pose as a guest. Add --tls-self-signed, or take --guests away, unless you trust everyone on it."
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach this address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _load(certificate: Path, key: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION
    made.set_alpn_protocols(["http/1.1"])
    for path in (certificate, key):
        _check_readable(path)
    try:
        # An encrypted key would make OpenSSL ask on the terminal; a server has nobody to ask.
        made.load_cert_chain(certificate, key, password=b"")
    except ssl.SSLError as error:
        raise StartError(
            f"The TLS certificate {certificate} and the key {key} cannot be used ({error.reason or 'not PEM'}): both must be "
            "in PEM, belong together, and the key may not be encrypted."
        ) from error
    return made


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise StartError(f"The TLS file {path} cannot be read: {error.strerror}.") from error


def _is_fresh(path: Path, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE


def _write(path: Path, pem: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp: mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        Path(temporary).replace(path)
    except OSError as error:
        raise StartError(f"The self-signed certificate cannot be written to {path}: {error.strerror}.") from error


def make_self_signed(names: Iterable[str], now: datetime) -> bytes:
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


def server_names(host: str) -> list[str]:
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
