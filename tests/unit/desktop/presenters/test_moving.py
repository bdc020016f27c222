"""The words for a file on its way."""

import errno
import os
from pathlib import Path

import pytest

from kibitz.client.errors import Ended, Refused
from kibitz.desktop.presenters.moving import Meter, Transfer, problem_of, refusal_of, size_in_words, time_in_words
from kibitz.wire.views import File

FILE = File(id=1, name="film.mp4", size=10_000_000, mime_type="video/mp4", url="/download/1")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1234, "1.2 kB"),
        (123_456, "123 kB"),
        (999_999, "1 MB"),
        (10_000_000, "10 MB"),
        (1_500_000_000, "1.5 GB"),
        (2_000_000_000_000, "2000 GB"),
    ],
)
def test_sizes_read_as_file_managers_say_them(size: int, words: str) -> None:
    assert size_in_words(size) == words


@pytest.mark.parametrize(("seconds", "words"), [(0.1, "1 s"), (59.4, "59 s"), (150, "2 min"), (5400, "1.5 h")])
def test_times_are_no_finer_than_they_can_be_known(seconds: float, words: str) -> None:
    assert time_in_words(seconds) == words


def test_a_rate_is_that_of_the_last_seconds_and_tells_what_is_left() -> None:
    clock = Clock()
    meter = Meter(clock)
    for second in range(20):
        clock.now = float(second)
        meter.told(second * (1_000_000 if second < 10 else 500_000), 20_000_000)
        meter.sample()
    assert meter.rate == 500_000
    assert meter.words() == "9.5 MB of 20 MB · 500 kB/s · 21 s left"


def test_an_upload_that_begins_again_has_no_rate_below_nothing() -> None:
    clock = Clock()
    meter = Meter(clock)
    for now, done in ((0.0, 0), (1.0, 5_000_000), (2.0, 0), (3.0, 1_000_000)):
        clock.now = now
        meter.told(done, 10_000_000)
        meter.sample()
    assert meter.rate == 1_000_000


def test_a_file_that_has_gone_whole_is_not_shared_before_the_server_says_so() -> None:
    meter = Meter()
    meter.told(10, 10)
    assert meter.words() == "Finishing…"


def test_what_can_be_done_about_a_file_depends_on_how_far_it_is() -> None:
    up, down = Transfer(1, 1, Path("a")), Transfer(2, 1, Path("b"), FILE)
    assert up.row().actions == ("cancel",)
    up.state = down.state = "done"
    assert up.row().actions == ("dismiss",)
    assert down.row().actions == ("open", "show", "dismiss")
    up.state = "failed"
    assert up.row().actions == ("retry", "dismiss")


@pytest.mark.parametrize(
    ("error", "down", "words"),
    [
        (Refused("not_found", 300, "File not found."), True, "This file is not shared any more."),
        (Refused("forbidden", 202, "You may not post here."), False, "You may not post here."),
        (Ended("x"), False, "You were logged out."),
        (TimeoutError(), False, "The server does not answer; try again."),
        (ConnectionResetError(), True, "The connection broke; try again."),
        (OSError(errno.ENOSPC, "No space left on device"), True, "The disk is full: free some space, then try again."),
        (PermissionError(errno.EACCES, "no"), True, "You may not write to /somewhere."),
        (PermissionError(errno.EACCES, "no"), False, "This file may not be read."),
        (FileNotFoundError(errno.ENOENT, "no"), False, "This file is not there any more."),
        (FileNotFoundError(errno.ENOENT, "no"), True, "There is no folder /somewhere."),
        (OSError(errno.EIO, "Input/output error"), False, "Input/output error"),
    ],
)
def test_whatever_goes_wrong_is_said_in_a_sentence(error: Exception, down: bool, words: str) -> None:
    assert problem_of(error, Transfer(1, 1, Path("/somewhere/film"), FILE if down else None)) == words


def test_a_file_that_may_be_shared_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1234")
    assert refusal_of(tmp_path / "a", 4) is None
    assert refusal_of(tmp_path / "a", 3) == "“a” has 4 B; this server takes files of up to 3 B."


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no file" in str(refusal_of(tmp_path / "pipe", 100))
    assert "folder" in str(refusal_of(tmp_path, 100))
    assert "not there" in str(refusal_of(tmp_path / "none", 100))
