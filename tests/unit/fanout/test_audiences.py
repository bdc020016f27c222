"""Who hears a code session, as a state machine: whoever joined hears, whoever left does not, and nothing is kept of either."""

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kibitz.fanout.audiences import Audiences
from kibitz.fanout.bundle import Bundle
from kibitz.fanout.hub import Hub
from kibitz.fanout.listener import Listener
from kibitz.fanout.outbox import Flusher, Outbox
from kibitz.fanout.steps import Recheck, Tell
from kibitz.wire.codec import Codec, Sheet, Viewer
from kibitz.wire.events import CodeUpdated, RunOutput, SessionUpdated
from kibitz.wire.jsonlines import JSON_LINES, WS_TEXT
from kibitz.wire.pipe.codec import PIPE
from kibitz.wire.views import CodeSession, UserRef

ALICE = UserRef(id=1, name="alice")
CODECS: tuple[Codec, ...] = (PIPE, JSON_LINES, WS_TEXT)


class Silent:
    """A transport that keeps what it was sent."""

    def __init__(self) -> None:
        self.heard = b""

    def write(self, data: bytes) -> None:
        self.heard += data


def listener_of(user: int, codec: Codec, loop: asyncio.AbstractEventLoop, wire: Silent | None = None) -> Listener:
    outbox = Outbox(wire or Silent(), Flusher(loop), lambda: None)
    return Listener(Viewer(user, f"user{user}"), None, codec, outbox, lambda _: None)


def updated(session: int, version: int = 1) -> CodeUpdated:
    return CodeUpdated(session=session, version=version, users=[ALICE])


