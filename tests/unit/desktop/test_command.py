"""`kibitz desktop`, where something it needs is missing: the real command, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def start(tmp_path: Path, code: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command without a display; what `code` does comes first."""
    there = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    program = f"{code}\nfrom kibitz.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", program, "desktop"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env=there | environment,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_it_says_where_to_run_it(tmp_path: Path) -> None:
    done = start(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("kibitz: There is no display to open a window on")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="DISPLAY is X11's")
def test_with_a_display_that_is_not_there_it_says_what_tk_says(tmp_path: Path) -> None:
    done = start(tmp_path, DISPLAY=":9999")
    assert done.returncode == 1
    assert done.stderr.startswith("kibitz: No window can be opened: ")
    assert "Traceback" not in done.stderr


def test_without_tk_it_names_the_package(tmp_path: Path) -> None:
    done = start(tmp_path, "import sys\nsys.modules['tkinter'] = None")
    assert done.returncode == 1
    assert "python3-tk" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_it_says_how_to_install_it(tmp_path: Path) -> None:
    hide = (
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, package=None: None if name == 'customtkinter' else found(name, package)"
    )
    done = start(tmp_path, hide)
    assert done.returncode == 1
    assert "customtkinter" in done.stderr
    assert "pip install 'kibitz[desktop]'" in done.stderr
    assert "Traceback" not in done.stderr
