"""Files between two people at their windows."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kibitz.client import files as client_files
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.views.desk import FilesDesk
from kibitz.wire.views import File
from tests.desktop.stage import Person, person
from tests.support.server import Server, serving


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "ann") as one:
        yield one


@pytest.fixture
def ben(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "ben") as one:
        yield one


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches and downloads of a test are its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(tmp_path / "Downloads"))
    (tmp_path / "Downloads").mkdir()


def desk(one: Person) -> FilesDesk:
    assert one.app.desk is not None
    return one.app.desk


def strip(one: Person) -> Any:
    """What the conversation in front shows of its files."""
    return desk(one).strip(one.main.shown or 0)


def rows(one: Person) -> list[Any]:
    return list(strip(one).rows.values())


def says(one: Person, words: str) -> bool:
    """Whether a toast says this."""
    return any(words in str(label.cget("text")) for toast in one.main._toasts for label in toast.winfo_children())


def files(one: Person) -> Any:
    """What is done about files, as views call it."""
    return desk(one).files


def shared(one: Person) -> list[File]:
    """The files in the conversation in front, as this person's client knows them."""
    transfers: Transfers = files(one)._presenter
    held = transfers._shell.client.replica.rooms[one.main.shown or 0]
    return [message.file for message in held.messages.values() if message.file is not None and not message.deleted]


class Line:
    """A line on which everything stops once so much of a file has gone, until it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()

    def up(self, pieces: Iterator[bytes], stop: threading.Event) -> Iterator[bytes]:
        for count, piece in enumerate(pieces):
            yield piece
            while count == 3 and not self.open.wait(0.02) and not stop.is_set():
                pass


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Uploads stop after three pieces."""
    made, body = Line(), client_files._body
    monkeypatch.setattr(
        client_files, "_body", lambda *args: made.up(body(*args), next(a for a in args if hasattr(a, "is_set")))
    )
    yield made
    made.open.set()


def test_a_file_goes_up_with_progress_and_down_again(
    tmp_path: Path, server: Server, ann: Person, ben: Person, line: Line
) -> None:
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(10_000_000))
    files(ann).upload(ann.main.shown or 0, film)
    ann.until(lambda: rows(ann) and rows(ann)[0].detail.cget("text").startswith("786 kB of 10 MB"))
    assert 0.07 < rows(ann)[0].progress.get() < 0.08
    line.open.set()
    ann.until(lambda: shared(ben))
    ann.until(lambda: rows(ann) == [])
    copy = tmp_path / "copy.mp4"
    files(ben).download(shared(ben)[0], copy)
    ben.until(lambda: rows(ben) and "show" in rows(ben)[0].buttons)
    assert copy.read_bytes() == film.read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_an_upload_that_is_cancelled_leaves_nothing_behind(
    tmp_path: Path, server: Server, ann: Person, line: Line
) -> None:
    ann.log_in(server, "ann")
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(10_000_000))
    files(ann).upload(ann.main.shown or 0, film)
    ann.until(lambda: rows(ann) and rows(ann)[0].progress.get() > 0.05)
    rows(ann)[0].buttons["cancel"].invoke()
    ann.until(lambda: rows(ann)[0].detail.cget("text") == "Cancelled")
    ann.until(lambda: not [one for one in (server.data / "files").rglob("*") if one.is_file()])
    assert shared(ann) == []
    rows(ann)[0].buttons["dismiss"].invoke()
    ann.until(lambda: not strip(ann).winfo_ismapped())


def test_a_cancelled_upload_can_be_tried_again(tmp_path: Path, server: Server, ann: Person, line: Line) -> None:
    ann.log_in(server, "ann")
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(3_000_000))
    files(ann).upload(ann.main.shown or 0, film)
    ann.until(lambda: rows(ann) and rows(ann)[0].progress.get() > 0.05)
    rows(ann)[0].buttons["cancel"].invoke()
    ann.until(lambda: "retry" in rows(ann)[0].buttons)
    line.open.set()
    rows(ann)[0].buttons["retry"].invoke()
    ann.until(lambda: [file.size for file in shared(ann)] == [3_000_000])


