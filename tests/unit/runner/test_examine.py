"""Whether programs can be run on this machine."""

import shutil

import pytest
from tests.unit.runner.sandboxes import acting, real_command
from tests.unit.sandbox.boxes import needs_sandbox

from kibitz.runner.examine import examine
from kibitz.sandbox.jail.arguments import PATH
from kibitz.sandbox.languages import languages

TAKES = "hello()\nit = hear()\nsay('started', run=it['run'], toolchain='')\n"


@needs_sandbox
@pytest.mark.timeout(300)
def test_every_language_of_this_machine_greets() -> None:
    with real_command() as command:
        found = examine(command)
    assert (found.problem, found.failed) == (None, {})
    here = {info.name for info in found.languages if info.missing is None}
    assert here == {
        name for name, one in languages().items() if all(shutil.which(program, path=PATH) for program in one.programs)
    }


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        ("say('output', run=it['run'], stream='stdout', data='hell\\n')\n", "hell\n"),
        ("say('output', run=it['run'], stream='stderr', data='no!')\n", "no!"),
        ("", ""),
    ],
)
def test_a_language_that_does_not_greet_is_told_with_what_it_said(acts: str, said: str) -> None:
    ends = "say('ended', run=it['run'], result={'exit_code': 1, 'duration_ms': 0})\nhear()"
    found = examine(acting(TAKES + acts + ends))
    assert found.failed == {"python": said}


def test_a_program_that_was_ended_is_told_with_why() -> None:
    ends = "say('ended', run=it['run'], result={'exit_code': None, 'killed_for': 'timeout', 'duration_ms': 0})\nhear()"
    assert examine(acting(TAKES + ends)).failed == {"python": "timeout"}


def test_a_refusal_is_told() -> None:
    refuses = "hello()\nsay('refused', run=hear()['run'], code='busy', message='Full.')\nhear()"
    assert examine(acting(refuses)).failed == {"python": "Full."}


def test_a_problem_is_told_and_nothing_is_run() -> None:
    found = examine(acting("hello('Install it.')\nhear()"))
    assert (found.problem, found.failed) == ("Install it.", {})


def test_a_sandbox_that_cannot_be_started_is_a_problem() -> None:
    found = examine(["/no/such/program"])
    assert found.problem is not None
    assert "could not be started" in found.problem
