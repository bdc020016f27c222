"""What was written is still there."""

from pathlib import Path

from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.drafts import Draft, Drafts


async def test_a_draft_is_there_the_next_time_and_no_one_elses(tmp_path: Path) -> None:
    mine = Drafts(Store(tmp_path), "epoch", 1, 7)
    await mine.load()
    mine.keep(Draft("half a", answers=3))
    mine.keep(Draft("half a sentence", answers=3))
    await mine.close()
    assert await Drafts(Store(tmp_path), "epoch", 1, 7).load() == Draft("half a sentence", answers=3)
    assert await Drafts(Store(tmp_path), "epoch", 2, 7).load() == Draft()


def files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


async def test_what_was_sent_leaves_nothing_behind(tmp_path: Path) -> None:
    mine = Drafts(Store(tmp_path), "../x", 1, 7)
    await mine.load()
    mine.keep(Draft("text"))
    await mine.close()
    mine.keep(Draft())
    await mine.close()
    assert files(tmp_path) == []


async def test_a_file_that_makes_no_sense_is_no_draft(tmp_path: Path) -> None:
    mine = Drafts(Store(tmp_path), "e", 1, 7)
    mine.keep(Draft("text"))
    await mine.close()
    files(tmp_path)[0].write_text("{")
    assert await Drafts(Store(tmp_path), "e", 1, 7).load() == Draft()
