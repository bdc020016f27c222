"""What codecs share: whom they speak of, and how they say no."""

import pytest

from kibitz.domain.errors import CODES, Refusal
from kibitz.wire.codec import Label, Misread, Printed, Roster, Sheet, Viewer


def test_what_could_not_be_read_is_refused_like_anything_else() -> None:
    misread = Misread("malformed", "This is not JSON.", 7)
    assert isinstance(misread, Refusal)
    assert (misread.number, misread.http_status) == CODES["malformed"]
    assert (misread.message, misread.id) == ("This is not JSON.", 7)


def test_a_message_without_an_id_has_the_id_zero() -> None:
    assert Misread("malformed", "This is not JSON.").id == 0


def test_a_roster_without_changes_tells_of_none() -> None:
    assert Roster(("alice",)) == Roster(("alice",), joined=(), left=())


@pytest.mark.parametrize(
    "thing", [Label(1, "general", "general"), Roster(()), Sheet("x", "alice", 1), Printed("", ""), Viewer(1, "alice")]
)
def test_a_context_can_be_a_key(thing: object) -> None:
    assert len({thing, thing}) == 1
