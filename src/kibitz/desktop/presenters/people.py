"""Finding somebody by a few letters: those who are here, and everyone else the server knows.

Rule: the server's list is fetched once, while the person types, and what is here is shown at once.
"""

from contextlib import suppress
from typing import Final

from kibitz.client.client import Client
from kibitz.client.errors import ClientError
from kibitz.desktop.presenters import lists
from kibitz.desktop.presenters.shown import PersonRow
from kibitz.wire import commands as c

MAX_KNOWN: Final = 5000
"""People fetched of a server; whoever has more writes names out."""

MAX_FOUND: Final = 50
"""Shown at once: whoever is not among them is found by one more letter."""


class People:
    """Everyone of a server, as far as they are known."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[int, str] = {}
        self._fetched = False

    async def fetch(self) -> None:
        """Ask the server for everyone. Where it does not answer, those who are here have to do."""
        if self._fetched:
            return
        self._fetched = True
        after = ""
        with suppress(ClientError, TimeoutError):
            while len(self._known) < MAX_KNOWN:
                page = await self._client.do(c.ListUsers(after=after, limit=500))
                self._known |= {user.id: user.name for user in page.users if not user.disabled}
                if not page.more:
                    return
                after = page.users[-1].name

    def find(self, needle: str, without: frozenset[str] = frozenset()) -> tuple[PersonRow, ...]:
        """Whom these letters find, the best first and whoever is here before the others; all where there are none."""
        replica = self._client.replica
        names = self._known | {one.user.id: one.user.name for one in replica.presence.values()}
        me = replica.me.id if replica.me is not None else 0
        scored = []
        for person, name in names.items():
            score = lists.match(needle, name) if needle else 0
            if score is not None and person != me and name not in without:
                status = replica.status(person)
                scored.append((score, status == "offline", name.casefold(), PersonRow(person, name, status)))
        scored.sort(key=lambda one: one[:3])
        return tuple(one[3] for one in scored[:MAX_FOUND])
