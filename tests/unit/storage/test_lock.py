"""One server for one directory of data."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kibitz.storage.faults import StartError
from kibitz.storage.lock import NAME, hold, holder

OTHER_SERVER = """
import sys
from pathlib import Path
from kibitz.storage.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_server(directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", OTHER_SERVER, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def no_sleep(_: float) -> None:
    """Patience is for the clock, which these tests do without."""


def test_a_second_server_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    with another_server(tmp_path) as first:
        with pytest.raises(StartError) as caught, hold(tmp_path, sleep=no_sleep):
            pass
        assert f"process {first.pid}" in str(caught.value)
        assert str(tmp_path) in str(caught.value)
        assert holder(tmp_path) == first.pid


def test_a_second_server_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(StartError), hold(tmp_path, sleep=no_sleep):
        pass


def test_a_server_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with another_server(tmp_path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert holder(tmp_path) is None
        with hold(tmp_path):
            assert holder(tmp_path) == os.getpid()


def test_a_server_that_is_just_stopping_is_waited_for(tmp_path: Path) -> None:
    with another_server(tmp_path) as first:

        def stop_it(_: float) -> None:
            first.kill()
            first.wait()

        with hold(tmp_path, sleep=stop_it):
            assert holder(tmp_path) == os.getpid()


def test_the_lock_is_let_go_at_the_end(tmp_path: Path) -> None:
    with hold(tmp_path):
        pass
    assert holder(tmp_path) is None
    with hold(tmp_path):
        pass


def test_looking_who_is_there_keeps_nobody_out(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert not (tmp_path / NAME).exists()


def test_the_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with hold(tmp_path / "new" / "data"):
        assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_directorys_place_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartError, match=r"cannot be used \(File exists\): name another with --data-dir"):
        hold(tmp_path / "data").__enter__()
    with pytest.raises(StartError, match=r"cannot be used \(Not a directory\)"):
        holder(tmp_path / "data")
