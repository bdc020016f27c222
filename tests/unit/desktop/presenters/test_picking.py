"""Choosing files."""

import os
from pathlib import Path
from typing import Any, cast

from kibitz.desktop.presenters import picking as module
from kibitz.desktop.presenters.picking import Folder, Picking, listed


class Stage:
    """A choice in a folder, with a view that remembers."""

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self.folders: list[Folder] = []
        self.refused: list[str] = []
        self.asked: list[str] = []
        self.closed = 0
        self.taken: list[tuple[Path, ...]] = []
        self.picking = Picking(cast("Any", None), folder, name, self.take)

    async def take(self, paths: tuple[Path, ...]) -> None:
        self.taken.append(paths)

    def show_folder(self, folder: Folder) -> None:
        self.folders.append(folder)

    def refuse(self, problem: str) -> None:
        self.refused.append(problem)

    def ask_replace(self, name: str) -> None:
        self.asked.append(name)

    def close(self) -> None:
        self.closed += 1

    @property
    def names(self) -> list[str]:
        return [place.name for place in self.folders[-1].places]


async def test_a_folder_shows_its_folders_first_and_hides_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.txt", "A.txt", ".hidden"):
        (tmp_path / name).write_bytes(bytes(1500))
    (tmp_path / "zoo").mkdir()
    os.symlink("/nowhere", tmp_path / "link")
    stage = Stage(tmp_path)
    await stage.picking.open(stage)
    assert stage.names == ["zoo", "A.txt", "b.txt", "link"]
    assert stage.folders[-1].places[1].size == "1.5 kB"
    await stage.picking.show_hidden(True)
    assert ".hidden" in stage.names


async def test_one_goes_down_and_up_again_and_anywhere_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "zoo" / "cats").mkdir(parents=True)
    stage = Stage(tmp_path)
    await stage.picking.open(stage)
    for where in ("zoo", "cats", "..", str(tmp_path)):
        await stage.picking.go(where)
    assert [folder.path.removeprefix(str(tmp_path)) for folder in stage.folders] == [
        "",
        "/zoo",
        "/zoo/cats",
        "/zoo",
        "",
    ]
    await stage.picking.go("nowhere")
    assert stage.refused == ["There is no folder nowhere."]


async def test_several_files_are_chosen_at_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.picking.open(stage)
    await stage.picking.choose(())
    assert (stage.refused, stage.taken) == (["Choose a file first."], [])
    await stage.picking.choose(("a", "b"))
    assert (stage.taken, stage.closed) == ([(tmp_path / "a", tmp_path / "b")], 1)


async def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"mine")
    stage = Stage(tmp_path, "report.pdf")
    await stage.picking.open(stage)
    await stage.picking.save("report.pdf")
    assert (stage.asked, stage.taken) == (["report.pdf"], [])
    await stage.picking.save_over("report.pdf")
    assert stage.taken == [(tmp_path / "report.pdf",)]


async def test_a_name_stays_in_its_folder_and_a_folders_name_leads_there(tmp_path: Path) -> None:
    (tmp_path / "zoo").mkdir()
    stage = Stage(tmp_path, "x")
    await stage.picking.open(stage)
    await stage.picking.save(" ")
    assert stage.refused == ["Enter a name for the file."]
    await stage.picking.save("zoo")
    assert stage.folders[-1].path == str(tmp_path / "zoo")
    await stage.picking.save("../../etc/passwd")
    assert stage.taken == [(tmp_path / "zoo" / "passwd",)]


def test_a_folder_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert listed(tmp_path / "file").problem == "This folder cannot be read: Not a directory."


def test_a_huge_folder_is_listed_in_part(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(9):
        (tmp_path / str(number)).touch()
    assert len(listed(tmp_path).places) == 3
