"""Pictures of what strangers share."""

import asyncio
import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from kibitz.client.errors import Refused
from kibitz.desktop.presenters import previews as module
from kibitz.desktop.presenters.previews import AT_ONCE, MAX_BYTES, Previews, prune
from kibitz.wire.views import File


class Source:
    """A server that has these files."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = contents
        self.fetched: list[int] = []
        self.under_way = self.most = 0
        self.fails: Exception | None = None

    async def download(self, file: int, path: Path) -> None:
        self.fetched.append(file)
        if self.fails is not None:
            raise self.fails
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        await asyncio.to_thread(path.write_bytes, self.contents[file])
        self.under_way -= 1


def image(width: int, height: int, kind: str = "PNG", mode: str = "RGB", **options: object) -> bytes:
    target = BytesIO()
    Image.new(mode, (width, height), 200 if mode == "P" else "red").save(target, kind, **options)
    return target.getvalue()


def file(number: int = 0, kind: str = "image/png", size: int = 1000) -> File:
    return File(id=number, name=f"{number}.png", size=size, mime_type=kind, url=f"/download/{number}")


def opened(png: bytes | None) -> Image.Image:
    assert png is not None
    return Image.open(BytesIO(png))


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "RGB"), ("GIF", "P"), ("WEBP", "RGB")]
)
async def test_every_kind_of_image_becomes_a_small_png(tmp_path: Path, kind: str, mode: str) -> None:
    previews = Previews(Source(image(900, 300, kind, mode)), "here", tmp_path)
    small = opened(await previews.thumbnail(file(kind=f"image/{kind.lower()}"), 300))
    assert (small.format, small.size) == ("PNG", (300, 100))


async def test_a_small_image_is_not_enlarged(tmp_path: Path) -> None:
    previews = Previews(Source(image(20, 10)), "here", tmp_path)
    assert opened(await previews.thumbnail(file(), 300)).size == (20, 10)


async def test_a_photograph_is_turned_as_the_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    previews = Previews(Source(image(400, 200, "JPEG", exif=exif)), "here", tmp_path)
    assert opened(await previews.thumbnail(file(kind="image/jpeg"), 100)).size == (50, 100)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says to be of many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no image",
        image(50, 50)[:-200][:80],
        bomb(6000, 6000),
        bomb(12_000, 12_000),
        bomb(60_000, 60_000),
        image(9, 9, "TIFF"),
    ],
    ids=["empty", "text", "cut off", "a large bomb", "a larger one", "the largest", "another format"],
)
async def test_what_cannot_be_shown_is_nothing_and_fetched_once(tmp_path: Path, content: bytes) -> None:
    source = Source(content)
    previews = Previews(source, "here", tmp_path)
    for _ in range(3):
        assert await previews.thumbnail(file(), 100) is None
    assert source.fetched == [0]
    assert not previews.can_show(file())
    assert (await previews.fit(file(), 10, 10))[0] is None


async def test_what_is_no_image_or_too_large_is_not_even_fetched(tmp_path: Path) -> None:
    source = Source(b"")
    previews = Previews(source, "here", tmp_path)
    for one in (file(kind="image/svg+xml"), file(kind="application/pdf"), file(size=MAX_BYTES + 1), file(size=0)):
        assert await previews.thumbnail(one, 100) is None
    assert source.fetched == []


@pytest.mark.parametrize("error", [Refused("not_found", 300, "File not found."), OSError("gone"), TimeoutError()])
async def test_an_image_that_cannot_be_fetched_now_is_fetched_later(tmp_path: Path, error: Exception) -> None:
    source = Source(image(10, 10))
    source.fails = error
    previews = Previews(source, "here", tmp_path)
    assert await previews.thumbnail(file(), 100) is None
    source.fails = None
    assert opened(await previews.thumbnail(file(), 100)).size == (10, 10)


async def test_an_image_is_fetched_once_for_whoever_wants_it_at_once_and_later(tmp_path: Path) -> None:
    source = Source(image(500, 500))
    previews = Previews(source, "here", tmp_path)
    await asyncio.gather(*(previews.thumbnail(file(), width) for width in (100, 100, 200)))
    again = Previews(source, "here", tmp_path)
    assert opened(await again.thumbnail(file(), 100)).size == (100, 100)
    assert source.fetched == [0]
    await Previews(source, "another server", tmp_path).thumbnail(file(), 100)
    assert source.fetched == [0, 0]


async def test_only_a_few_images_are_fetched_at_a_time(tmp_path: Path) -> None:
    source = Source(*[image(10, 10)] * 12)
    previews = Previews(source, "here", tmp_path)
    await asyncio.gather(*(previews.thumbnail(file(number), 100) for number in range(12)))
    assert len(source.fetched) == 12
    assert 1 <= source.most <= AT_ONCE


async def test_memory_is_bounded_and_what_was_used_last_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = [Image.effect_noise((64, 64), 50 + number).convert("RGB") for number in range(5)]
    contents = []
    for one in noise:
        target = BytesIO()
        one.save(target, "PNG")
        contents.append(target.getvalue())
    monkeypatch.setattr(module, "MEMORY_BYTES", 3 * len(contents[0]))
    previews = Previews(Source(*contents), "here", tmp_path)
    for number in (0, 1, 2, 0, 3, 4):
        await previews.thumbnail(file(number), 64)
    assert previews._held <= module.MEMORY_BYTES
    assert previews._held == sum(map(len, previews._memory.values()))
    assert "4-64" in previews._memory


def test_the_disk_is_bounded_and_the_oldest_goes_first(tmp_path: Path) -> None:

    for number in range(10):
        (tmp_path / str(number)).write_bytes(bytes(100))
        os.utime(tmp_path / str(number), (number, number))
    prune(tmp_path, 350)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["7", "8", "9"]
    prune(tmp_path / "nowhere", 350)


async def test_a_window_gets_the_image_as_large_as_fits(tmp_path: Path) -> None:
    previews = Previews(Source(image(2000, 1000)), "here", tmp_path)
    png, problem = await previews.fit(file(), 1000, 900)
    assert (opened(png).size, problem) == ((1000, 500), "")


async def test_a_disk_that_is_full_costs_nothing_but_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, png: bytes) -> None:
        with_error = OSError(28, "No space left on device")
        raise with_error

    previews = Previews(Source(image(30, 10)), "here", tmp_path)
    monkeypatch.setattr(Path, "replace", full)
    assert opened(await previews.thumbnail(file(), 10)).size == (10, 3)
