"""The system's notifications, by a library that does as it is told; the real one is tried in tests/desktop/test_notifications.py."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kibitz.desktop.presenters import board as module
from kibitz.desktop.presenters.board import SystemBoard


class Library:
    """`desktop_notifier`, as far as it is used."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[str, str]] = {}
        self.sent = 0
        self.works = True

    def DesktopNotifier(self, **_: Any) -> "Library":  # noqa: N802 - the library calls it so
        return self

    async def send(self, title: str, text: str, *, icon: None, on_clicked: Callable[[], None]) -> str:
        self.sent += 1
        if self.works:
            self.shown[str(self.sent)] = (title, text)
        return str(self.sent)

    async def get_current_notifications(self) -> list[str]:
        return list(self.shown)

    async def clear(self, sent: str) -> None:
        del self.shown[sent]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setattr(module, "import_module", lambda name: made)
    monkeypatch.setattr(module, "sys", SimpleNamespace(platform="linux"))
    return made


async def test_a_notice_takes_the_place_of_the_one_before_and_is_no_markup(library: Library) -> None:
    board = SystemBoard()
    await board.put("room 1", "ben", "one", lambda: None)
    await board.put("room 1", "ben", "a <b>&", lambda: None)
    await board.put("room 2", "carol", "hello", lambda: None)
    assert list(library.shown.values()) == [("ben", "a &lt;b&gt;&amp;"), ("carol", "hello")]
    await board.take("room 1")
    await board.take("room 1")
    assert list(library.shown.values()) == [("carol", "hello")]
    await board.close()
    assert library.shown == {}


async def test_a_desktop_without_notifications_is_left_alone_for_a_while(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.works = False
    board = SystemBoard()
    for _ in range(5):
        await board.put("room 1", "ben", "hello", lambda: None)
    assert library.sent == 1
    monkeypatch.setattr(board, "_not_before", 0.0)
    library.works = True
    await board.put("room 1", "ben", "hello", lambda: None)
    assert len(library.shown) == 1


async def test_notices_do_not_pile_up(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    board = SystemBoard()
    for number in range(9):
        await board.put(f"room {number}", "ben", "hello", lambda: None)
    assert len(library.shown) == 3


async def test_a_library_that_cannot_be_loaded_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(module, "import_module", missing)
    board = SystemBoard()
    await board.put("room 1", "ben", "hello", lambda: None)
    await board.close()
