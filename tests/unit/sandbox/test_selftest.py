"""The self-test: it passes here, and fails where a wall is missing."""

import resource
import struct
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.sandbox.boxes import BUBBLEWRAP, needs_sandbox

from kibitz.sandbox import selftest
from kibitz.sandbox.box import Box
from kibitz.sandbox.jail import arguments, launch
from kibitz.sandbox.jail import seccomp as filters
from kibitz.sandbox.plan import Stage

pytestmark = [needs_sandbox, pytest.mark.usefixtures("ordinary_user")]


def make(stage: Stage) -> Box:
    assert BUBBLEWRAP is not None
    return Box(stage, bubblewrap=BUBBLEWRAP)


async def test_the_walls_stand_here() -> None:
    assert await selftest.problem(make) is None


def change(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], instead: tuple[str, ...]) -> None:
    """Make sandboxes from now on with other words in place of these."""
    whole = arguments.arguments

    def other(*args: Any, **more: Any) -> list[str]:
        found = whole(*args, **more)
        at = next(at for at in range(len(found)) if tuple(found[at : at + len(words)]) == words)
        return [*found[:at], *instead, *found[at + len(words) :]]

    monkeypatch.setattr(launch, "arguments", other)


@pytest.mark.parametrize(
    ("words", "instead", "fallen"),
    [
        (("--unshare-net",), (), "no network"),
        (("--remount-ro", "/"), (), "read-only system"),
        (("--uid", "1000"), ("--uid", "0"), "another user"),
        (("--cap-drop", "ALL"), ("--cap-add", "ALL"), "no capabilities"),
        (
            ("--size", "1048576", "--perms", "0700"),
            ("--size", "9048576", "--perms", "0700"),
            "memory that can be measured",
        ),
        (("--setenv", "TERM", "dumb"), ("--setenv", "SECRET", "x"), "empty environment"),
        (("--ro-bind", "/usr", "/usr"), ("--ro-bind", "/usr", "/usr", "--dir", "/root"), "nothing of the host"),
        (("--disable-userns",), (), None),  # the filter holds too
    ],
)
async def test_a_wall_that_is_missing_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], instead: tuple[str, ...], fallen: str | None
) -> None:
    change(monkeypatch, words, instead)
    problem = await selftest.problem(make)
    assert (problem or "").endswith(f"is not: {fallen}." if fallen else ""), problem


async def test_a_filter_that_lets_everything_pass_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "program", lambda: struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000))
    problem = await selftest.problem(make)
    assert problem is not None
    assert "system call filter" in problem


async def test_a_sandbox_that_cannot_be_measured_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Box, "look", lambda _: None)
    problem = await selftest.problem(make)
    assert problem is not None
    assert "memory that can be measured" in problem


async def test_limits_that_were_not_put_on_it_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_resources", lambda _: [(resource.RLIMIT_NOFILE, 100)])
    problem = await selftest.problem(make)
    assert problem is not None
    assert "number of processes" in problem


async def test_a_bubblewrap_that_makes_no_sandbox_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(stage: Stage) -> Box:
        return make(replace(stage, environment=(("", "x"),)))

    problem = await selftest.problem(unable)
    assert problem is not None
    assert "bwrap: " in problem


async def test_a_bubblewrap_that_is_gone_is_told() -> None:
    def unable(stage: Stage) -> Box:
        return Box(stage, bubblewrap="/no/such/bwrap")

    problem = await selftest.problem(unable)
    assert problem is not None
    assert "could not be started (No such file or directory)" in problem


async def test_a_machine_without_a_filter_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "is_known", lambda _: False)
    problem = await selftest.problem(make)
    assert problem is not None
    assert "x86_64 and aarch64" in problem
