"""What is opened, and what is only shown in its folder."""

import os
from pathlib import Path

import pytest

from kibitz.desktop.presenters import opening
from kibitz.desktop.presenters.opening import may_open, open_file, show_file


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `xdg-open` that writes down what it was asked."""
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >>{tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "asked"


@pytest.mark.parametrize(
    ("name", "content", "may"),
    [
        ("photo.JPG", b"\xff\xd8", True),
        ("notes.txt", b"hello", True),
        ("report.pdf", b"%PDF", True),
        ("setup.exe", b"MZ", False),
        ("run.sh", b"echo", False),
        ("page.html", b"<script>", False),
        ("app.desktop", b"[Desktop Entry]", False),
        ("macros.docm", b"PK", False),
        ("nothing", b"hello", False),
        ("script.txt", b"#!/bin/sh", False),
        ("program.png", b"\x7fELF", False),
        ("program.pdf", b"MZ\x90", False),
        ("launcher.txt", b"\n[Desktop Entry]\nExec=x", False),
    ],
)
def test_only_what_is_looked_at_is_opened(tmp_path: Path, name: str, content: bytes, may: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert may_open(tmp_path / name) is may


def test_a_file_is_given_to_the_systems_opener_as_it_is(tmp_path: Path, opener: Path) -> None:
    path = tmp_path / "a; touch $HOME 'b'.txt"
    path.write_text("hello")
    assert open_file(path) is None
    assert opener.read_text() == f"{path}|"


def test_of_a_program_only_the_folder_is_shown(tmp_path: Path, opener: Path) -> None:
    (tmp_path / "setup.exe").write_bytes(b"MZ")
    assert open_file(tmp_path / "setup.exe") is None
    assert opener.read_text() == f"{tmp_path}|"


def test_what_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    assert "not there any more" in str(open_file(tmp_path / "none.txt"))
    assert "not there any more" in str(show_file(tmp_path / "nowhere" / "none.txt"))


def test_a_system_without_an_opener_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.txt").write_text("a")
    assert "xdg-utils" in str(open_file(tmp_path / "a.txt"))


def test_an_opener_that_fails_is_told(tmp_path: Path, opener: Path) -> None:
    (tmp_path / "bin" / "xdg-open").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "a.txt").write_text("a")
    assert open_file(tmp_path / "a.txt") == "This system has no program that opens it."


def test_an_opener_that_does_not_return_is_not_waited_for(
    tmp_path: Path, opener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE_SECONDS", 0.05)
    (tmp_path / "bin" / "xdg-open").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "a.txt").write_text("a")
    try:
        assert open_file(tmp_path / "a.txt") is None
    finally:
        for left in opening._left:
            left.kill()
            left.wait()
        opening._left.clear()
