"""The attack suite: no program gets out of Kibitz's sandbox, and every program would be noticed if it did.

Rule: a probe that does not hold is a hole in the sandbox until it is shown to be otherwise; it is never made weaker.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.sandbox.attacks.executor import Ending, Program
from tests.sandbox.attacks.harness import Outcome, attack
from tests.sandbox.attacks.naive import UNPRIVILEGED, Naive
from tests.sandbox.attacks.probe import SUFFIXES, Probe, load, parse
from tests.sandbox.attacks.sandboxed import Sandboxed, sandboxed
from tests.sandbox.attacks.world import VARIABLE, secret_environment

PROBES: Final = load()

SAMPLE: Final = (
    "c/daemon", "c/fork_bomb", "c/heap_bomb", "c/io_uring", "c/ptrace", "c/embed_secret", "cpp/embeds_secret", "java/ReadsHostFiles",
    "javascript/leaves_child", "javascript/reads_host_files", "python/connects_by_tcp", "python/connects_by_unix",
    "python/files_between_runs", "python/floods_output", "python/kills_canary", "python/prints_control_characters",
    "python/reads_environment", "python/sockets_between_runs", "python/writes_host_files",
)  # fmt: skip
"""Probes that are quick without walls: one or two of each way in which an outcome is looked at."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start it as somebody else")


@pytest.fixture(autouse=True)
def _secret() -> Iterator[None]:
    with secret_environment():
        yield


def of_language(language: str) -> list[Probe]:
    return [probe for probe in PROBES if probe.language == language]


def one_of_each_kind(language: str) -> list[Probe]:
    """The first probe of each area."""
    return list({probe.area: probe for probe in reversed(of_language(language)) if not probe.slow}.values())


def breaches(outcomes: Sequence[Outcome]) -> dict[str, tuple[str, ...]]:
    return {outcome.probe.name: outcome.breaches for outcome in outcomes if outcome.breaches}


def require(executor: Sandboxed, language: str) -> None:
    missing = next(info.missing for info in executor.runner.languages if info.name == language)
    if missing:
        pytest.skip(missing)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", SUFFIXES)
async def test_no_program_gets_out(language: str) -> None:
    async with sandboxed() as executor:
        require(executor, language)
        assert breaches(await attack(executor, of_language(language))) == {}
        assert executor.runner.counters.restarts == 0, "a program ended the sandbox process itself"


@as_root
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", SUFFIXES)
async def test_no_program_gets_out_where_an_ordinary_user_runs_it(language: str) -> None:
    async with sandboxed(user=UNPRIVILEGED) as executor:
        require(executor, language)
        # Programs in C and Python reach all that the kernel offers; what differs by user is there or nowhere.
        probes = of_language(language) if language in {"c", "python"} else one_of_each_kind(language)
        assert breaches(await attack(executor, probes)) == {}
        assert executor.runner.counters.restarts == 0, "a program ended the sandbox process itself"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", SUFFIXES)
async def test_no_program_gets_out_of_a_sandbox_that_was_made_for_it(language: str) -> None:
    async with sandboxed(cold=True) as executor:
        require(executor, language)
        assert breaches(await attack(executor, one_of_each_kind(language))) == {}


@pytest.mark.timeout(300)
async def test_without_walls_they_do_get_out() -> None:
    sample = [probe for probe in PROBES if probe.name in SAMPLE]
    assert len(sample) == len(SAMPLE)
    outcomes = await attack(Naive(), sample)
    assert [outcome.probe.name for outcome in outcomes if not outcome.breaches] == []


class Scripted:
    """An executor that runs nothing: it does something else, and says that all went well."""

    user = os.geteuid()

    def __init__(self, play: Callable[[Program], str]) -> None:
        self._play = play

    async def run(self, program: Program) -> Ending:
        return Ending(self._play(program), exit_code=0)


def leave_a_process(program: Program) -> str:
    subprocess.run(["setsid", "--fork", "sh", "-c", "while :; do sleep 0.1; done", program.mark], check=True)
    return "RAN"


def leave_a_file(program: Program) -> str:
    Path(f"/tmp/{program.mark}").touch()  # noqa: S108 - where programs leave things
    return "RAN"


def fail(program: Program) -> str:
    raise RuntimeError(program.language)


async def test_a_program_that_never_ran_has_not_been_held() -> None:
    outcomes = await attack(Scripted(lambda _: ""), PROBES)
    assert [outcome.probe.name for outcome in outcomes if not outcome.breaches] == []


@pytest.mark.parametrize(
    ("play", "complaint"),
    [
        (lambda _: "RAN\nBREACH it could\n", "it says: it could"),
        (lambda _: f"RAN {os.environ[VARIABLE]}", "a secret is in its output"),
        (lambda _: "RAN" + "x" * 2**21, "2 MiB of output came through"),
        (leave_a_process, "processes were left"),
        (leave_a_file, "1 files were left"),
        (fail, "the executor raised RuntimeError"),
    ],
)
async def test_the_harness_complains_of(play: Callable[[Program], str], complaint: str) -> None:
    probe = next(probe for probe in PROBES if probe.name == "c/daemon")
    [outcome] = await attack(Scripted(play), [probe])
    assert complaint in "; ".join(outcome.breaches)
    assert (await attack(Scripted(lambda _: "RAN"), [probe]))[0].breaches == ()


def test_the_suite_is_as_wide_as_it_claims() -> None:
    assert len(PROBES) >= 80
    assert {probe.language for probe in PROBES} == set(SUFFIXES)
    for language in SUFFIXES:
        assert len({probe.area for probe in of_language(language)}) >= 5, language
    assert sum(bool(probe.naive) for probe in PROBES) < len(PROBES) / 3, "most must be shown to do harm without walls"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("int main(void) { return 0; }", "does not open with a comment"),
        ("/* It tries nothing.\n */", "does not say its area"),
        ("/* It tries.\n *\n * area: endings\n * end: any\n */", "there is no key end"),
        ("/* It tries.\n *\n * area: endings\n * runs: twice\n */", "runs is one of"),
    ],
)
def test_a_header_that_cannot_be_read_says_why(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "probe.c"
    path.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        parse(path, "c")