class Hearing(RuleBasedStateMachine):
    """Joining, leaving, losing connections and telling in any order, against a plain set of who hears what."""

    sessions = st.integers(1, 3)
    users = st.integers(1, 3)
    ears = st.integers(0, 5)

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.audiences = Audiences(self.deliver)
        self.audiences.left = lambda session, listener: self.gone.append((session, self.all.index(listener)))
        # Two connections of each user, in different codecs.
        self.all = [listener_of(1 + number // 2, CODECS[number % 3], self.loop) for number in range(6)]
        self.hears: set[tuple[int, int]] = set()
        self.gone: list[tuple[int, int]] = []
        self.delivered: list[tuple[Codec, int]] = []

    def teardown(self) -> None:
        self.loop.close()

    def deliver(self, _: Bundle, codec: Codec, listeners: Iterable[Listener]) -> None:
        self.delivered += [(codec, self.all.index(listener)) for listener in listeners]

    @rule(session=sessions, ear=ears)
    def join(self, session: int, ear: int) -> None:
        self.audiences.join(session, self.all[ear])
        self.hears.add((session, ear))

    @rule(session=sessions, user=users)
    def leave(self, session: int, user: int) -> None:
        going = {(one, ear) for one, ear in self.hears if one == session and self.all[ear].viewer.id == user}
        self.gone.clear()
        self.audiences.leave(session, user)
        assert sorted(self.gone) == sorted(going)
        self.hears -= going

    @rule(session=sessions, ear=ears)
    def remove(self, session: int, ear: int) -> None:
        going = {(session, ear)} & self.hears
        self.gone.clear()
        self.audiences.remove(session, self.all[ear])
        assert set(self.gone) == going
        self.hears -= going

    @rule(ear=ears)
    def lose(self, ear: int) -> None:
        going = {(session, one) for session, one in self.hears if one == ear}
        self.gone.clear()
        self.audiences.forget(self.all[ear])
        assert sorted(self.gone) == sorted(going)
        self.hears -= going

    @rule(session=sessions, spared=st.sets(ears))
    def tell(self, session: int, spared: set[int]) -> None:
        self.delivered.clear()
        self.audiences.tell(session, updated(session), Sheet("", ""), but=[self.all[ear] for ear in spared])
        heard = {ear for one, ear in self.hears if one == session} - spared
        assert sorted(ear for _, ear in self.delivered) == sorted(heard)
        assert all(self.all[ear].codec is codec for codec, ear in self.delivered)

    @invariant()
    def whoever_joined_is_listed(self) -> None:
        for session in range(1, 4):
            listed = {self.all.index(listener) for listener in self.audiences.listeners(session)}
            assert listed == {ear for one, ear in self.hears if one == session}
            assert listed == {ear for ear in range(6) if self.audiences.hears(session, self.all[ear])}
        assert self.audiences.present() == {(session, self.all[ear].viewer.id) for session, ear in self.hears}

    @invariant()
    def nothing_is_kept_of_what_nobody_hears(self) -> None:
        assert self.audiences._listening.keys() == {session for session, _ in self.hears}
        assert {self.all.index(one) for one in self.audiences._sessions} == {ear for _, ear in self.hears}


TestHearing = Hearing.TestCase


class Home:
    """A real hub with connections that keep what they are sent."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.hub = Hub(lambda _, __: None)

    def connect(self, user: int, codec: Codec) -> tuple[Listener, Silent]:
        wire = Silent()
        listener = listener_of(user, codec, self.loop, wire)
        self.hub.open(listener)
        return listener, wire


@pytest.fixture
async def home() -> Home:
    return Home()


async def test_everyone_in_a_session_is_told_in_their_own_protocol(home: Home) -> None:
    ears = [home.connect(number, codec) for number, codec in enumerate(CODECS, 1)]
    outside = home.connect(9, PIPE)
    for listener, _ in ears:
        home.hub.audiences.join(7, listener)
    home.hub.audiences.tell(7, updated(7), Sheet("print(1)", "alice", 3))
    await asyncio.sleep(0)
    pipe, lines, frames = (wire.heard for _, wire in ears)
    assert pipe.startswith(b'CODE_SESSION|{"type":"code_update","session_id":7,"code":"print(1)"')
    assert lines == JSON_LINES.encode_event(updated(7), None, Viewer(2, ""))
    assert frames == WS_TEXT.encode_event(updated(7), None, Viewer(3, ""))
    assert outside[1].heard == b""
    assert home.hub.delivered == 3


async def test_a_step_of_a_commit_is_told_to_the_session(home: Home) -> None:
    (inside, heard), (_, silence) = home.connect(1, JSON_LINES), home.connect(1, JSON_LINES)
    home.hub.audiences.join(7, inside)
    session = CodeSession(id=7, language="c", access="open", created_by=ALICE, created_at="")
    event = SessionUpdated(session=session, by=ALICE)
    home.hub.apply([Tell(7, event), Tell(8, event), Recheck(7)])
    await asyncio.sleep(0)
    assert heard.heard == JSON_LINES.encode_event(event, None, inside.viewer)
    assert silence.heard == b""


async def test_a_closed_connection_hears_nothing_and_is_forgotten(home: Home) -> None:
    listener, wire = home.connect(1, JSON_LINES)
    home.hub.audiences.join(7, listener)
    home.hub.close(listener)
    home.hub.audiences.tell(7, updated(7))
    await asyncio.sleep(0)
    assert wire.heard == b""
    assert home.hub.audiences.present() == set()


async def test_a_connection_that_closed_while_it_was_joining_is_not_let_in(home: Home) -> None:
    listener, _ = home.connect(1, JSON_LINES)
    listener.outbox.close()
    home.hub.close(listener)
    home.hub.audiences.join(7, listener)
    assert home.hub.audiences.listeners(7) == []
    assert home.hub.audiences.present() == set()


async def test_what_a_program_writes_is_dropped_for_a_slow_reader_and_the_rest_is_not(home: Home) -> None:
    listener, wire = home.connect(1, JSON_LINES)
    home.hub.audiences.join(7, listener)
    listener.outbox.pause()
    listener.outbox.put(b"x" * 600_000)
    home.hub.audiences.tell(7, RunOutput(run=12, stream="stdout", text="hi", offset=0, session=7))
    home.hub.audiences.tell(7, updated(7))
    listener.outbox.resume()
    await asyncio.sleep(0)
    assert wire.heard == b"x" * 600_000 + JSON_LINES.encode_event(updated(7), None, listener.viewer)
