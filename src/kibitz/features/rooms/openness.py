"""Who may make a room public.

Rule: the right is decided by `access.may`; it is asked here and not by the command table, because a field of the command brings it up.
"""

from kibitz.domain.access import Act, Actor, may
from kibitz.domain.errors import Refusal
from kibitz.domain.rooms import Visibility


def check_may_be(visibility: Visibility, actor: Actor) -> None:
    """Raises `Refusal("forbidden")` unless the actor may give a room this visibility."""
    if visibility is Visibility.PUBLIC and not may(actor, Act.CREATE_PUBLIC_ROOM):
        raise Refusal("forbidden", "Guests cannot make a group public; leave it private.")
