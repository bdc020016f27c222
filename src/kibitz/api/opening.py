"""How a connection opens: who it is, what it missed, and from where on it is live.

Rule: listen first, read then. Whatever happens while the past is read is held back and follows it, so that nothing falls between
the two and nothing comes twice.
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from kibitz.api import accounts
from kibitz.api.caller import Caller
from kibitz.api.languages import supported
from kibitz.api.workspace import Workspace
from kibitz.domain.messages import MAX_TEXT_BYTES
from kibitz.fanout.listener import Listener
from kibitz.fanout.outbox import Outbox
from kibitz.storage import Tx, markers, messages, replay, room_views, users
from kibitz.storage.committer import Job
from kibitz.storage.seed import GENERAL_ID, epoch
from kibitz.wire.closing import Close
from kibitz.wire.codec import Codec, Label, Viewer
from kibitz.wire.commands import GetHistory, LogIn, Resume
from kibitz.wire.events import CaughtUp, MessageEdited, MessagePosted, RoomEvent
from kibitz.wire.results import History, ServerFacts, Welcome
from kibitz.wire.views import MyRoom, User

HEARTBEAT_SECONDS: Final = 25.0
"""How often a silent server says that it is there: below the 60 s after which home routers forget a connection (Centrifugo: 25 s)."""

MAX_REPLAY: Final = 1000
"""Events of one room that are replayed; whoever missed more starts that room afresh (ergo's limit too)."""

MAX_REPLAY_IN_ALL: Final = 3000
"""Events replayed over all rooms of a login, so that an opening fits in an outbox."""

MAX_REPLAY_TEXT: Final = 2 * messages.PAGE_TEXT
"""Characters of text replayed over all rooms of a login, for the same reason."""

MAX_SHOWN_ONLINE: Final = 500
"""People listed in a welcome; `list_online` has them all."""

MAX_MISSED: Final = 200
"""Private messages delivered late to a client that does not resume; older ones are in the history."""


class Opening:
    """The opening of one connection."""

    def __init__(self, workspace: Workspace, outbox: Outbox, codec: Codec, end: Callable[[Close], None]) -> None:
        self._workspace = workspace
        self._outbox = outbox
        self._codec = codec
        self._end = end
        self._token: str | None = None
        self.listener: Listener | None = None
        self.heads: dict[int, int] = {}

    async def identify(self, command: LogIn, caller: Caller) -> Caller:
        """Who logs in. Raises `Refusal`. From then on the connection hears what is for its user, held back until the welcome."""
        login = await accounts.log_in(self._workspace, caller, command)
        self._token = login.secret
        viewer = Viewer(login.user.id, login.user.name)
        self.listener = Listener(viewer, login.token_id, self._codec, self._outbox, self._end)
        self._outbox.hold()
        self._workspace.hub.open(self.listener)
        return Caller(caller.address, viewer.id, viewer.name, login.token_id, self.listener, caller.connection)

    async def welcome(self, command: LogIn) -> None:
        """Tell the client where it is and what it missed, then let it hear what is live."""
        listener = self.listener
        assert listener is not None, "identify comes first"
        user, rooms, now = await self._workspace.store.read(_snapshot, listener.viewer.id, listener.token_id)
        if self._outbox.closed:
            return
        self.heads = self._workspace.hub.listen(
            listener, [(room_views.label(mine.room), mine.room.head) for mine in rooms]
        )
        rooms = [mine for mine in rooms if mine.room.id in self.heads]
        if self._codec.greeting is None:
            await self._resume(user, rooms, now, command)
        else:
            await self._catch_up(user, rooms, now, command, self._codec.greeting)
        self._outbox.release()

    async def _resume(self, user: User, rooms: list[MyRoom], now: str, command: LogIn) -> None:
        plan = _Plan(rooms, self.heads, command.resume, now)
        events = await self._workspace.store.read(_replay, plan.positions, self.heads) if plan.positions else {}
        welcome = self._welcome(user, plan.settled(events), now, MAX_SHOWN_ONLINE)
        self._outbox.send(self._codec.encode_welcome(command, welcome, None, self._viewer))
        for mine in rooms:
            for event in events.get(mine.room.id, ()):
                self._outbox.send(self._codec.encode_event(event, room_views.label(mine.room), self._viewer))
        self._outbox.send(self._codec.encode_event(CaughtUp(), None, self._viewer))

    async def _catch_up(self, user: User, rooms: list[MyRoom], now: str, command: LogIn, greeting: GetHistory) -> None:
        """For a client that keeps nothing: a page of history, and the private messages its user has not seen yet."""
        history, missed = await self._workspace.store.read(
            _newest, self._viewer.id, rooms, self.heads, now, greeting.limit
        )
        welcome = self._welcome(user, rooms, now, None)
        self._outbox.send(self._codec.encode_welcome(command, welcome, history, self._viewer))
        for label, event in missed:
            self._outbox.send(self._codec.encode_event(event, label, self._viewer))
        if missed:
            told = {event.room: event.seq for _, event in missed}  # the last of each room
            await self._workspace.committer.run(lambda tx: _advance(tx, self._viewer.id, told))

    def _welcome(self, user: User, rooms: list[MyRoom], now: str, show_online: int | None) -> Welcome:
        policy, presence = self._workspace.policy, self._workspace.presence
        facts = ServerFacts(
            version=policy.version,
            max_text=MAX_TEXT_BYTES,
            max_file=policy.max_file_size,
            heartbeat=HEARTBEAT_SECONDS,
            http_port=policy.http_port,
            http_url=policy.http_url,
            supported_languages=supported(self._workspace.runner),
        )
        return Welcome(
            user=user,
            epoch=now,
            server=facts,
            rooms=rooms,
            online=presence.everyone(show_online),
            online_count=len(presence),
            token=self._token,
        )

    @property
    def _viewer(self) -> Viewer:
        assert self.listener is not None
        return self.listener.viewer


def mark_heard(workspace: Workspace, caller: Caller, heard: dict[int, int], shown: dict[int, int]) -> None:
    """Remember which private messages a client that keeps nothing was sent, so that its next login does not show them again."""
    news = {room: head for room, head in heard.items() if head > shown.get(room, 0)}
    if news:
        workspace.committer.submit(Job(run=lambda tx: _advance(tx, caller.user, news), done=lambda _: None))


def _advance(tx: Tx, user: int, heads: dict[int, int]) -> None:
    for room, head in heads.items():
        markers.advance(tx, user, room, head)


class _Plan:
    """Which rooms are resumed from where, and what each room's outcome is."""

    def __init__(self, rooms: list[MyRoom], heads: dict[int, int], resume: Resume | None, now: str) -> None:
        self._rooms = rooms
        self._asked = resume.rooms if resume is not None else {}
        same_history = resume is not None and resume.epoch == now
        self.positions: dict[int, int] = {}
        total = 0
        for mine in rooms:
            room, behind = mine.room.id, heads[mine.room.id] - self._asked.get(mine.room.id, 0)
            if (
                same_history
                and room in self._asked
                and 0 <= behind <= MAX_REPLAY
                and total + behind <= MAX_REPLAY_IN_ALL
            ):
                self.positions[room] = self._asked[room]
                total += behind

    def settled(self, events: dict[int, list[RoomEvent]]) -> list[MyRoom]:
        return [_with_outcome(mine, self._outcome(mine.room.id, events)) for mine in self._rooms]

    def _outcome(self, room: int, events: dict[int, list[RoomEvent]]) -> Literal["resumed", "reset", "fresh"]:
        if room not in self._asked:
            return "fresh"
        return "resumed" if room in events else "reset"


def _with_outcome(mine: MyRoom, outcome: Literal["resumed", "reset", "fresh"]) -> MyRoom:
    return msgspec.structs.replace(mine, resume=outcome)


def _snapshot(tx: Tx, user: int, token: int | None) -> tuple[User, list[MyRoom], str]:
    users.actor(tx, user, token)  # whoever was locked or logged out since they were identified is refused here
    row = users.by_id(tx, user)
    assert row is not None, "an actor has a row"
    return row.view(), room_views.my_rooms(tx, user), epoch(tx)


def _replay(tx: Tx, positions: dict[int, int], heads: dict[int, int]) -> dict[int, list[RoomEvent]]:
    """What was missed of each room, as far as it fits: a room that does not fit whole is left out, and starts afresh."""
    found: dict[int, list[RoomEvent]] = {}
    left = MAX_REPLAY_TEXT
    for room, after in positions.items():
        events, more = replay.events(tx, room, after, heads[room], MAX_REPLAY)
        size = sum(len(event.message.text) for event in events if isinstance(event, MessagePosted | MessageEdited))
        if not more and size <= left:
            found[room] = events
            left -= size
    return found


def _newest(
    tx: Tx, user: int, rooms: list[MyRoom], heads: dict[int, int], now: str, limit: int
) -> tuple[History, list[tuple[Label, MessagePosted]]]:
    page = messages.older(tx, GENERAL_ID, heads[GENERAL_ID] + 1, limit)
    general = History(
        messages=page, more_before=len(page) == limit, more_after=False, head=heads[GENERAL_ID], epoch=now
    )
    return general, _missed(tx, user, rooms, heads)


def _missed(tx: Tx, user: int, rooms: list[MyRoom], heads: dict[int, int]) -> list[tuple[Label, MessagePosted]]:
    """Private messages not seen yet, oldest first in each room; those that do not fit wait for the next login."""
    missed: list[tuple[Label, MessagePosted]] = []
    left = messages.PAGE_TEXT
    for mine in rooms:
        if mine.room.kind == "direct" and mine.unread and left > 0:
            late = messages.within(messages.between(tx, mine.room.id, mine.read_seq, heads[mine.room.id], MAX_MISSED))
            left -= sum(len(one.text) for one in late)
            missed += [
                (room_views.label(mine.room), MessagePosted(room=one.room, seq=one.seq, message=one))
                for one in late
                if one.sender.id != user and not one.deleted
            ]
    return missed
