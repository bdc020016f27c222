"""What is known of shared files, and who is shown it."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.rooms import group, say

from kibitz.domain.errors import Refusal
from kibitz.storage import Tx, files, messages
from kibitz.storage.files import NewFile
from kibitz.storage.seed import GENERAL_ID
from kibitz.wire.views import File


def share(tx: Tx, room: int, sender: int, seq: int, name: str = "plan.txt", sha256: str = "a" * 64) -> File:
    return files.write_down(tx, NewFile(room, seq, sender, name, 5, "text/plain", sha256, NOW))


def test_a_file_is_written_down_and_found_again() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        file = share(tx, GENERAL_ID, alice.id, 7)
        assert file == File(id=1, name="plan.txt", size=5, mime_type="text/plain", url="/download/1")
        row = files.need(tx, 1)
        assert (row.room, row.message_seq, row.sender, row.sha256) == (GENERAL_ID, 7, alice.id, "a" * 64)
        assert (row.name, row.size, row.mime_type) == ("plan.txt", 5, "text/plain")


def test_a_file_that_never_was_or_was_taken_back_is_not_found() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        file = share(tx, GENERAL_ID, alice.id, say(tx, GENERAL_ID, alice))
        messages.erase(tx, GENERAL_ID, 1, NOW)
        for missing in (file.id, 2):
            with pytest.raises(Refusal) as refused:
                files.need(tx, missing)
            assert refused.value.code == "not_found"


def test_a_page_holds_the_files_of_ones_rooms_newest_first() -> None:
    with transaction() as tx:
        alice, bob, carol = (person(tx, name) for name in ("alice", "bob", "carol"))
        kitchen = group(tx, alice, bob)
        attic = group(tx, alice, name="attic")
        for room, seq in ((GENERAL_ID, 1), (kitchen, 1), (attic, 1), (kitchen, 2)):
            share(tx, room, alice.id, seq)

        def seen(user: int, room: int | None = None, before: int | None = None, limit: int = 9) -> list[int]:
            return [one.file.id for one in files.page(tx, user, room, before, limit)]

        assert seen(alice.id) == [4, 3, 2, 1]
        assert seen(bob.id) == [4, 2, 1]
        assert seen(carol.id) == [1]
        assert seen(bob.id, kitchen) == [4, 2]
        assert seen(bob.id, attic) == []
        assert seen(bob.id, None, 4, 1) == [2]
        shown = files.page(tx, bob.id, kitchen, None, 1)[0]
        assert (shown.room, shown.seq, shown.sender.name, shown.shared_at) == (kitchen, 2, "alice", NOW)


def test_a_blob_is_used_as_long_as_one_file_needs_it() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        for digest in ("a", "a", "b"):
            share(tx, GENERAL_ID, alice.id, say(tx, GENERAL_ID, alice), sha256=digest * 64)
        asked = ["a" * 64, "b" * 64, "c" * 64]
        assert files.used(tx, asked) == {"a" * 64, "b" * 64}
        messages.erase(tx, GENERAL_ID, 1, NOW)
        messages.erase(tx, GENERAL_ID, 3, NOW)
        assert files.used(tx, asked) == {"a" * 64}
        messages.erase(tx, GENERAL_ID, 2, NOW)
        assert files.used(tx, asked) == set()
        assert files.used(tx, []) == set()
