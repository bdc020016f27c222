"""Who hears what: the one place that knows which connections listen to which rooms.

Rule: steps are carried out in the order of their commits, on the loop, without awaiting; so what a listener hears of a room is in
order and without gaps from the `head` it was told when it began to listen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from kibitz.fanout.audiences import Audiences
from kibitz.fanout.bundle import Bundle
from kibitz.fanout.channel import Channel
from kibitz.fanout.listener import Listener
from kibitz.fanout.steps import Announce, Join, Leave, Notify, Publish, Recheck, Revoke, Step, Tell
from kibitz.wire.closing import LOGGED_OUT
from kibitz.wire.codec import Codec, Context, Label, Viewer
from kibitz.wire.events import Event, Fleeting, RoomEvent, RoomUpdated


class Hub:
    """The listeners of one node. `changed` is called with a viewer whenever their first connection opens or their last one closes."""

    def __init__(self, changed: Callable[[Viewer, bool], None]) -> None:
        self._changed = changed
        self._channels: dict[int, Channel] = {}
        self._people: dict[int, set[Listener]] = {}
        self._all: dict[Codec, set[Listener]] = defaultdict(set)
        self.audiences = Audiences(self._deliver)
        self.delivered = 0

    def open(self, listener: Listener) -> None:
        """Let a connection hear what is for its user, and every room its user comes into from now on."""
        listener.left = set()
        self._all[listener.codec].add(listener)
        connections = self._people.setdefault(listener.viewer.id, set())
        connections.add(listener)
        if len(connections) == 1:
            self._changed(listener.viewer, True)

    def listen(self, listener: Listener, rooms: Iterable[tuple[Label, int]]) -> dict[int, int]:
        """Let a connection that was opened hear these rooms, given with the newest seq the database was seen to have of each.

        Returns for each room the seq from which on it hears everything: what is up to there is for the caller to replay. Rooms that
        its user was put out of since `open` are left out.
        """
        heads: dict[int, int] = {}
        left, listener.left = listener.left or set(), None
        for label, head in rooms:
            if label.room not in left:
                channel = self._channels.setdefault(label.room, Channel(label, head))
                channel.add(listener)
                heads[label.room] = channel.head
        return heads

    def close(self, listener: Listener) -> None:
        """A connection is gone. Harmless if it was never opened."""
        connections = self._people.get(listener.viewer.id)
        if connections is None or listener not in connections:
            return
        connections.discard(listener)
        self._all[listener.codec].discard(listener)
        for room in tuple(listener.rooms):
            self._remove(room, listener)
        self.audiences.forget(listener)
        if not connections:
            del self._people[listener.viewer.id]
            self._changed(listener.viewer, False)

    def apply(self, steps: Iterable[Step]) -> None:
        """Carry out what came of one or more commits."""
        for kind, run in groupby(steps, key=type):
            if kind is Publish:
                self._publish_run(run)  # type: ignore[arg-type]
            else:
                for step in run:
                    self._apply_one(step)

    def fleeting(self, room: int, event: Event, *, but: Listener | None = None) -> None:
        """Send an event that may be dropped to everyone who hears a room, save the connection it came from."""
        channel = self._channels.get(room)
        if channel is not None:
            bundle = Bundle((event,), channel.label)
            for codec, listeners in tuple(channel.listeners.items()):
                self._deliver(bundle, codec, [one for one in listeners if one is not but])

    def announce(self, event: Event, context: Context = None) -> None:
        """Send an event to every connection of this node."""
        bundle = Bundle((event,), context)
        for codec, listeners in tuple(self._all.items()):
            self._deliver(bundle, codec, listeners)

    def is_connected(self, user: int) -> bool:
        """Whether a user has a connection to this node."""
        return user in self._people

    def connections(self, user: int | None = None) -> list[Listener]:
        """A user's connections, or everyone's."""
        if user is not None:
            return list(self._people.get(user, ()))
        return [listener for people in self._people.values() for listener in people]

    def hears(self, listener: Listener, room: int) -> bool:
        """Whether a connection hears a room: whoever does, is in it."""
        return room in listener.rooms

    def direct_heads(self, listener: Listener) -> dict[int, int]:
        """The direct rooms a connection hears, and how far it was told of each."""
        heard = (self._channels[room] for room in listener.rooms)
        return {channel.label.room: channel.head for channel in heard if channel.label.kind == "direct"}

    @property
    def channels(self) -> int:
        """Rooms that someone here listens to."""
        return len(self._channels)

    def _apply_one(self, step: Step) -> None:
        match step:
            case Notify(users, event):
                for user in users:
                    self._notify(user, event)
            case Announce(event):
                self.announce(event)
            case Join(label, head, users):
                self._join(label, head, users)
            case Leave(room, user):
                for listener in self.connections(user):
                    self._remove(room, listener)
            case Revoke(user, tokens, keep):
                for listener in self.connections(user):
                    if listener.token_id in tokens if tokens is not None else listener.token_id != keep:
                        listener.end(LOGGED_OUT)
            case Tell(session, event):
                self.audiences.tell(session, event)
            case Recheck():
                pass  # a matter of the documents: `kibitz.api.collab`
            case Publish():
                self._publish_run((step,))

    def _publish_run(self, run: Iterable[Publish]) -> None:
        by_room: dict[int, list[RoomEvent]] = defaultdict(list)
        for step in run:
            by_room[step.event.room].append(step.event)
        for room, events in by_room.items():
            channel = self._channels.get(room)
            if channel is not None:
                self._publish(channel, events)

    def _publish(self, channel: Channel, events: Sequence[RoomEvent]) -> None:
        # What the channel's head already covers was read from the database by everyone who listens.
        news = tuple(event for event in events if event.seq > channel.head)
        if not news:
            return
        channel.head = news[-1].seq
        bundle = Bundle(news, channel.label)
        for codec, listeners in tuple(channel.listeners.items()):
            self._deliver(bundle, codec, listeners)
        for event in news:
            if isinstance(event, RoomUpdated):
                channel.rename(event.name)

    def _deliver(self, bundle: Bundle, codec: Codec, listeners: Iterable[Listener]) -> None:
        if bundle.is_personal(codec):
            for listener in tuple(listeners):
                self._give(listener, bundle.encoded(codec, listener.viewer), bundle.fleeting)
                self.delivered += len(bundle.events)
            return
        data = bundle.encoded(codec)
        if not data:
            return
        # A put can end a slow connection, which takes it out of the set that is being walked.
        targets = tuple(listeners)
        self.delivered += len(targets) * len(bundle.events)
        if bundle.fleeting:
            for listener in targets:
                listener.outbox.put_fleeting(data)
        else:
            for listener in targets:
                listener.outbox.put(data)

    @staticmethod
    def _give(listener: Listener, data: bytes, fleeting: bool) -> None:
        if data and fleeting:
            listener.outbox.put_fleeting(data)
        elif data:
            listener.outbox.put(data)

    def _notify(self, user: int, event: Event) -> None:
        for listener in self.connections(user):
            self._give(listener, listener.codec.encode_event(event, None, listener.viewer), isinstance(event, Fleeting))

    def _join(self, label: Label, head: int, users: tuple[int, ...]) -> None:
        listeners = [listener for user in users for listener in self.connections(user)]
        if listeners:
            channel = self._channels.setdefault(label.room, Channel(label, head))
            for listener in listeners:
                channel.add(listener)

    def _remove(self, room: int, listener: Listener) -> None:
        if listener.left is not None:
            listener.left.add(room)
        channel = self._channels.get(room)
        if channel is not None and channel.remove(listener):
            del self._channels[room]
