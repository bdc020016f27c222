"""A run as data."""

from dataclasses import replace

import pytest

from kibitz.sandbox.plan import Language, Stage

RUN = Stage(name="run", script="")
COMPILE = Stage(name="compile", script="")
LANGUAGE = Language(
    name="tongue",
    title="Tongue",
    aliases=(),
    extensions=(),
    package="tongue",
    programs=("tongue",),
    toolchain="Tongue",
    version="tongue --version",
    proof="",
    run=RUN,
)


@pytest.mark.parametrize(("compile_", "stages"), [(None, (RUN,)), (COMPILE, (COMPILE, RUN))])
def test_a_program_is_compiled_before_it_runs_where_it_is_compiled(
    compile_: Stage | None, stages: tuple[Stage, ...]
) -> None:
    assert replace(LANGUAGE, compile=compile_).stages == stages
