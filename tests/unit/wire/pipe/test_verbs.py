"""The table of verbs is what the protocol lists."""

import pytest

from kibitz.domain.errors import Refusal
from kibitz.wire.commands import Command, GetHistory
from kibitz.wire.pipe.verbs import SPOKEN, VERBS, Verb

PROMISED = {
    "BROADCAST", "PERSONAL", "GROUP", "CREATE_GROUP", "ADD_MEMBER", "REMOVE_MEMBER", "LEAVE_GROUP", "GROUP_MEMBERS",
    "LIST_CLIENTS", "LIST_GROUPS", "GET_MESSAGES", "LIST_FILES", "DELETE_FILE", "CREATE_CODE_SESSION", "JOIN_CODE_SESSION",
    "LEAVE_CODE_SESSION", "CODE_UPDATE", "EXECUTE_CODE", "INVITE_TO_CODE", "PING", "HELP", "QUIT",
}  # fmt: skip


def test_every_verb_that_was_promised_is_there() -> None:
    assert VERBS.keys() == PROMISED


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_no_verb_needs_more_than_it_takes(verb: Verb) -> None:
    assert verb.needs <= verb.takes


@pytest.mark.parametrize("verb", SPOKEN, ids=lambda verb: verb.name)
def test_a_verb_that_help_lists_works(verb: Verb) -> None:
    examples = {
        "DELETE_FILE": ["7"],
        "GET_MESSAGES": ["BROADCAST"],
        "JOIN_CODE_SESSION": ["7"],
        "LEAVE_CODE_SESSION": ["7"],
        "CODE_UPDATE": ['{"session_id": 1, "code": "…", "version": 3}'],
        "EXECUTE_CODE": ['{"session_id": 1, "input": "…"}'],
        "INVITE_TO_CODE": ['{"session_id": 1, "recipient": "bob"}'],
    }
    assert isinstance(verb.build(*examples.get(verb.name, ["kitchen"] * verb.needs)), Command)
    assert verb.purpose


@pytest.mark.parametrize("verb", [verb for verb in SPOKEN if verb.verbatim], ids=lambda verb: verb.name)
def test_the_json_that_help_shows_can_be_sent_as_it_stands(verb: Verb) -> None:
    assert isinstance(verb.build(verb.usage.partition("|")[2]), Command)


@pytest.mark.parametrize(
    ("fields", "room"),
    [
        (["BROADCAST"], "#general"),
        (["broadcast", ""], "#general"),
        (["PERSONAL", "bob"], "@bob"),
        (["GROUP", "attic"], "#attic"),
    ],
)
def test_a_history_is_of_a_room(fields: list[str], room: str) -> None:
    assert VERBS["GET_MESSAGES"].build(*fields) == GetHistory(room=room, limit=50)


@pytest.mark.parametrize("fields", [["ALL"], ["PERSONAL"], ["GROUP", ""], ["BROADCAST", "attic"]])
def test_a_history_of_nothing_says_how_to_ask(fields: list[str]) -> None:
    with pytest.raises(Refusal, match=r"GET_MESSAGES\|PERSONAL\|user"):
        VERBS["GET_MESSAGES"].build(*fields)
