"""Files between two people at their windows."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kibitz.client import files as client_files
from kibitz.desktop.presenters.transfers import Transfers
from kibitz.desktop.views import kit
from kibitz.desktop.views.desk import FilesDesk
from kibitz.desktop.views.drop import DropMark
from kibitz.desktop.views.paste import holds_image
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


def says(widget: Any, words: str) -> bool:
    """Whether a label in this window says this."""
    for child in widget.winfo_children():
        if isinstance(child, kit.Label) and words in str(child.cget("text")):
            return True
        if says(child, words):
            return True
    return False


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
    ann.until(lambda: rows(ann) and rows(ann)[0].detail.cget("text").startswith("524 kB of 10 MB"))
    assert 0.05 < rows(ann)[0].progress.get() < 0.06
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
        ann.until(lambda: says(ann.main, words))
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


def picker(one: Person) -> Any:
    """The dialog to choose files in, once it shows a folder."""
    one.until(lambda: "pick" in one.app.windows.open and one.app.windows.open["pick"].winfo_exists())
    made: Any = one.app.windows.open["pick"]
    one.until(lambda: made._folder.path)
    return made


def test_where_to_save_is_asked_a_free_name_is_proposed_and_nothing_is_overwritten_unasked(
    tmp_path: Path, server: Server, ann: Person
) -> None:
    ann.log_in(server, "ann")
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7 report")
    (tmp_path / "Downloads" / "report.pdf").write_bytes(b"another")
    files(ann).download(share(ann, tmp_path / "report.pdf"))
    asking = picker(ann)
    assert asking.name.get() == "report (2).pdf"
    assert [line.text for line in asking.list.lines] == ["report.pdf"]
    asking.name.replace("report.pdf")
    asking.take.invoke()
    ann.until(lambda: says(asking, "Replace this file?"))
    next(child for child in asking.winfo_children() if isinstance(child, kit.Dialog)).close()
    asking.name.replace("report (2).pdf")
    asking.take.invoke()
    ann.until((tmp_path / "Downloads" / "report (2).pdf").exists)
    assert (tmp_path / "Downloads" / "report (2).pdf").read_bytes() == b"%PDF-1.7 report"
    assert (tmp_path / "Downloads" / "report.pdf").read_bytes() == b"another"
    assert not asking.winfo_exists()


def test_several_files_are_chosen_in_a_dialog_and_shared(
    tmp_path: Path, server: Server, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "work").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / "home" / "work" / name).write_text(name)
    ann.log_in(server, "ann")
    files(ann).pick(ann.main.shown)
    asking = picker(ann)
    asking.list.choose("work")
    ann.until(lambda: [line.key for line in asking.list.lines] == ["a.txt", "b.txt", "c.txt"])
    for name in ("a.txt", "b.txt", "c.txt", "b.txt"):
        asking.list.choose(name)
    assert asking.take.cget("text") == "Share 2 files"
    asking.take.invoke()
    ann.until(lambda: sorted(file.name for file in shared(ann)) == ["a.txt", "c.txt"])


def picture(width: int, height: int) -> bytes:
    target = BytesIO()
    Image.new("RGB", (width, height), "#c04020").save(target, "PNG")
    return target.getvalue()


def share(one: Person, path: Path) -> File:
    """Share a file and wait until it is there."""
    before = len(shared(one))
    files(one).upload(one.main.shown or 0, path)
    one.until(lambda: len(shared(one)) == before + 1)
    return shared(one)[-1]


def test_an_image_opens_in_a_window_fits_it_and_escape_closes_it(tmp_path: Path, server: Server, ann: Person) -> None:
    ann.log_in(server, "ann")
    (tmp_path / "wide.png").write_bytes(picture(3000, 1000))
    image = share(ann, tmp_path / "wide.png")
    files(ann).look(image)
    ann.until(lambda: image.id in desk(ann).viewers and desk(ann).viewers[image.id]._image is not None)
    viewer: Any = desk(ann).viewers[image.id]

    def fits() -> bool:
        shown = viewer._image
        return bool(shown.width() == viewer.ground.winfo_width() and abs(shown.height() * 3 - shown.width()) <= 3)

    ann.until(fits)
    viewer.geometry("400x500")
    ann.until(lambda: viewer.ground.winfo_width() < 600 and fits())
    viewer.focus_force()
    viewer.event_generate("<Escape>")
    ann.until(lambda: desk(ann).viewers == {})


def on_clipboard(content: bytes, kind: str) -> subprocess.Popen[bytes]:
    """Put this on the real clipboard, as another program."""
    program = shutil.which("xclip")
    if program is None:
        pytest.skip("xclip is not installed: sudo apt-get install xclip")
    owner = subprocess.Popen(
        [program, "-selection", "clipboard", "-t", kind, "-quiet", "-in"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert owner.stdin is not None
    owner.stdin.write(content)
    owner.stdin.close()
    return owner


def test_an_image_on_the_clipboard_is_shown_and_then_shared(
    tmp_path: Path, server: Server, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ann.log_in(server, "ann")
    owner = on_clipboard(picture(500, 400), "image/png")
    try:
        field = desk(ann)._pages[ann.main.shown or 0][0].composer.text
        field.focus_force()
        ann.until(lambda: holds_image(ann.window))
        field.event_generate("<<Paste>>")
        ann.until(lambda: desk(ann).pasted is not None and says(desk(ann).pasted, "500 × 400 pixels"))
        dialog: Any = desk(ann).pasted
        dialog.confirmed()
        ann.until(lambda: shared(ann))
    finally:
        owner.terminate()
        owner.wait()
    assert shared(ann)[0].name.startswith("image-20")
    assert shared(ann)[0].mime_type == "image/png"
    ann.until(lambda: not list(tmp_path.glob("kibitz-*/image-*.png")))


def test_an_image_that_cannot_be_taken_from_the_clipboard_says_what_to_install(
    server: Server, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.log_in(server, "ann")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    files_desk: Any = desk(ann)
    files_desk._pasting.paste(ann.main.shown or 0)
    ann.until(lambda: says(ann.main, "To paste images install xclip: sudo apt-get install xclip."))


def test_text_is_pasted_as_ever(server: Server, ann: Person) -> None:
    ann.log_in(server, "ann")
    ann.window.clipboard_clear()
    ann.window.clipboard_append("just words")
    assert not holds_image(ann.window)


def test_files_are_dropped_onto_a_conversation_from_another_program(
    tmp_path: Path, server: Server, ann: Person
) -> None:
    ann.log_in(server, "ann")
    (tmp_path / "a plan.txt").write_text("plan")
    (tmp_path / "b.txt").write_text("b")
    ann.window.geometry("800x600+0+0")
    # The drag is real, but tkdnd, which is the other program too, hands over nothing of what it was given.
    held = ann.window.tk.call("list", str(tmp_path / "a plan.txt"), (tmp_path / "b.txt").as_uri())
    ann.window.tk.call("proc", "::tkdnd::xdnd::GetDroppedData", "args", ann.window.tk.call("list", "return", held))
    with dragging() as source:
        x, y = ann.main.winfo_rootx() + 500, ann.main.winfo_rooty() + 200
        ann.until(lambda: source.poll() is None and _ready(source))
        for step in ("900 900", "mousedown 1", "905 905", "920 900", *(f"{x + by} {y}" for by in range(0, 40, 8))):
            move(step)
            ann.live(0.1)  # both programs answer one another at every step
        ann.until(lambda: _marks(ann))
        move("mouseup 1")
        ann.until(lambda: sorted(file.name for file in shared(ann)) == ["a plan.txt", "b.txt"])
        ann.until(lambda: not _marks(ann))
    ann.put_pointer_away()


def _marks(one: Person) -> list[Any]:
    page = desk(one)._pages[one.main.shown or 0][0]
    return [child for child in page.winfo_children() if isinstance(child, DropMark) and child.winfo_ismapped()]


def move(step: str) -> None:
    """Do this with the mouse, as a person does."""
    words = step.split() if step.startswith("mouse") else ["mousemove", *step.split()]
    subprocess.run(["xdotool", *words], check=True)


@contextmanager
def dragging() -> Iterator[subprocess.Popen[bytes]]:
    """Another program, from whose window in the lower right corner files can be dragged."""
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed: sudo apt-get install xdotool")
    program = """
