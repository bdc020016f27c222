"""The languages of a server, by whatever name people have for them."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.api.languages import find, list_languages, supported
from kibitz.domain.errors import Refusal
from kibitz.runner.runner import Runner
from kibitz.sandbox.messages import Hello, LanguageInfo
from kibitz.wire.results import Language, Languages

PYTHON = LanguageInfo(
    name="python", title="Python", aliases=("py", "python3"), extensions=(".py",), version="Python 3.11.2"
)
CPP = LanguageInfo(name="cpp", title="C++", aliases=("c++",), extensions=(".cpp",), missing="install g++")


class Here:
    """As much of a workspace as knows what can be run: the real runner, which has just been told this by its sandbox."""

    def __init__(self, *languages: LanguageInfo, problem: str | None = None) -> None:
        self.runner = Runner(self)
        self.runner._hear(Hello(languages=languages, problem=problem, at_once=2))

    def spawn(self, name: str, work: Any) -> asyncio.Task[Any]:
        raise AssertionError(f"{name} is not needed here")


@pytest.mark.parametrize("name", ["python", "PYTHON", " py ", "Python3"])
def test_a_language_is_found_by_every_name_it_has(name: str) -> None:
    assert find(Here(PYTHON, CPP).runner, name) is PYTHON


def test_a_language_that_cannot_be_run_here_can_be_written_here() -> None:
    assert find(Here(PYTHON, CPP).runner, "C++") is CPP


@pytest.mark.parametrize(("name", "hint"), [("pyhton", " Do you mean python?"), ("cobol", ""), ("", "")])
def test_a_language_that_is_not_there_is_answered_with_those_that_are(name: str, hint: str) -> None:
    with pytest.raises(Refusal) as refused:
        find(Here(PYTHON, CPP).runner, name)
    assert refused.value.code == "invalid"
    assert refused.value.message == f"There is no language {name!r} here; there are python, cpp.{hint}"


@given(
    st.text(max_size=100).filter(lambda name: name.strip().casefold() not in {"python", "py", "python3", "cpp", "c++"})
)
def test_whatever_else_is_asked_for_is_refused_in_one_short_line(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        find(Here(PYTHON, CPP).runner, name)
    assert len(refused.value.message) < 400
    assert len(refused.value.message.splitlines()) == 1


def test_what_is_supported_is_what_can_be_run_just_now() -> None:
    assert supported(Here(PYTHON, CPP).runner) == ["python"]
    assert supported(Here(PYTHON, CPP, problem="install bubblewrap").runner) == []


def test_everything_is_listed_with_what_is_missing() -> None:
    here: Any = Here(PYTHON, CPP, problem="install bubblewrap")
    listed = list_languages(here, here, here)
    assert listed == Languages(
        languages=[
            Language(name="python", title="Python", version="Python 3.11.2", aliases=["py", "python3"]),
            Language(name="cpp", title="C++", missing="install g++", aliases=["c++"]),
        ],
        problem="install bubblewrap",
    )
