"""How a rule says no.

Rule: whatever a person can cause is a `Refusal` with a stable code and a sentence that says what to do next;
any other exception is our own fault and never reaches a person as it is.
"""

from typing import Final

# Ranges tell a client what to do, as Centrifugo's error table does: 100-199 mend the request, 200-299 mend the login or ask
# for the right, 300-399 the thing is not (or already) there, 400-499 wait and send the same again with the same nonce.
CODES: Final[dict[str, tuple[int, int]]] = {
    # code: (number, HTTP status)
    "malformed": (100, 400),
    "unknown_command": (101, 400),
    "invalid": (102, 422),
    "too_long": (103, 413),
    "too_large": (104, 413),
    "not_available": (105, 501),
    "range_outside": (106, 416),
    "auth_failed": (200, 401),
    "not_logged_in": (201, 401),
    "forbidden": (202, 403),
    "name_taken": (203, 409),
    "sign_up_closed": (204, 403),
    "not_found": (300, 404),
    "already_there": (301, 409),
    "nonce_reused": (302, 409),
    "gone": (303, 410),
    "rate_limited": (400, 429),
    "busy": (401, 503),
    "unavailable": (402, 503),
    "too_slow": (403, 408),
    "internal": (500, 500),
}
"""Every error code a client can meet: its number (see the ranges above) and its HTTP status."""


class Refusal(Exception):
    """A request that is not carried out, and why.

    `code` is a key of `CODES`; `message` is one sentence for a person; `retry_after` is in seconds, for codes 400-499.
    """

    def __init__(self, code: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @property
    def number(self) -> int:
        """The code's number, whose range says what a client should do."""
        return CODES[self.code][0]

    @property
    def http_status(self) -> int:
        """The HTTP status this refusal is answered with."""
        return CODES[self.code][1]


def not_found(what: str) -> Refusal:
    """The refusal for a thing that is not there, or that the actor may not know of: one answer for both, on purpose."""
    return Refusal("not_found", f"{what} not found.")
