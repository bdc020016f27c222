"""What is still to be sent, on disk."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.client.journal import Journal, read
from kibitz.wire.commands import AddReaction, DeleteMessage, PostMessage, Write


def post(number: int, text: str = "hello") -> PostMessage:
    return PostMessage(room=1, text=text, nonce=f"nonce-{number:04}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "somewhere" / "unsent.jsonl"


def opened(path: Path) -> tuple[Journal, list[Write]]:
    journal = Journal(path)
    return journal, journal.open()


def test_a_journal_that_was_never_written_is_empty(path: Path) -> None:
    journal, left = opened(path)
    assert left == []
    journal.close()


def test_what_was_added_and_not_done_is_left_for_the_next_time_in_order(path: Path) -> None:
    journal, _ = opened(path)
    commands = [post(1), AddReaction(room="#kitchen", seq=3, emoji="👍", nonce="nonce-0002"), post(3, "a\nb")]
    for command in commands:
        journal.add(command)
    journal.done("nonce-0002")
    journal.close()
    again, left = opened(path)
    assert left == [commands[0], commands[2]]
    again.close()


def test_a_command_is_on_the_disk_before_add_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, _ = opened(path)
    synced: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(path.read_bytes()))
    journal.add(post(1))
    assert len(synced) == 1
    assert read(synced[0]) == ([post(1)], 0)
    journal.close()


def test_a_journal_of_which_all_is_done_is_empty_again(path: Path) -> None:
    journal, _ = opened(path)
    for number in range(100):
        journal.add(post(number))
        journal.done(f"nonce-{number:04}")
    assert path.stat().st_size == 0
    journal.close()


def test_opening_drops_what_is_not_needed_any_more(path: Path) -> None:
    journal, _ = opened(path)
    journal.add(post(0))
    for number in range(1, 50):
        journal.add(post(number))
        journal.done(f"nonce-{number:04}")
    journal.close()
    long = path.stat().st_size
    again, _ = opened(path)
    assert path.stat().st_size < long / 20
    again.close()


def test_nobody_else_may_read_what_people_say(path: Path) -> None:
    journal, _ = opened(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    journal.close()


def test_a_line_that_cannot_be_read_costs_no_other_and_is_kept(path: Path) -> None:
    path.parent.mkdir()
    journal, _ = opened(path)
    journal.add(post(1))
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"type":"from_the_future"}\n\xff\n')
    again, left = opened(path)
    again.add(post(2))
    again.close()
    assert left == [post(1)]
    assert b"from_the_future" in path.with_name("unsent.jsonl.unreadable").read_bytes()
    assert read(path.read_bytes()) == ([post(1), post(2)], 0)


def test_a_command_that_could_not_be_written_is_not_taken_and_spoils_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, _ = opened(path)
    journal.add(post(1))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            journal.add(post(2))
    journal.add(post(3))
    journal.close()
    assert read(path.read_bytes()) == ([post(1), post(3)], 0)


commands = st.one_of(
    st.builds(PostMessage, room=st.just("#kitchen"), text=st.text(max_size=20)),
    st.builds(DeleteMessage, room=st.just(1), seq=st.integers(0, 9)),
)


@given(st.lists(st.tuples(commands, st.booleans()), max_size=12))
def test_cut_off_at_any_byte_a_journal_still_says_what_was_finished_by_then(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[Write, bool]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "unsent.jsonl"
    journal, _ = opened(path)
    journal.add(post(9999))  # never done, so that the file is only ever added to
    expected = [(path.stat().st_size, ["nonce-9999"])]
    pending = ["nonce-9999"]
    for number, (command, done) in enumerate(wanted):
        named = type(command)(
            **{**{f: getattr(command, f) for f in command.__struct_fields__}, "nonce": f"nonce-{number:04}"}
        )
        journal.add(named)
        pending = [*pending, f"nonce-{number:04}"]
        expected.append((path.stat().st_size, pending))
        if done:
            journal.done(f"nonce-{number:04}")
            pending = pending[:-1]
            expected.append((path.stat().st_size, pending))
    journal.close()
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        left, unreadable = read(whole[:cut])
        by_then = [nonces for size, nonces in expected if size <= cut]
        assert [command.nonce for command in left] == (by_then[-1] if by_then else [])
        assert unreadable == 0


def test_after_a_cut_the_next_command_does_not_run_into_the_half_line(path: Path) -> None:
    journal, _ = opened(path)
    journal.add(post(1))
    journal.add(post(2))
    journal.close()
    os.truncate(path, path.stat().st_size - 5)
    again, left = opened(path)
    again.add(post(3))
    again.close()
    assert left == [post(1)]
    assert read(path.read_bytes()) == ([post(1), post(3)], 0)
