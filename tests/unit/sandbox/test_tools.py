"""The tools: made once, found again, made anew for another toolchain."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from kibitz.sandbox import tools as toolboxes
from kibitz.sandbox.plan import Language, Stage, Tool
from kibitz.sandbox.tools import Toolbox

LANGUAGE = Language(
    name="tongue",
    title="Tongue",
    aliases=(),
    extensions=(),
    package="",
    programs=(),
    toolchain="",
    version="",
    proof="",
    run=Stage(name="run", script="", configuration=("tongue",)),
    tools=(
        Tool(name="first", script="make first", source=b"one", needed=True),
        Tool(name="below/second", script="make second", source=b"two"),
    ),
)


class Maker:
    """Makes a tool of its source, and remembers."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.fails = False

    async def __call__(self, stage: Stage, source: bytes, file: BinaryIO) -> bool:
        self.stages.append(stage)
        file.write(b"made of " + source)
        return not self.fails

    @property
    def names(self) -> list[str]:
        return [stage.name for stage in self.stages]


def box(root: Path, maker: Maker, version: Callable[[Language], str] = lambda _: "1.0") -> Toolbox:
    return Toolbox(root, maker, version)


async def test_what_is_needed_is_made_first_and_the_rest_when_there_is_time(tmp_path: Path) -> None:
    maker = Maker()
    toolbox = box(tmp_path, maker)
    assert await toolbox.make(LANGUAGE, needed=True)
    assert maker.names == ["tongue first"]
    assert await toolbox.make(LANGUAGE, needed=False)
    assert maker.names == ["tongue first", "tongue below/second"]
    place = toolbox.place(LANGUAGE)
    assert (place / "first").read_bytes() == b"made of one"
    assert (place / "below" / "second").read_bytes() == b"made of two"
    assert {stage.tools for stage in maker.stages} == {"tongue"}
    assert maker.stages[0].configuration == ("tongue",)


async def test_what_is_there_is_not_made_again_not_even_by_the_next_process(tmp_path: Path) -> None:
    await box(tmp_path, Maker()).make(LANGUAGE, needed=True)
    toolbox = box(tmp_path, maker := Maker())
    assert await toolbox.make(LANGUAGE, needed=True)
    assert maker.names == []


@pytest.mark.parametrize(
    ("language", "version"),
    [
        (LANGUAGE, "2.0"),
        (replace(LANGUAGE, tools=(replace(LANGUAGE.tools[0], script="make it otherwise"),)), "1.0"),
        (replace(LANGUAGE, tools=(replace(LANGUAGE.tools[0], source=b"other"),)), "1.0"),
    ],
)
async def test_another_toolchain_or_another_way_to_make_them_has_its_own(
    tmp_path: Path, language: Language, version: str
) -> None:
    old = box(tmp_path, Maker())
    await old.make(LANGUAGE, needed=True)
    new = box(tmp_path, maker := Maker(), lambda _: version)
    await new.make(language, needed=True)
    assert maker.names == ["tongue first"]
    assert new.place(language) != old.place(LANGUAGE)
    assert not old.place(LANGUAGE).exists(), "what nobody will use is removed"


async def test_what_fails_leaves_nothing_and_is_not_tried_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker()
    maker.fails = True
    toolbox = box(tmp_path, maker)
    for _ in range(2):
        assert not await toolbox.make(LANGUAGE, needed=True)
    assert maker.names == ["tongue first"]
    assert list(toolbox.place(LANGUAGE).iterdir()) == []
    monkeypatch.setattr(toolboxes, "RETRY", 0.0)
    maker.fails = False
    assert await toolbox.make(LANGUAGE, needed=True)


async def test_a_language_without_tools_has_nothing_to_make(tmp_path: Path) -> None:
    maker = Maker()
    assert await box(tmp_path, maker).make(replace(LANGUAGE, tools=()), needed=True)
    assert maker.names == []
