"""Views: what anyone may see, and no more."""

import msgspec
import pytest

from kibitz.wire.views import Message, Piece, RunResult, Token, User, UserRef, View

PRIVATE = {"password", "password_hash", "secret", "digest", "email", "address"}


@pytest.mark.parametrize("view", View.__subclasses__(), ids=lambda view: view.__name__)
def test_no_view_has_a_place_for_what_is_private(view: type[View]) -> None:
    assert not PRIVATE & set(view.__struct_fields__)


def test_a_plain_message_is_small_on_the_wire() -> None:
    message = Message(room=1, seq=2, sender=UserRef(id=1, name="alice"), text="hi", sent_at="2026-01-31T12:00:00.000Z")
    assert msgspec.json.encode(message) == (
        b'{"room":1,"seq":2,"sender":{"id":1,"name":"alice"},"text":"hi","sent_at":"2026-01-31T12:00:00.000Z"}'
    )


@pytest.mark.parametrize(
    ("result", "success"),
    [
        (RunResult(exit_code=0, duration_ms=1), True),
        (RunResult(exit_code=0, duration_ms=1, truncated=True), True),
        (RunResult(exit_code=2, duration_ms=1), False),
        (RunResult(exit_code=None, signal="SIGKILL", duration_ms=1), False),
        (RunResult(exit_code=0, killed_for="stopped", duration_ms=1), False),
    ],
)
def test_a_run_has_succeeded_if_it_says_so_and_nobody_ended_it(result: RunResult, success: bool) -> None:
    assert result.success is success


def test_a_piece_of_output_is_a_pair_on_the_wire() -> None:
    assert msgspec.json.encode(Piece(stream="stderr", text="oh")) == b'["stderr","oh"]'


@pytest.mark.parametrize(("kind", "fields"), [(User, {"role": "king"}), (Token, {"kind": "cookie"})])
def test_a_word_that_is_none_of_the_known_ones_is_refused(kind: type[View], fields: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError, match="enum"):
        msgspec.convert({"id": 1, "name": "alice", "created_at": "", **fields}, kind)
