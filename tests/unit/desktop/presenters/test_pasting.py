"""An image from the clipboard."""

import os
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from kibitz.desktop.presenters.pasting import Pasted, Pasting


class Stage:
    """The clipboard's way, with files and a view that remember."""

    def __init__(self, clipboard: Any) -> None:
        self.clipboard = clipboard
        self.toasts: list[str] = []
        self.shared: list[tuple[int, Path]] = []
        self.uploaded: list[Path] = []
        self.asked: list[Pasted] = []
        shell = SimpleNamespace(
            view=SimpleNamespace(toast=lambda text, tone: self.toasts.append(text)),
            client=SimpleNamespace(replica=SimpleNamespace(rooms={1: "room"})),
            row=lambda held: SimpleNamespace(kind="general", title="general"),
        )
        view = SimpleNamespace(confirm_image=self.asked.append)
        self.pasting = Pasting(cast("Any", shell), cast("Any", self), cast("Any", view), self.grab)

    def grab(self) -> Any:
        if isinstance(self.clipboard, Exception):
            raise self.clipboard
        return self.clipboard

    async def share_once(self, room: int, path: Path) -> None:
        self.shared.append((room, path))

    async def upload_all(self, room: int, paths: list[Path]) -> None:
        self.uploaded += paths


async def test_an_image_is_shown_before_it_is_shared() -> None:
    stage = Stage(Image.new("RGB", (2000, 1000), "red"))
    await stage.pasting.paste(1)
    pasted = stage.asked[0]
    assert (pasted.title, pasted.room) == ("#general", 1)
    assert pasted.name.startswith("image-20")
    assert pasted.name.endswith(".png")
    assert pasted.detail.startswith("2000 × 1000 pixels, ")
    assert Image.open(BytesIO(pasted.preview)).size == (840, 420)
    assert stage.shared == []
    await stage.pasting.share(pasted.id)
    room, path = stage.shared[0]
    with Image.open(path) as shared:
        assert (room, shared.size) == (1, (2000, 1000))
    path.unlink()
    path.parent.rmdir()


async def test_an_image_that_is_not_shared_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stage = Stage(Image.new("RGB", (20, 10)))
    await stage.pasting.paste(1)
    await stage.pasting.paste(1)
    assert len(os.listdir(tmp_path)) == 2
    await stage.pasting.discard(stage.asked[0].id)
    await stage.pasting.close()
    await stage.pasting.share(stage.asked[0].id)
    assert (os.listdir(tmp_path), stage.shared) == ([], [])


async def test_copied_files_are_shared_as_they_are() -> None:
    stage = Stage(["/a/b.txt", "/a/c.txt"])
    await stage.pasting.paste(1)
    assert stage.uploaded == [Path("/a/b.txt"), Path("/a/c.txt")]


@pytest.mark.parametrize(
    ("clipboard", "words"),
    [
        (None, "There is no image on the clipboard."),
        (
            NotImplementedError("wl-paste or xclip is required"),
            "To paste images install xclip: sudo apt-get install xclip.",
        ),
        (OSError("broken"), "The image on the clipboard cannot be read: broken."),
        (ChildProcessError("xclip failed"), "The image on the clipboard cannot be read: xclip failed."),
    ],
)
async def test_a_clipboard_without_an_image_is_said_to_have_none(
    clipboard: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    stage = Stage(clipboard)
    await stage.pasting.paste(1)
    assert stage.toasts == [words]


async def test_a_damaged_image_is_refused() -> None:
    class Damaged(Image.Image):
        def load(self) -> Any:
            raise OSError("image file is truncated")

    stage = Stage(Damaged())
    await stage.pasting.paste(1)
    assert stage.toasts == ["The image on the clipboard cannot be read: image file is truncated."]
