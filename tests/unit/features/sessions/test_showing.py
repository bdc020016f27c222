"""How sessions and people are shown."""

from tests.support.database import person, transaction
from tests.support.rooms import ref
from tests.support.sessions import session_of

from kibitz.features.sessions.showing import session_ref, shown, user_ref
from kibitz.storage import participants, sessions
from kibitz.wire.views import SessionRef


def test_a_session_is_shown_to_each_as_they_stand_to_it() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        session = session_of(tx, alice)
        for actor, part in ((alice, "owner"), (bob, None)):
            found = shown(tx, session, actor.id)
            assert found.session == sessions.view(tx, session, actor.id)
            assert (found.session.part, found.participants) == (part, participants.listed(tx, session))


def test_a_log_names_a_session_and_keeps_nothing_else_of_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        session = session_of(tx, alice, title="Interview", language="cpp")
        named = session_ref(sessions.view(tx, session, alice.id))
        assert named == SessionRef(id=session, language="cpp", title="Interview")


def test_an_actor_is_shown_by_id_and_name() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        assert user_ref(alice) == ref(alice)
