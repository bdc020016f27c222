"""What a writing command leaves, and what makes it the same when it is sent again."""

import json

import pytest

from kibitz.api.written import Written, nonce_of, seal
from kibitz.fanout.steps import Recheck
from kibitz.features.call import Outcome
from kibitz.wire.code_commands import JoinSession, LeaveSession, UpdateCode
from kibitz.wire.commands import Command, Ping, PostMessage
from kibitz.wire.results import Posted

NONCE = "7f3c9a1e5b2d4860"


def test_an_outcome_is_kept_as_it_is_sent() -> None:
    outcome = Outcome(Posted(room=1, seq=17, sent_at="now"), (Recheck(7),))
    written = seal(outcome)
    assert json.loads(written.answer) == {"room": 1, "seq": 17, "sent_at": "now"}
    assert written.steps == (Recheck(7),)
    assert Written(written.answer).steps == ()


@pytest.mark.parametrize("command", [Ping(), UpdateCode(session=7, code=""), JoinSession(session=7)])
def test_a_command_without_a_nonce_is_not_kept(command: Command) -> None:
    assert nonce_of(command) == (None, b"")


def test_sending_a_command_again_is_the_same_command() -> None:
    first = nonce_of(PostMessage(id=1, nonce=NONCE, room=1, text="hi"))
    assert first == nonce_of(PostMessage(id=2, nonce=NONCE, room=1, text="hi"))
    nonce, fingerprint = first
    assert (nonce, len(fingerprint)) == (NONCE, 16)


@pytest.mark.parametrize(
    "other",
    [
        PostMessage(nonce=NONCE, room=1, text="ho"),
        PostMessage(nonce=NONCE, room=2, text="hi"),
        JoinSession(nonce=NONCE, session=1),
    ],
)
def test_another_command_under_the_nonce_is_another(other: Command) -> None:
    assert nonce_of(other)[1] != nonce_of(PostMessage(nonce=NONCE, room=1, text="hi"))[1]


def test_commands_that_say_the_same_and_do_not_mean_it_differ() -> None:
    assert nonce_of(JoinSession(nonce=NONCE, session=7))[1] != nonce_of(LeaveSession(nonce=NONCE, session=7))[1]
