"""The sandbox's walls, as bubblewrap is told them."""

import os

import pytest
from tests.unit.sandbox.boxes import Trial, needs_sandbox

from kibitz.sandbox.jail.arguments import HOME, arguments
from kibitz.sandbox.plan import Stage
from kibitz.sandbox.policy import MIB, Limits

STAGE = Stage(
    name="trial",
    script="true",
    limits=Limits(disk=5 * MIB),
    configuration=("pass*", "no-such-thing-*"),
    environment=(("COLOUR", "red"),),
)


def words(tools: str | None = None) -> list[str]:
    return arguments(STAGE, tools, {"/opt/kibitz/x": 9}, gate="gate\n", seccomp=7, status=8)


def following(found: list[str], word: str, count: int) -> list[list[str]]:
    return [found[at + 1 : at + 1 + count] for at, one in enumerate(found) if one == word]


def test_nothing_of_the_host_is_bound_to_be_written() -> None:
    found = words("/var/cache/kibitz/tools/c")
    assert not {"--bind", "--bind-try", "--dev-bind", "--dev-bind-try", "--bind-data"} & set(found)
    assert ["/var/cache/kibitz/tools/c", "/opt/kibitz/made"] in following(found, "--ro-bind", 2)


def test_every_place_that_can_be_written_to_has_a_size() -> None:
    found = words()
    sizes = following(found, "--size", 1)
    assert [str(5 * MIB)] in sizes
    assert len(sizes) == found.count("--tmpfs") == 2


def test_what_is_read_only_becomes_so_after_everything_is_there() -> None:
    found = words()
    last = max(found.index(word) for word in ("--tmpfs", "--file", "--symlink", "--ro-bind-try"))
    assert [found[at + 1] for at in range(last, len(found)) if found[at] == "--remount-ro"] == ["/proc", "/dev", "/"]


def test_the_stages_own_wishes_are_heard() -> None:
    found = words()
    assert ["COLOUR", "red"] in following(found, "--setenv", 2)
    assert ["9", "/opt/kibitz/x"] in following(found, "--file", 2)
    assert ["/etc/passwd", "/etc/passwd"] in following(found, "--ro-bind-try", 2)
    assert found[-4:] == ["--", "/bin/sh", "-c", "gate\ntrue"]


def test_a_system_with_real_directories_gets_them_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "islink", lambda _: False)
    monkeypatch.setattr(os.path, "isdir", lambda place: place == "/bin")
    found = words()
    assert ["/bin", "/bin"] in following(found, "--ro-bind", 2)
    assert ["/lib", "/lib"] not in following(found, "--ro-bind", 2)


@needs_sandbox
@pytest.mark.usefixtures("ordinary_user")
async def test_inside_there_is_one_place_to_write_to_and_one_account() -> None:
    trial = Trial("id -un; cd /tmp; pwd -P; echo $HOME; hostname; touch /usr/x /etc/x /x; ls /").give()
    await trial.end()
    user, place, home, host, *rest = trial.stdout.split()
    assert (user, place, home, host) == ("kibitz", HOME, HOME, "kibitz")
    assert set(rest) <= {"bin", "box", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr"}
    assert trial.stderr.count("Read-only file system") == 3
