"""A window of the desktop client while many messages arrive.

One rule: the window is a process of its own, on a screen of its own, and is measured from within its loop; whoever writes is another.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, Any, Final

import msgspec

from bench import servers
from bench.native import Failed, Missing
from bench.place import Place
from bench.rows import Aim, Row, row_of
from bench.talk import Talk, talk

GAP: Final = Aim("≤", 100)
GROWTH: Final = Aim("≤", 30)
START: Final = Aim("≤", 3)

MEGABYTE: Final = 1_000_000

WRITERS: Final = 10
LAST: Final = "and that was the last one"

MEANS: Final = """
The desktop client in a window under Xvfb, with the general channel open. The longest time between two moments at which Tk had nothing to do
while messages arrive at the given rate; how much more memory the process holds after many more of them; and the time from the command to the
window that shows the channel.
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many messages come a second, how many are measured, how many come in all, and how often it is started."""

    rate: int = 500
    measured: int = 10_000
    total: int = 100_000
    starts: int = 5


FULL: Final = Sizes()
QUICK: Final = Sizes(measured=1_500, total=3_000, starts=1)


def run(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Milliseconds between two idle moments, megabytes grown, and seconds to a window."""
    if shutil.which("Xvfb") is None:
        raise Missing("Xvfb is not installed: apt-get install xvfb")
    with servers.kibitz() as server, _screen() as display, ExitStack() as stack:
        writers = [stack.enter_context(talk(server, f"writer{number}")) for number in range(WRITERS)]
        place.say("starts of the window")
        starts = []
        for _ in range(sizes.starts):
            with _window(server, display) as window:
                starts.append(window.ready)
        yield row_of("desktop: start to a window that shows the channel", starts, "s", START)
        with _window(server, display) as window:
            place.say(f"{sizes.measured} messages at {sizes.rate}/s")
            took = _write(writers, sizes.measured, sizes.rate)
            first = window.seen()
            note = f"{sizes.measured / took:.0f} messages/s written; 99 % of gaps ≤ {first['most']:.0f} ms"
            what = f"desktop: longest gap in Tk's loop, {sizes.measured:,} messages at {sizes.rate}/s"
            yield Row(what=what, value=first["gap"], unit="ms", aim=GAP, note=note)
            place.say(f"{sizes.total} messages in all")
            _write(writers, sizes.total - sizes.measured, 5_000)
            grown = (window.seen()["rss"] - first["rss"]) / MEGABYTE
            yield Row(what=f"desktop: memory grown over {sizes.total:,} messages", value=grown, unit="MB", aim=GROWTH)


def _write(writers: list[Talk], count: int, rate: float) -> float:
    """Have everyone write their part, at this rate in all; returns how long that took."""
    began = time.perf_counter()

    def part(writer: Talk, messages: int) -> None:
        for number in range(messages):
            pause = began + number * len(writers) / rate - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            writer.ask("post_message", room=1, text=f"Message {number}, which is **about** as long as people write.")

    threads = [Thread(target=part, args=(writer, count // len(writers))) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    writers[0].ask("post_message", room=1, text=LAST)
    return took


class _Window:
    """The window's process: `ready` is how long its start took."""

    def __init__(self, process: "subprocess.Popen[str]", began: float) -> None:
        self._out: IO[str] = process.stdout  # type: ignore[assignment]  # it is a pipe
        self.seen()
        self.ready = time.perf_counter() - began

    def seen(self) -> dict[str, float]:
        """What it measured until it saw the last message."""
        line = self._out.readline()
        if not line:
            raise Failed("the window closed; what it said stands above")
        return msgspec.json.decode(line, type=dict[str, float])


@contextmanager
def _window(server: servers.Running, display: str) -> Iterator[_Window]:
    with TemporaryDirectory(prefix="kibitz-bench-") as folder:
        began = time.perf_counter()
        command = [sys.executable, "-m", "bench.desktop_messages", folder, str(server.port)]
        environment = {**os.environ, "DISPLAY": display, "XDG_CACHE_HOME": folder}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                yield _Window(process, began)
            finally:
                process.terminate()


@contextmanager
def _screen() -> Iterator[str]:
    ours, theirs = os.pipe()
    command = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[theirs], stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        try:
            with os.fdopen(ours) as pipe:
                yield f":{pipe.readline().strip()}"
        finally:
            process.terminate()


# --- within the window's process ---------------------------------------------------------------------------------------


class _Watch:
    """Looks at a window from within its loop."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._gaps: list[float] = []
        self._before = time.perf_counter()
        self._ready = False
        self._last = ""
        self._idle()

    def _idle(self) -> None:
        now = time.perf_counter()
        self._gaps.append((now - self._before) * 1000)
        self._before = now
        self._look()
        self._app.window.after(1, lambda: self._app.window.after_idle(self._idle))

    def _look(self) -> None:
        rows = (
            self._app.main._pages[1].messages.rows if self._app.main is not None and 1 in self._app.main._pages else {}
        )
        if not self._ready and rows and "loading" not in rows:
            self._ready = True
            self._tell()
        elif self._ready and rows:
            newest = next(reversed(rows.values()))
            if LAST in newest.text and newest.key != self._last:
                self._last = newest.key
                self._tell()

    def _tell(self) -> None:
        import psutil  # noqa: PLC0415 - only this process needs it

        gaps, self._gaps = sorted(self._gaps), []
        found = {"gap": gaps[-1], "most": gaps[len(gaps) * 99 // 100], "rss": psutil.Process().memory_info().rss}
        print(msgspec.json.encode(found).decode(), flush=True)


def _show(folder: Path, port: int) -> None:
    from kibitz.desktop.app import App  # noqa: PLC0415 - what is measured at its start is imported by it alone
    from kibitz.desktop.preferences import Store  # noqa: PLC0415
    from kibitz.desktop.presenters.login import Form  # noqa: PLC0415

    app = App(Store(folder))
    _Watch(app)
    app.begin(Form(user="watcher", host="127.0.0.1", port=str(port)), at_once=True)
    app.window.mainloop()


if __name__ == "__main__":
    _show(Path(sys.argv[1]), int(sys.argv[2]))
