"""Who is called by name in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.domain.errors import Refusal
from kibitz.domain.mentions import EVERYONE, MAX_MENTIONS, mentioned
from kibitz.domain.users import clean_name, name_key


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("no one", ()),
        ("@alice", ("alice",)),
        ("hi @Alice, and you @bob.", ("alice", "bob")),
        ("@alice,@bob;(@carol)", ("alice", "bob", "carol")),
        ("@alice @ALICE @\uff41lice", ("alice",)),
        ("**@alice** and [@bob](https://example.org)", ("alice", "bob")),
        ("@snake_case and @anne-marie and @dave.m.", ("snake_case", "anne-marie", "dave.m")),
        ("@नमस्ते, @李雷", ("नमस्ते", "李雷")),
        ("@all look", (EVERYONE,)),
        ("> quoted @alice\n\n- item @bob", ("alice", "bob")),
    ],
)
def test_names_after_an_at_sign_are_called_in_order_each_once(text: str, called: tuple[str, ...]) -> None:
    assert mentioned(text) == called


@pytest.mark.parametrize(
    "text",
    [
        "`@alice`",
        "```python\n@alice\ndef f(): ...\n```",
        "    @alice",
        "alice@example.org",
        "a.@alice",
        "@@alice",
        "@ alice",
        "@",
        "@.x",
        "@" + "x" * 33,
        "<mailto:bob@example.org>",
        "[link](https://example.org/@alice)",
    ],
)
def test_code_addresses_and_links_call_nobody(text: str) -> None:
    assert mentioned(text) == ()


def test_one_message_calls_so_many_and_no_more() -> None:
    text = " ".join(f"@user{number}" for number in range(MAX_MENTIONS + 10))
    assert mentioned(text) == tuple(f"user{number}" for number in range(MAX_MENTIONS))


@given(st.text(min_size=1, max_size=12))
def test_whoever_has_a_name_can_be_called_by_it(name: str) -> None:
    try:
        cleaned = clean_name(name)
    except Refusal:
        return
    if "_" not in cleaned:  # Markdown may read it as emphasis, which is tested above where it does not
        assert mentioned(f"hey @{cleaned}!") == (name_key(cleaned),)


@given(st.text(alphabet="@ab_*`>[]()\n \\!<", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert len(mentioned(text)) <= MAX_MENTIONS
