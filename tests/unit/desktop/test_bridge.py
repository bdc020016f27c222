"""Where the two threads meet, with a stand-in for Tk whose loop is the test's."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.waiting import WAIT

from kibitz.desktop.bridge import Bridge


class Loop:
    """A toolkit's loop that goes on when it is told to, and knows no sockets, as on Windows."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def after(self, ms: int, func: Callable[[], None]) -> str:
        self.due.append(func)
        return ""

    def turn(self) -> None:
        due, self.due = self.due, []
        for func in due:
            func()


class Stage:
    """A bridge, and what has crossed it."""

    def __init__(self) -> None:
        self.tk = Loop()
        self.failed: list[BaseException] = []
        self.bridge = Bridge(self.tk, self.failed.append)
        self.shown: list[Any] = []

    def show(self, what: Any) -> int:
        assert threading.current_thread() is threading.main_thread()
        self.shown.append(what)
        return len(self.shown)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < deadline, "it never came to that"
            self.tk.turn()
            time.sleep(0.001)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.bridge.stop()


class Presenter:
    def __init__(self, view: Any) -> None:
        self.view = view
        self.done: list[Any] = []
        self.thread = ""

    def note(self, what: Any) -> None:
        self.thread = threading.current_thread().name
        self.done.append(what)

    async def ask(self, what: Any) -> None:
        self.done.append(await self.view.show(what))

    async def fail(self) -> None:
        raise ValueError("no")

    def fail_at_once(self) -> None:
        raise KeyError("no")


def test_what_a_view_says_happens_on_the_other_thread_in_its_order(stage: Stage) -> None:
    presenter = Presenter(None)
    hands: Any = stage.bridge.hands(presenter)
    for number in range(100):
        assert hands.note(number) is None
    stage.until(lambda: len(presenter.done) == 100)
    assert presenter.done == list(range(100))
    assert presenter.thread == "asyncio"


def test_what_a_presenter_shows_happens_on_tks_thread_in_its_order_and_answers(stage: Stage) -> None:
    presenter = Presenter(stage.bridge.eyes(stage))
    hands: Any = stage.bridge.hands(presenter)
    for number in range(50):
        hands.ask(number)
    stage.until(lambda: len(presenter.done) == 50)
    assert stage.shown == list(range(50))
    assert presenter.done == list(range(1, 51))


def test_many_are_shown_in_slices_so_that_tk_can_look_at_its_keys(stage: Stage) -> None:
    def slow(number: int) -> None:
        time.sleep(0.002)
        stage.shown.append(number)

    for number in range(50):
        stage.bridge.tell(slow, number)
    stage.tk.turn()
    assert 0 < len(stage.shown) < 50
    stage.until(lambda: len(stage.shown) == 50)
    assert stage.shown == list(range(50))


def test_work_that_fails_is_told_and_harms_nothing_else(stage: Stage) -> None:
    presenter = Presenter(None)
    hands: Any = stage.bridge.hands(presenter)
    hands.fail()
    hands.fail_at_once()
    hands.note("still here")
    stage.until(lambda: len(stage.failed) == 2 and presenter.done)
    assert {type(error) for error in stage.failed} == {ValueError, KeyError}


def test_a_view_that_fails_is_told_to_whoever_awaits_it(stage: Stage) -> None:
    def broken() -> None:
        raise LookupError("no")

    caught: list[BaseException] = []

    async def look() -> None:
        try:
            await stage.bridge.ask(broken)
        except LookupError as error:
            caught.append(error)

    stage.bridge.do(look)
    stage.until(lambda: caught)
    assert not stage.failed


def test_a_view_whose_window_is_closed_is_left_alone(stage: Stage) -> None:
    class Gone:
        def winfo_exists(self) -> int:
            return 0

        def show(self, what: Any) -> None:
            raise AssertionError("it is gone")

    answers: list[Any] = []

    async def look() -> None:
        answers.append(await stage.bridge.eyes(Gone()).show(1))

    stage.bridge.do(look)
    stage.until(lambda: answers)
    assert answers == [None]


def test_stopping_ends_what_is_under_way_after_the_farewell() -> None:
    stage = Stage()
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("endless")

    async def farewell() -> None:
        ended.append("farewell")

    stage.bridge.do(endless)
    time.sleep(0.01)
    stage.bridge.stop(farewell)
    stage.bridge.stop()
    assert ended == ["farewell", "endless"]
    assert all(thread.name != "asyncio" or not thread.is_alive() for thread in threading.enumerate())


def test_what_is_said_after_the_end_is_not_heard() -> None:
    stage = Stage()
    presenter = Presenter(None)
    hands: Any = stage.bridge.hands(presenter)
    stage.bridge.stop()
    hands.note("too late")
    assert presenter.done == []
