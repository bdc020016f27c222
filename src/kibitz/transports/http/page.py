"""The page at `/`: how to connect to this very server.

Rule: it is one file without scripts or anything fetched from elsewhere, and whatever a request puts into it is checked or escaped.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from kibitz.api.workspace import Policy

# A name or address as it may stand in a Host header (RFC 3986, 3.2.2); anything else gives way to the address that is bound.
_HOST = re.compile(
    r"(?P<name>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?", re.I | re.A
)

_UNITS: Final = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (1, "bytes"))


class Page:
    """The page of one server. `login` is the path that gives a token, `sign_up` the one that makes an account."""

    def __init__(self, policy: Policy, login: str, sign_up: str) -> None:
        self._policy = policy
        self._login = login
        self._sign_up = sign_up
        static = files("kibitz.transports.http") / "static"
        self._style = (static / "connect.css").read_text(encoding="utf-8")
        self._template = Template((static / "connect.html").read_text(encoding="utf-8"))
        self._headers = {"Content-Security-Policy": _content_policy(self._style)}

    def answer(self, request: Request) -> Response:
        """The page as it is for this request."""
        shown = {name: escape(text) for name, text in self._words(request.headers.get("host", "")).items()}
        html = self._template.substitute({**shown, **self._markup(), "style": self._style})
        return HTMLResponse(html, headers=self._headers)

    def _words(self, header: str) -> Mapping[str, str]:
        policy = self._policy
        bound = urlsplit(policy.http_url)
        tls = bound.scheme == "https"
        found = _HOST.fullmatch(header)
        host = found["name"] if found else bound.netloc.rpartition(":")[0]
        authority = header if found else bound.netloc
        url, sockets = f"{bound.scheme}://{authority}", f"{'wss' if tls else 'ws'}://{authority}"
        return {
            "host": host,
            "version": policy.version,
            "who": "Anyone, by name alone" if policy.guests else "People with an account",
            "encryption": "TLS on both ports" if tls else "None: who is on the network can read along",
            "connect": _connect(host, policy.tcp_port, tls=tls),
            "tcp_port": str(policy.tcp_port),
            "url": url,
            "login": _login(url + self._login, guests=policy.guests),
            "websocket": f"{sockets}/ws",
            "collab": f"{sockets}/collab/1?token=…",
            "hocuspocus": f"{sockets}/hocuspocus",
            "max_file": _size(policy.max_file_size),
        }

    def _markup(self) -> Mapping[str, str]:
        if self._policy.guests:
            return {
                "first_line": "The first line is your name, such as <code>alice</code>, or <code>alice|password</code> with an account.",
                "token_words": "The name alone is enough for a guest; an account adds its <code>password</code>.",
            }
        if self._policy.open_sign_up:
            accounts = "Anyone can make one"
        else:
            accounts = "Accounts are made by an admin; the first of all, which owns the server, is made"
        return {
            "first_line": "The first line is <code>name|password</code>, or <code>token|</code> and an access token.",
            "token_words": "By the name and password of your account. "
            f"{accounts} by sending the same fields to <code>{escape(self._sign_up)}</code>.",
        }


def _content_policy(style: str) -> str:
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _connect(host: str, port: int, *, tls: bool) -> str:
    # OpenSSL is there wherever curl is; few netcats speak TLS.
    return f"openssl s_client -quiet -connect {host}:{port}" if tls else f"nc {host.strip('[]')} {port}"


def _login(url: str, *, guests: bool) -> str:
    fields = '{"name": "alice"}' if guests else '{"name": "alice", "password": "…"}'
    return f"curl {url} \\\n  -H 'Content-Type: application/json' \\\n  -d '{fields}'"


def _size(size: int) -> str:
    factor, unit = next((factor, unit) for factor, unit in _UNITS if size >= factor)
    return f"{size / factor:.4g} {unit}"
