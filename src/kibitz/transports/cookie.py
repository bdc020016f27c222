"""The web client's cookie.

Rule: one name, for every way a browser comes by.
"""

from typing import Final

COOKIE: Final = "kibitz_token"
"""The cookie that holds the web client's login, out of reach of its scripts."""
