"""Who is in a conversation, and what its header says of it.

Rule: of a large room only the first members are known by name, which is enough to complete a name and to count.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kibitz.client.client import Client
from kibitz.client.errors import ClientError
from kibitz.desktop.presenters.shown import Status
from kibitz.desktop.presenters.wording import moment
from kibitz.wire import commands as c
from kibitz.wire.results import Members, Users
from kibitz.wire.views import MyRoom, UserRef

MAX_MEMBERS: Final = 2000

MAX_LOOKED: Final = 5
"""Pages of people that are looked through for when someone was here last."""


@dataclass(frozen=True, slots=True)
class About:
    """The header of a conversation. `person` is whose status it shows, in a direct one; `detail` the topic, or when they were here."""

    title: str
    kind: str
    detail: str = ""
    members: str = ""
    person: int = 0
    status: Status = "offline"


class Company:
    """The members of one room."""

    def __init__(self, client: Client, room: int) -> None:
        self._client, self._room = client, room
        self.names: dict[int, str] = {}  # whoever was seen here, so that reactions have names
        self.members: dict[int, str] = {}
        self._more = False
        self._last_seen = ""

    async def load(self) -> None:
        """Ask who is here. Without a connection what was known stays."""
        found: dict[int, str] = {}
        after, more = "", True
        try:
            while more and len(found) < MAX_MEMBERS and self._client.connected:
                page: Members = await self._client.do(c.ListMembers(room=self._room, after=after, limit=500))
                found |= {one.user.id: one.user.name for one in page.members}
                more, after = page.more, page.members[-1].user.name if page.members else ""
            await self._look_for_other()
        except (ClientError, TimeoutError):
            return
        if found:
            self.members, self._more = found, more
            self.names |= found

    def saw(self, person: UserRef) -> None:
        """Someone said or did something here."""
        self.names[person.id] = person.name
        if len(self.names) > 2 * MAX_MEMBERS:
            self.names.pop(next(iter(self.names)))

    def welcome(self, people: list[UserRef]) -> bool:
        """These are on the server; in the general channel that makes them members. Whether that is news."""
        if self._mine is None or self._mine.room.kind != "general" or not self.members or self._more:
            return False
        before = len(self.members)
        for one in people:
            if len(self.members) < MAX_MEMBERS:
                self.members[one.id] = self.names[one.id] = one.name
        return len(self.members) != before

    def callable(self) -> list[str]:
        """Whom one can call by name."""
        me = self._client.replica.me
        return [name for one, name in self.members.items() if me is None or one != me.id] + ["all"]

    def about(self) -> About:
        """The header as it is now."""
        mine = self._mine
        if mine is None:
            return About("", "group", "You are not in this conversation any more.")
        room = mine.room
        if room.kind == "direct":
            other = self.other or UserRef(id=0, name="")
            return About(
                other.name, "direct", self._when(other.id), "", other.id, self._client.replica.status(other.id)
            )
        count = len(self.members)
        members = "" if not count else f"{count:,}+ members" if self._more else f"{count} member{'s' * (count != 1)}"
        return About(room.name or "general", room.kind, room.topic, members)

    @property
    def other(self) -> UserRef | None:
        """The person at the other end of a direct room."""
        mine, me = self._mine, self._client.replica.me
        if mine is None or mine.room.kind != "direct" or not mine.room.members:
            return None
        others = [one for one in mine.room.members if me is None or one.id != me.id]
        return (others or mine.room.members)[0]

    def left(self, last_seen: str | None) -> None:
        """The other person has gone."""
        self._last_seen = last_seen or self._last_seen

    @property
    def _mine(self) -> MyRoom | None:
        held = self._client.replica.rooms.get(self._room)
        return held.mine if held is not None else None

    def _when(self, person: int) -> str:
        status = self._client.replica.status(person)
        if status != "offline":
            return status
        return f"last seen {ago(moment(self._last_seen))}" if self._last_seen else "offline"

    async def _look_for_other(self) -> None:
        other = self.other
        if other is None or self._last_seen or self._client.replica.status(other.id) != "offline":
            return
        after = ""
        for _ in range(MAX_LOOKED):
            page: Users = await self._client.do(c.ListUsers(after=after, limit=500))
            for user in page.users:
                if user.id == other.id:
                    self._last_seen = user.last_seen or ""
                    return
            if not page.more:
                return
            after = page.users[-1].name


def ago(at: datetime) -> str:
    """`5 minutes ago`, or the day."""
    seconds = (datetime.now().astimezone() - at).total_seconds()
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'s' * (count != 1)} ago" if word != "day" or count < 7 else f"on {at:%d %B %Y}"
    return "just now"
