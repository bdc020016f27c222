"""Following whether the system is light or dark."""

import asyncio
from contextlib import suppress
from pathlib import Path

import darkdetect
import pytest

from kibitz.desktop.preferences import Settings, Store
from kibitz.desktop.theme import Mode, detect, follow, wanted


async def test_what_the_person_has_chosen_comes_before_what_the_system_says(tmp_path: Path) -> None:
    kept = Settings(Store(tmp_path))
    assert await wanted(kept, lambda: "dark") == "dark"
    kept.change(theme="light")
    assert await wanted(kept, lambda: "dark") == "light"


async def test_the_system_is_followed_while_it_changes_and_worn_once_for_each_change(tmp_path: Path) -> None:
    kept = Settings(Store(tmp_path))
    says: list[Mode] = ["light", "light", "dark", "dark", "light"]
    worn: list[Mode] = []
    with suppress(TimeoutError, IndexError):
        async with asyncio.timeout(10):
            await follow(kept, worn.append, every=0, look=lambda: says.pop(0))
    assert worn == ["light", "dark", "light"]


def test_a_system_that_cannot_say_is_light(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> bool:
        raise FileNotFoundError("gsettings")

    monkeypatch.setattr(darkdetect, "isDark", nothing)
    assert detect() == "light"
    monkeypatch.setattr(darkdetect, "isDark", lambda: True)
    assert detect() == "dark"
