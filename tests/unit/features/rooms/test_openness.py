"""Who may make a room public."""

import pytest

from kibitz.domain.access import Actor
from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import Visibility
from kibitz.domain.users import Role
from kibitz.features.rooms.openness import check_may_be


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MEMBER])
@pytest.mark.parametrize("visibility", Visibility)
def test_a_member_of_the_server_may_have_rooms_of_either_kind(role: Role, visibility: Visibility) -> None:
    check_may_be(visibility, Actor(1, "alice", role))


def test_a_guest_may_have_private_rooms_only() -> None:
    guest = Actor(1, "alice", Role.GUEST)
    check_may_be(Visibility.PRIVATE, guest)
    with pytest.raises(Refusal) as refused:
        check_may_be(Visibility.PUBLIC, guest)
    assert refused.value.code == "forbidden"
