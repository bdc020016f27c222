"""Whether a server is the one that was meant.

Rule: a certificate is verified as a browser would, or it is the very one whose fingerprint the person was given; there is no third way.
"""

import hashlib
import hmac
import re
import ssl
from dataclasses import dataclass

from kibitz.client.errors import Untrusted


@dataclass(frozen=True, slots=True)
class Trust:
    """`fingerprint` is the SHA-256 of the server's certificate in hex, with or without colons; None: the system's authorities decide."""

    fingerprint: str | None = None

    def __post_init__(self) -> None:
        if self.fingerprint is not None and not re.fullmatch(r"[0-9a-f]{64}", _plain(self.fingerprint)):
            raise ValueError(
                "A certificate's fingerprint is a SHA-256: 64 hexadecimal digits, as the server prints it at its start."
            )

    def context(self) -> ssl.SSLContext:
        """TLS as a client. Where a fingerprint is pinned, `check` must follow the handshake."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.fingerprint is not None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def check(self, peer: ssl.SSLObject | ssl.SSLSocket | None) -> None:
        """Raises `Untrusted` unless the peer's certificate is the pinned one, if one is."""
        if self.fingerprint is None:
            return
        certificate = peer.getpeercert(binary_form=True) if peer is not None else None
        shown = hashlib.sha256(certificate).hexdigest() if certificate else "none"
        if not hmac.compare_digest(shown, _plain(self.fingerprint)):
            raise Untrusted(
                f"The server shows another certificate (SHA-256 {shown}) than the one you trust; ask its operator."
            )


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").strip().lower()
