"""How far something is, for whoever waits at a terminal."""

import io

from kibitz.server.progress import PATIENCE, ProgressLine


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when they are told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_over_at_once_draws_nothing() -> None:
    screen, clock = Terminal(), Clock()
    line = ProgressLine(screen, clock)
    line("copying", 1, 2)
    clock.now += PATIENCE - 0.01
    line("copying", 2, 2)
    line.close()
    assert screen.getvalue() == ""


def test_what_takes_longer_draws_a_bar_for_each_part() -> None:
    screen, clock = Terminal(), Clock()
    line = ProgressLine(screen, clock)
    line("copying", 10, 100)
    clock.now += PATIENCE
    line("copying", 50, 100)
    line("copying", 100, 100)
    line("writing", 3, 4)
    line.close()
    drawn = screen.getvalue()
    assert (
        drawn.index("copying") < drawn.index("50%") < drawn.index("100%") < drawn.index("writing") < drawn.index("75%")
    )
    assert drawn.rstrip("\x1b[?25h").endswith("\n")


def test_nothing_is_drawn_where_nobody_looks() -> None:
    pipe, clock = io.StringIO(), Clock()
    line = ProgressLine(pipe, clock)
    clock.now += 10
    line("copying", 1, 2)
    line.close()
    assert pipe.getvalue() == ""
