"""Whose call it is: where a token may stand in a request.

Rule: a browser sends cookies, and anonymous requests, for whatever page asks it to. So a call that changes something without a token
in its `Authorization` header must come from a page of this server, or from no browser at all.
"""

from typing import Final

from starlette.requests import Request

from kibitz.domain.errors import Refusal
from kibitz.transports.cookie import COOKIE

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, 9.2.1)."""


def token_of(request: Request, *, in_query: bool = False) -> str | None:
    """The token a request came with, or None; `in_query` where `?token=` may stand too. Raises `Refusal`.

    The header beats the query, which beats the cookie, since a program writes the first two on purpose.
    """
    header = request.headers.get("authorization")
    if header is not None:
        return _bearer(header)
    check_origin(request)
    if in_query and (token := request.query_params.get("token")):
        return token
    return request.cookies.get(COOKIE) or None


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refusal("not_logged_in", "The Authorization header must be 'Bearer' and a token.")
    return token.strip()


def check_origin(request: Request) -> None:
    """Raises `Refusal` for a changing request that another site's page had a browser send.

    The check is that of Go's `http.CrossOriginProtection`, which needs no secret in the page.
    """
    if request.method not in _SAFE and is_cross_site(request):
        raise Refusal("forbidden", "A page of another site may do this only with a token in the Authorization header.")


def is_cross_site(request: Request) -> bool:
    """Whether a browser says that a page of another origin sent this. Whatever is no browser says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Over plain HTTP browsers leave Sec-Fetch-Site out, but they send Origin with every changing request.
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host", "")


def is_own_page(request: Request) -> bool:
    """Whether a browser says that a page of this server sent this."""
    is_browser = "sec-fetch-site" in request.headers or "origin" in request.headers
    return is_browser and not is_cross_site(request)
