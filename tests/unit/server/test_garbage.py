"""The pace of the garbage collector."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from kibitz.server import garbage


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_what_the_start_has_made_is_left_out_and_circles_made_later_are_found() -> None:
    early, late = Circle(), None
    garbage.settle()
    assert gc.get_freeze_count() > 0
    late = Circle()
    seen_early, seen_late = weakref.ref(early), weakref.ref(late)
    del early, late
    gc.collect()
    assert seen_early() is not None
    assert seen_late() is None


def test_the_young_are_walked_once_there_are_many() -> None:
    garbage.settle()
    assert gc.get_threshold()[0] == garbage.YOUNG
