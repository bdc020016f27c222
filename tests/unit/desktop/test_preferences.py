"""What is remembered from one start to the next."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.backends.fail
import pytest
from keyring.errors import PasswordDeleteError

from kibitz.desktop.preferences import Preferences, Settings, Store, keep_password, password_of


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("none")


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_what_was_saved_is_there_at_the_next_start_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    Store(tmp_path / "new").save(Preferences(host="example.org", port=5556, user="ann", theme="dark", scale=1.5))
    assert Store(tmp_path / "new").load() == Preferences(
        host="example.org", port=5556, user="ann", theme="dark", scale=1.5
    )
    assert (tmp_path / "new" / "preferences.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"{", b'{"port": "many"}', b"\xff\xfe", b'["a list"]'])
def test_a_file_that_makes_no_sense_is_put_aside_and_not_lost(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "preferences.json").write_bytes(content)
    assert Store(tmp_path).load() == Preferences()
    assert (tmp_path / "preferences.json.unreadable").read_bytes() == content


def test_a_newer_versions_file_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    (tmp_path / "preferences.json").write_bytes(b'{"user": "ann", "something_new": 1}')
    assert Store(tmp_path).load() == Preferences(user="ann")


def test_a_place_that_cannot_be_written_to_costs_no_more_than_the_change(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Store(tmp_path / "file").save(Preferences(user="ann"))
    assert Store(tmp_path / "file" / "deeper").load() == Preferences()


def test_names_that_are_no_file_names_have_files_of_their_own(tmp_path: Path) -> None:
    store = Store(tmp_path)
    places = {store.journal(user, host, 5555) for user in ("ann", "a/nn", "..", "Ann") for host in ("::1", "h")}
    assert len(places) == 8
    assert all(place.parent == tmp_path / "unsent" for place in places)
    assert store.tabs("a/nn", "::1", 5555).count("/") == 1


def test_changes_from_several_threads_are_all_kept(tmp_path: Path) -> None:
    kept = Settings(Store(tmp_path))
    changes: list[dict[str, Any]] = [
        {"user": "ann"},
        {"host": "example.org"},
        {"scale": 2.0},
        {"theme": "dark"},
        {"port": 7},
    ]
    threads = [threading.Thread(target=kept.change, kwargs=change) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        kept.value
        == Store(tmp_path).load()
        == Preferences(host="example.org", port=7, user="ann", theme="dark", scale=2.0)
    )


def test_a_password_is_in_the_keyring_and_in_no_file(tmp_path: Path, ring: Ring) -> None:
    assert keep_password("ann", "example.org", 5555, "correct horse")
    assert password_of("ann", "example.org", 5555) == "correct horse"
    assert password_of("ann", "example.org", 5556) is None
    assert keep_password("ann", "example.org", 5555, None)
    assert keep_password("ann", "example.org", 5555, None)
    assert not ring.kept


def test_a_system_without_a_keyring_keeps_none_and_says_so() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call] # it has no types
    try:
        assert not keep_password("ann", "example.org", 5555, "correct horse")
        assert password_of("ann", "example.org", 5555) is None
    finally:
        keyring.set_keyring(before)
