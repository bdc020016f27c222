"""Who wrote what: whatever is done to a text, the passages are the text."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kibitz.coedit.engine import Change, Edit, Replica
from kibitz.coedit.passages import Authorship, Passage, decode

words = st.sampled_from(["a", "é", "😀", "def f():\n", "  ", "漢字"])


def test_a_passage_is_what_one_user_wrote_without_a_break() -> None:
    authorship = Authorship()
    authorship.change([Change(added=5)], 1)
    authorship.change([Change(kept=2), Change(added=3)], 2)
    authorship.change([Change(kept=8), Change(added=1)], 1)
    assert authorship.of("heYOUllo!") == [Passage(1, "he"), Passage(2, "YOU"), Passage(1, "llo!")]


def test_what_was_taken_out_is_nobody_s() -> None:
    authorship = Authorship()
    authorship.change([Change(added=6)], 1)
    authorship.change([Change(kept=1), Change(removed=4), Change(added=1)], 2)
    assert authorship.of("a-f") == [Passage(1, "a"), Passage(2, "-"), Passage(1, "f")]


def test_a_character_is_never_cut_even_where_the_counts_are_wrong() -> None:
    assert "".join(passage.text for passage in Authorship([(1, 2), (2, 1)]).of("😀bc")) == "😀bc"


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 1), st.integers(0, 3), words), max_size=20))
def test_passages_joined_are_the_text_and_survive_being_stored(acts: list[tuple[int, float, int, str]]) -> None:
    replica, authorship = Replica(), Authorship()
    steps: list[Change] = []
    written: dict[int, str] = {1: "", 2: "", 3: ""}
    for user, where, removed, added in acts:
        text = replica.text
        at = int(where * len(text))
        gone = text[at : at + removed]
        with replica.following(steps.extend):
            replica.edit([Edit(len(text[:at].encode()), len(gone.encode()), added)])
        authorship.change(steps, user)
        steps.clear()
        written[user] += added
    passages = authorship.of(replica.text)
    assert "".join(passage.text for passage in passages) == replica.text
    assert all(set(passage.text) <= set(written[passage.user]) for passage in passages)
    assert all(one.user != other.user for one, other in itertools.pairwise(passages))
    assert decode(authorship.encode(), 0).of(replica.text) == passages
