"""Files of one login, with a client that does as it is told."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.support.waiting import until

from kibitz.client.errors import Refused
from kibitz.desktop.presenters import transfers as module
from kibitz.desktop.presenters.moving import Row
from kibitz.desktop.presenters.previews import Previews
from kibitz.desktop.presenters.transfers import Transfers, free_name
from kibitz.wire.views import File

FILE = File(id=7, name="report.pdf", size=1000, mime_type="application/pdf", url="/download/7")


class Client:
    """What is under way ends when the test says so."""

    def __init__(self) -> None:
        self.connected = True
        self.replica = SimpleNamespace(server=SimpleNamespace(max_file=5000), rooms={})
        self.under_way: list[tuple[str, asyncio.Future[None]]] = []
        self.nonces: list[str] = []

    async def upload(self, room: int, path: Path, *, nonce: str, progress: Callable[[int, int], None]) -> None:
        self.nonces.append(nonce)
        progress(500, 1000)
        await self._wait(path.name)

    async def download(self, file: int, path: Path, *, progress: Callable[[int, int], None]) -> None:
        await self._wait(path.name)

    async def _wait(self, name: str) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.under_way.append((name, future))
        await future

    @property
    def names(self) -> list[str]:
        return [name for name, future in self.under_way if not future.done()]

    def end(self, error: Exception | None = None) -> None:
        """The oldest that is under way ends."""
        future = next(future for _, future in self.under_way if not future.done())
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


class Shell:
    """The main window, as far as files know it."""

    def __init__(self) -> None:
        self.client = Client()
        self.active = 1
        self.toasts: list[str] = []
        self.view = SimpleNamespace(toast=lambda text, tone: self.toasts.append(text))
        self.tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Callable[..., Any], *args: Any) -> None:
        self.tasks.add(asyncio.ensure_future(work(*args)))  # noqa: TID251 - as the bridge does it


class View:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[Row, ...]] = [()]
        self.asked: list[Path] = []

    async def show_transfers(self, rows: tuple[Row, ...]) -> None:
        self.told.append(rows)

    def ask_target(self, file: File, suggestion: Path) -> None:
        self.asked.append(suggestion)

    def show_image(self, file: File) -> None:
        """Nothing."""

    def fill_image(self, file: int, png: bytes | None, problem: str) -> None:
        """Nothing."""

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.told[-1]]


class Stage:
    """Files, and all that is around them."""

    def __init__(self, place: Path) -> None:
        self.place, self.shell, self.view = place, Shell(), View()
        self.client = self.shell.client
        previews = Previews(cast("Any", self.client), "here", place / "cache")
        self.files = Transfers(cast("Any", self.shell), self.view, previews)

    def file(self, name: str, size: int = 1000) -> Path:
        (self.place / name).write_bytes(bytes(size))
        return self.place / name


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(module, "TELL_SECONDS", 0.001)
    monkeypatch.setattr(module, "SHOWN_SECONDS", 0.001)
    monkeypatch.setattr("platformdirs.user_downloads_path", lambda: tmp_path)
    return Stage(tmp_path)


async def test_two_files_go_at_a_time_in_the_order_they_were_given(stage: Stage) -> None:
    await stage.files.upload_all(1, [stage.file(name) for name in "abcd"])
    await until(lambda: stage.client.names == ["a", "b"])
    await until(lambda: stage.view.states == ["moving", "moving", "waiting", "waiting"])
    stage.client.end()
    await until(lambda: stage.client.names == ["b", "c"])
    stage.client.end()
    await until(lambda: stage.client.names == ["c", "d"])
    stage.client.end()
    stage.client.end()
    await until(lambda: stage.view.told[-1] == ())


async def test_uploads_do_not_wait_for_downloads(stage: Stage) -> None:
    for name in "ab":
        await stage.files.download(FILE, stage.place / name)
    await stage.files.upload(1, stage.file("c"))
    await until(lambda: sorted(stage.client.names) == ["a", "b", "c"])
    await stage.files.close()


async def test_progress_is_shown_and_a_line_that_is_down_as_well(stage: Stage) -> None:
    await stage.files.upload(1, stage.file("a"))
    await until(lambda: bool(stage.view.told[-1]) and stage.view.told[-1][0].share == 0.5)
    assert stage.view.told[-1][0].detail.startswith("500 B of 1 kB")
    stage.client.connected = False
    await until(lambda: stage.view.told[-1][0].detail == "Waiting for the connection…")
    await stage.files.close()


async def test_a_file_that_failed_is_tried_again_as_the_same_upload(stage: Stage) -> None:
    await stage.files.upload(1, stage.file("a"))
    await until(lambda: stage.client.names == ["a"])
    stage.client.end(ConnectionResetError())
    await until(lambda: stage.view.states == ["failed"])
    stage.files.retry(1)
    await until(lambda: stage.client.names == ["a"])
    stage.client.end()
    await until(lambda: stage.view.told[-1] == ())
    assert len(set(stage.client.nonces)) == 1


async def test_a_file_that_was_refused_is_tried_again_as_another_upload(stage: Stage) -> None:
    await stage.files.upload(1, stage.file("a"))
    await until(lambda: stage.client.names == ["a"])
    stage.client.end(Refused("forbidden", 202, "You may not post here."))
    await until(lambda: stage.view.states == ["failed"])
    assert stage.view.told[-1][0].detail == "You may not post here."
    stage.files.retry(1)
    await until(lambda: stage.client.names == ["a"])
    assert len(set(stage.client.nonces)) == 2
    await stage.files.close()


async def test_a_file_is_given_up_whether_it_moves_or_waits(stage: Stage) -> None:
    await stage.files.upload_all(1, [stage.file(name) for name in "abc"])
    await until(lambda: stage.client.names == ["a", "b"])
    stage.files.cancel(3)
    stage.files.cancel(1)
    await until(lambda: stage.view.states == ["cancelled", "moving", "cancelled"])
    assert stage.client.under_way[0][1].cancelled()
    stage.client.end()
    await until(lambda: stage.view.states == ["cancelled", "cancelled"])
    stage.files.dismiss(1)
    stage.files.dismiss(3)
    await until(lambda: stage.view.told[-1] == ())
    assert len(stage.client.under_way) == 2


async def test_too_many_files_are_refused_and_not_queued(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    await stage.files.upload_all(1, [stage.file(name) for name in "abcd"])
    assert len(stage.files.rows) == 3
    assert "wait already" in stage.shell.toasts[0]
    await stage.files.close()


async def test_what_is_over_does_not_pile_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    for name in "abcd":
        await stage.files.download(FILE, stage.place / name)
        await until(lambda: bool(stage.client.names))
        stage.client.end()
        await until(lambda: not [row for row in stage.files.rows if row.state != "done"])
    assert [row.name for row in stage.files.rows] == ["c", "d"]


async def test_a_file_too_large_for_the_server_is_never_sent(stage: Stage) -> None:
    await stage.files.upload(1, stage.file("film", 6000))
    assert stage.shell.toasts == ["“film” has 6 kB; this server takes files of up to 5 kB."]
    assert (stage.files.rows, stage.client.under_way) == ((), [])


async def test_a_pasted_image_is_deleted_once_it_is_shared(stage: Stage) -> None:
    (stage.place / "ours").mkdir()
    path = stage.file("ours/image.png")
    await stage.files.share_once(1, path)
    await until(lambda: stage.client.names == ["image.png"])
    assert path.exists()
    stage.client.end()
    await until(lambda: not path.parent.exists())


async def test_a_download_asks_where_to_and_proposes_a_name_that_is_free_and_safe(stage: Stage) -> None:
    stage.file("report.pdf")
    await stage.files.download(FILE)
    await stage.files.download(File(id=8, name="../../.bashrc", size=1, mime_type="text/plain", url=""))
    assert stage.view.asked == [stage.place / "report (2).pdf", stage.place / ".bashrc"]


async def test_several_downloads_without_a_dialog_get_names_of_their_own(stage: Stage) -> None:
    stage.file("report.pdf")
    await stage.files.download_all((FILE, FILE))
    await until(lambda: stage.client.names == ["report (2).pdf", "report (3).pdf"])
    await stage.files.close()


async def test_two_downloads_never_write_into_one_file(stage: Stage) -> None:
    await stage.files.download(FILE, stage.place / "x")
    await stage.files.download(FILE, stage.place / "x")
    assert stage.shell.toasts == ["“x” is being downloaded already."]
    await stage.files.close()


async def test_a_disk_without_place_is_found_out_before_anything_is_fetched(stage: Stage) -> None:
    await stage.files.download(File(id=9, name="huge", size=10**15, mime_type="", url=""), stage.place / "huge")
    await until(lambda: stage.view.states == ["failed"])
    assert "too little for a file of 1000000 GB" in stage.view.told[-1][0].detail
    assert stage.client.under_way == []


async def test_logging_out_gives_up_whatever_moves(stage: Stage) -> None:
    await stage.files.upload_all(1, [stage.file(name) for name in "abc"])
    await until(lambda: stage.client.names == ["a", "b"])
    await stage.files.close()
    await asyncio.wait(stage.shell.tasks)
    assert stage.client.names == []


def test_a_free_name_keeps_its_ending(tmp_path: Path) -> None:
    for name in ("a.tar.gz", "a", ".bashrc"):
        assert free_name(tmp_path, name) == name
        (tmp_path / name).touch()
    assert free_name(tmp_path, "a.tar.gz") == "a.tar (2).gz"
    assert free_name(tmp_path, "a") == "a (2)"
    assert free_name(tmp_path, ".bashrc") == ".bashrc (2)"
    assert free_name(tmp_path, "b", {tmp_path / "b"}) == "b (2)"
