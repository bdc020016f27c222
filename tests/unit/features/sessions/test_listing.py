"""Looking code sessions up."""

from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, ref
from tests.support.sessions import ask_for_sessions, ask_of_session, session_of

from kibitz.features.sessions.listing import get_session, list_sessions
from kibitz.wire.code_commands import GetSession, ListSessions
from kibitz.wire.views import Participant


def test_my_sessions_are_listed_page_by_page_newest_first() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        made = [session_of(tx, alice) for _ in range(3)]
        session_of(tx, bob)
        first = list_sessions(ask_for_sessions(tx, alice, ListSessions(limit=2)))
        assert ([one.id for one in first.sessions], first.more) == ([made[2], made[1]], True)
        last = list_sessions(ask_for_sessions(tx, alice, ListSessions(before=made[1], limit=2)))
        assert ([one.id for one in last.sessions], last.more) == ([made[0]], False)


def test_a_page_that_holds_exactly_the_rest_is_the_last() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        made = [session_of(tx, alice) for _ in range(2)]
        page = list_sessions(ask_for_sessions(tx, alice, ListSessions(limit=2)))
        assert ([one.id for one in page.sessions], page.more) == (made[::-1], False)


def test_of_a_conversation_all_sessions_are_listed_whoever_is_in_them() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice, bob)
        session, _ = session_of(tx, alice, room=kitchen), session_of(tx, bob)
        page = list_sessions(ask_for_sessions(tx, bob, ListSessions(room="#kitchen")))
        assert [(one.id, one.part, one.joined) for one in page.sessions] == [(session, None, False)]


def test_a_session_is_shown_with_its_people() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session = session_of(tx, alice)
        shown = get_session(ask_of_session(tx, bob, GetSession(session=session)))
        assert (shown.session.id, shown.session.part) == (session, None)
        assert shown.participants == [Participant(user=ref(alice), role="owner", joined_at=NOW)]
