"""Giving memory back: whatever the C library is, it does no harm."""

import ctypes
import sys

import pytest

from kibitz.coedit import memory


def test_memory_is_given_back_where_the_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Glibc:
        malloc_trim = staticmethod(asked.append)

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Glibc())
    memory.give_back()
    assert asked == [0]


def test_a_library_that_cannot_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.give_back()
    monkeypatch.setattr(sys, "platform", "darwin")
    memory.give_back()


def test_the_real_one_does_no_harm() -> None:
    memory.give_back()