from tkinterdnd2 import TkinterDnD
root = TkinterDnD.Tk()
root.geometry("200x200+850+850")
root.drag_source_register(1, "DND_Files")
root.dnd_bind("<<DragInitCmd>>", lambda event: ("copy", "DND_Files", ("file:///x",)))
root.update()
print("ready", flush=True)
root.after(60000, root.destroy)
root.mainloop()
"""
    source = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    try:
        yield source
    finally:
        source.kill()
        source.wait()
        assert source.stdout is not None
        source.stdout.close()


def _ready(source: subprocess.Popen[bytes]) -> bool:
    assert source.stdout is not None
    return bool(select.select([source.stdout], [], [], 0)[0])


def test_shared_files_are_listed_searched_fetched_and_deleted(
    tmp_path: Path, server: Server, ann: Person, ben: Person
) -> None:
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    for one, name in ((ann, "plan.txt"), (ann, "picture.png"), (ben, "report.pdf")):
        (tmp_path / name).write_bytes(picture(30, 30) if name.endswith("png") else b"content")
        share(one, tmp_path / name)
    assert ann.app.shell is not None
    ann.app.bridge.do(ann.app.shell.show_files, ann.main.shown)
    ann.until(lambda: "files" in ann.app.windows.open and len(dialog(ann).list.lines) == 3)
    assert [line.text for line in dialog(ann).list.lines] == ["report.pdf", "picture.png", "plan.txt"]
    assert not dialog(ann).delete.winfo_ismapped()
    dialog(ann).entry.replace("plan")
    dialog(ann).entry._entry.event_generate("<KeyRelease>", keysym="n")
    ann.until(lambda: [line.text for line in dialog(ann).list.lines] == ["plan.txt"])
    dialog(ann).list.rest(dialog(ann).list.lines[0].key)
    ann.until(dialog(ann).delete.winfo_ismapped)
    dialog(ann).delete.invoke()
    ann.until(lambda: confirmation(ann) is not None)
    confirmation(ann).confirmed()
    ann.until(lambda: [line.text for line in dialog(ann).list.lines] == [])
    ben.until(lambda: "plan.txt" not in [file.name for file in shared(ben)])


def dialog(one: Person) -> Any:
    return one.app.windows.open["files"]


def confirmation(one: Person) -> Any:
    return next((child for child in dialog(one).winfo_children() if isinstance(child, kit.Dialog)), None)


def click_on(one: Person, word: str) -> None:
    """Click on a word in the conversation."""
    text = desk(one)._pages[one.main.shown or 0][0].messages.text
    one.until(lambda: text.search(word, "end", backwards=True))
    text.see("end")
    place = one.until(lambda: text.bbox(text.search(word, "end", backwards=True)))
    one.click(text, place[0] + 4, place[1] + place[3] // 2)


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_click_on_a_file_in_the_conversation_fetches_it(tmp_path: Path, server: Server, ann: Person) -> None:
    ann.log_in(server, "ann")
    (tmp_path / "notes.txt").write_text("hello")
    share(ann, tmp_path / "notes.txt")
    click_on(ann, "Download")
    picker(ann).take.invoke()
    ann.until(lambda: rows(ann) and "open" in rows(ann)[-1].buttons)
    assert (tmp_path / "Downloads" / "notes.txt").read_text() == "hello"


def test_what_was_fetched_is_opened_by_the_systems_program_and_a_script_is_not(
    tmp_path: Path, server: Server, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" >>{tmp_path}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}{os.pathsep}{os.environ['PATH']}")
    ann.log_in(server, "ann")
    for number, name in enumerate(("notes.txt", "script.sh"), 1):
        (tmp_path / name).write_text("#!/bin/sh\n" if name.endswith("sh") else "hello")
        files(ann).download(share(ann, tmp_path / name), tmp_path / "Downloads" / name)
        fetched = ann.until(lambda: [row for row in rows(ann) if "open" in row.buttons])[0]
        fetched.buttons["open"].invoke()
        ann.until(lambda: len(lines_of(tmp_path / "opened")) == number)  # noqa: B023 - awaited at once
        fetched.buttons["dismiss"].invoke()
        ann.until(lambda: not fetched.winfo_exists())  # noqa: B023 - awaited at once
    assert lines_of(tmp_path / "opened") == [str(tmp_path / "Downloads" / "notes.txt"), str(tmp_path / "Downloads")]
