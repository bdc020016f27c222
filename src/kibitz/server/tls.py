"""TLS for both ports.

Rule: a certificate that cannot be used stops the start with one sentence that says what to do; nothing falls back to plain text.
"""

import hashlib
import ipaddress
import ssl
from datetime import datetime
from pathlib import Path
from typing import Final

from kibitz.server.config import Settings
from kibitz.storage.faults import StartError

FILE: Final = "self-signed.pem"
"""Key and certificate in one file of the data directory, so that the two can never disagree."""


def context(settings: Settings, now: datetime) -> ssl.SSLContext | None:
    """The TLS both ports speak, or None for plain text. Raises `StartError`."""
    if settings.tls_self_signed:
        return _self_signed(settings.data_dir / FILE, settings.host, now)
    if settings.tls_cert and settings.tls_key:
        return _load(settings.tls_cert, settings.tls_key)
    return None


def fingerprint(data_dir: Path) -> str:
    """SHA-256 of the self-signed certificate, as browsers show it: what people compare before they trust it."""
    begin = "-----BEGIN CERTIFICATE-----"
    pem = (data_dir / FILE).read_text(encoding="ascii")
    der = ssl.PEM_cert_to_DER_cert(begin + pem.partition(begin)[2])
    return hashlib.sha256(der).digest().hex(":").upper()


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


def _self_signed(path: Path, host: str, now: datetime) -> ssl.SSLContext:
    from kibitz.server import self_signed  # noqa: PLC0415 - most servers need none, and cryptography takes 0.1 s to load

    try:
        self_signed.keep(path, host, now)
    except OSError as error:
        raise StartError(f"The self-signed certificate cannot be written to {path}: {error.strerror}.") from error
    return _load(path, path)


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