def test_a_file_is_shared_once_though_the_server_is_killed_meanwhile(
    tmp_path: Path, server: Server, ann: Person, line: Line
) -> None:
    ann.log_in(server, "ann")
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(10_000_000))
    files(ann).upload(ann.main.shown or 0, film)
    ann.until(lambda: rows(ann) and rows(ann)[0].progress.get() > 0.05)
    server.kill()
    ann.until(lambda: rows(ann)[0].detail.cget("text") == "Waiting for the connection…")
    line.open.set()
    server.start()
    ann.until(lambda: [file.size for file in shared(ann)] == [10_000_000])
    ann.until(lambda: rows(ann) == [])
    assert len(shared(ann)) == 1


def test_only_two_files_go_up_at_a_time(tmp_path: Path, server: Server, ann: Person, line: Line) -> None:
    ann.log_in(server, "ann")
    for number in range(6):
        (tmp_path / f"{number}.bin").write_bytes(os.urandom(2_000_000))
    files(ann).upload_all(ann.main.shown or 0, tuple(tmp_path / f"{number}.bin" for number in range(6)))
    ann.until(lambda: len(rows(ann)) == 4 and sum(row.progress.get() > 0.1 for row in rows(ann)) == 2)
    assert [row.detail.cget("text") for row in rows(ann)].count("Waiting for its turn…") == 2
    assert strip(ann).more.cget("text") == "and 2 more"
    line.open.set()
    ann.until(lambda: len(shared(ann)) == 6)


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("film.mp4", 2_000_000, "“film.mp4” has 2 MB; this server takes files of up to 1 MB."),
        ("empty.txt", 0, "“empty.txt” is empty"),
        ("", 0, "is a folder"),
        ("nothing.txt", None, "is not there any more"),
    ],
)
def test_what_cannot_be_shared_is_refused_before_it_is_sent(
    tmp_path: Path, ann: Person, name: str, size: int | None, words: str
) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits", "--max-file-size", "1MB") as server:
        ann.log_in(server, "ann")
        if size is not None and name:
            (tmp_path / name).write_bytes(bytes(size))
        files(ann).upload(ann.main.shown or 0, tmp_path / name)
        ann.until(lambda: says(ann, words))
        assert rows(ann) == []


def test_a_download_that_is_refused_says_why_and_can_be_tried_again(
    tmp_path: Path, server: Server, ann: Person
) -> None:
    ann.log_in(server, "ann")
    gone = File(id=99, name="gone.txt", size=10, mime_type="text/plain", url="/download/99")
    files(ann).download(gone, tmp_path / "gone.txt")
    ann.until(lambda: rows(ann) and rows(ann)[0].detail.cget("text") == "This file is not shared any more.")
    assert set(rows(ann)[0].buttons) == {"retry", "dismiss"}
    assert not (tmp_path / "gone.txt").exists()


def test_where_to_save_is_asked_and_a_free_name_is_proposed(
    tmp_path: Path, server: Server, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.log_in(server, "ann")
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7 report")
    (tmp_path / "Downloads" / "report.pdf").write_bytes(b"another")
    files(ann).upload(ann.main.shown or 0, tmp_path / "report.pdf")
    ann.until(lambda: shared(ann))
    files(ann).download(shared(ann)[0])

    def dialog() -> Any:
        return next(
            (
                str(one)
                for one in ann.window.tk.splitlist(ann.window.tk.call("winfo", "children", "."))
                if "__tk_filedialog" in str(one)
            ),
            None,
        )

    def answer() -> None:
        # Tk's dialog has a loop of its own, so whoever answers has to be called by that.
        if (open_dialog := dialog()) is None:
            ann.window.after(50, answer)
            return
        ann.window.tk.call(f"{open_dialog}.contents.f2.ok", "invoke")

    ann.window.after(50, answer)
    ann.until(lambda: (tmp_path / "Downloads" / "report (2).pdf").exists())
    assert (tmp_path / "Downloads" / "report (2).pdf").read_bytes() == b"%PDF-1.7 report"
    assert (tmp_path / "Downloads" / "report.pdf").read_bytes() == b"another"
