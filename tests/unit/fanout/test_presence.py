"""Presence: told in one go, and only what changed."""

from hypothesis import given
from hypothesis import strategies as st

from kibitz.fanout.presence import Presence
from kibitz.wire import views
from kibitz.wire.codec import Viewer
from kibitz.wire.views import UserRef

ALICE, BOB = Viewer(1, "alice"), Viewer(2, "bob")


def make() -> tuple[Presence, list[str]]:
    wakes: list[str] = []
    return Presence(lambda: wakes.append("wake")), wakes


def test_several_changes_are_one_telling() -> None:
    presence, wakes = make()
    presence.connected(ALICE, True)
    presence.connected(BOB, True)
    assert wakes == ["wake"]
    assert presence.take() == [(ALICE, "offline", "online"), (BOB, "offline", "online")]
    assert presence.names() == ("alice", "bob")


def test_whoever_comes_and_goes_between_two_tellings_is_not_told() -> None:
    presence, _ = make()
    presence.connected(ALICE, True)
    presence.connected(ALICE, False)
    assert presence.take() == []
    assert len(presence) == 0


def test_everyone_is_shown_by_name_whatever_the_order_they_came_in() -> None:
    presence, _ = make()
    for user, name in enumerate(("Dave", "alice", "carol", "BOB", "Alice"), start=1):
        presence.connected(Viewer(user, name), True)
    presence.connected(Viewer(3, "carol"), False)
    presence.set_status(Viewer(4, "BOB"), "away")
    assert presence.names() == ("alice", "Alice", "BOB", "Dave")
    assert presence.everyone(3) == [
        views.Presence(user=UserRef(id=2, name="alice"), status="online"),
        views.Presence(user=UserRef(id=5, name="Alice"), status="online"),
        views.Presence(user=UserRef(id=4, name="BOB"), status="away"),
    ]
    assert len(presence.everyone()) == len(presence) == 4


def test_away_and_back_is_no_coming_and_going() -> None:
    presence, _ = make()
    presence.connected(ALICE, True)
    presence.take()
    presence.set_status(ALICE, "away")
    assert presence.take() == [(ALICE, "online", "away")]
    presence.connected(ALICE, False)
    assert presence.take() == [(ALICE, "away", "offline")]


def test_a_status_of_somebody_who_is_not_here_is_ignored() -> None:
    presence, wakes = make()
    presence.set_status(ALICE, "away")
    assert wakes == []
    assert presence.status(1) == "offline"


@given(st.lists(st.tuples(st.sampled_from(["online", "away", "offline", "take"]), st.integers(1, 3)), max_size=40))
def test_whoever_adds_up_the_tellings_knows_who_is_here(acts: list[tuple[str, int]]) -> None:
    presence, _ = make()
    told: dict[int, str] = {}

    def take() -> None:
        for viewer, old, new in presence.take():
            assert told.get(viewer.id, "offline") == old != new
            told[viewer.id] = new

    for act, user in acts:
        viewer = Viewer(user, f"user{user}")
        here = presence.status(user) != "offline"
        match act:
            case "online" | "offline":
                if here != (act == "online"):
                    presence.connected(viewer, act == "online")
            case "away":
                presence.set_status(viewer, "away")
            case _:
                take()
    take()
    assert all(told.get(user, "offline") == presence.status(user) for user in (1, 2, 3))
