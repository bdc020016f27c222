"""Groups of processes, in a tree of ordinary files: what is written where. The kernel's own answers are tried in a virtual machine."""

import os
from pathlib import Path

import pytest

from kibitz.sandbox import cgroup as cgroups
from kibitz.sandbox.cgroup import Leaf, Tree, delegated
from kibitz.sandbox.policy import Limits

LIMITS = Limits()


def a_group(path: Path, *, controllers: str = "cpu memory pids", processes: str = "") -> Path:
    """A group as the kernel shows it."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("cgroup.controllers", controllers),
        ("cgroup.procs", processes),
        ("cgroup.subtree_control", ""),
    ):
        (path / name).write_text(text)
    return path


@pytest.fixture
def mount(tmp_path: Path) -> Path:
    """The root of a tree in which this process is in /kibitz.service."""
    root = a_group(tmp_path / "cgroup")
    (tmp_path / "own").write_text("0::/kibitz.service\n")
    a_group(root / "kibitz.service")
    return root


def found(mount: Path) -> Path | None:
    return delegated(mount, mount.parent / "own")


def be(monkeypatch: pytest.MonkeyPatch, uid: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)


def mark(monkeypatch: pytest.MonkeyPatch, *groups: Path) -> None:
    """Let systemd have given these away."""
    monkeypatch.setattr(cgroups, "_xattr", lambda group, _: b"1" if group in groups else b"")


def test_what_systemd_gave_away_is_ours(mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, 0)
    mark(monkeypatch, mount / "kibitz.service")
    assert found(mount) == mount / "kibitz.service"


def test_a_subgroup_that_systemd_put_the_server_into_leads_to_the_one_above(
    mount: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(monkeypatch, 0)
    mark(monkeypatch, mount / "kibitz.service")
    a_group(mount / "kibitz.service" / "main")
    (mount.parent / "own").write_text("0::/kibitz.service/main\n")
    assert found(mount) == mount / "kibitz.service"


def test_root_takes_nothing_that_was_not_given_away(mount: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, 0)
    mark(monkeypatch)
    assert found(mount) is None


@pytest.mark.parametrize(
    ("inside", "is_ours"),
    [("", True), (f"{os.getpid()}\n{os.getppid()}\n", True), (f"{os.getpid()}\n1\n", False)],
    ids=["nobody", "we", "others"],
)
def test_a_users_own_group_is_ours_when_nobody_else_is_in_it(
    mount: Path, monkeypatch: pytest.MonkeyPatch, inside: str, is_ours: bool
) -> None:
    group = a_group(mount / "kibitz.service", processes=inside)
    be(monkeypatch, group.stat().st_uid or 1000)
    monkeypatch.setattr(cgroups, "_owner", lambda _: os.geteuid())
    mark(monkeypatch)
    assert found(mount) == (group if is_ours else None)


def test_a_server_that_an_earlier_sandbox_moved_down_leads_to_the_same_group_again(
    mount: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = a_group(mount / "kibitz.service")
    a_group(group / "server", processes=f"{os.getpid()}\n")
    (mount.parent / "own").write_text("0::/kibitz.service/server\n")
    be(monkeypatch, group.stat().st_uid or 1000)
    monkeypatch.setattr(cgroups, "_owner", lambda _: os.geteuid())
    mark(monkeypatch)
    assert found(mount) == group


@pytest.mark.parametrize("controllers", ["", "cpu pids", "memory"])
def test_a_group_without_the_controllers_is_of_no_use(
    mount: Path, monkeypatch: pytest.MonkeyPatch, controllers: str
) -> None:
    be(monkeypatch, 0)
    mark(monkeypatch, a_group(mount / "kibitz.service", controllers=controllers))
    assert found(mount) is None


def test_version_1_is_left_alone(mount: Path, tmp_path: Path) -> None:
    (mount.parent / "own").write_text("4:memory:/somewhere\n")
    assert found(mount) is None
    assert delegated(tmp_path / "nothing", mount.parent / "own") is None


def test_a_leaf_has_the_limits_of_its_run(tmp_path: Path) -> None:
    leaf = Leaf(tmp_path / "1", LIMITS)
    leaf.take(4711)
    leaf.kill()
    written = {path.name: path.read_text() for path in (tmp_path / "1").iterdir()}
    assert written == {
        "memory.max": str(LIMITS.memory),
        "memory.oom.group": "1",
        "pids.max": str(LIMITS.processes + 1),
        "cgroup.procs": "4711",
        "cgroup.kill": "1",
    }


@pytest.mark.parametrize(
    ("events", "ran_out"), [("oom 1\noom_kill 0\n", False), ("oom 2\noom_kill 2\n", True), ("", False)]
)
def test_a_leaf_knows_whether_the_kernel_ended_something_for_its_memory(
    tmp_path: Path, events: str, ran_out: bool
) -> None:
    leaf = Leaf(tmp_path / "1", LIMITS)
    (tmp_path / "1" / "memory.events").write_text(events)
    assert leaf.ran_out_of_memory is ran_out


def test_an_empty_leaf_is_removed_and_one_in_use_is_no_error(tmp_path: Path) -> None:
    leaf = Leaf(tmp_path / "1", LIMITS)
    leaf.remove()
    assert (tmp_path / "1").exists()
    for path in (tmp_path / "1").iterdir():
        path.unlink()
    leaf.remove()
    assert not (tmp_path / "1").exists()


def test_whoever_is_in_the_group_moves_below_it_and_so_does_this_process(mount: Path) -> None:
    base = a_group(mount / "kibitz.service", processes="4711\n4712\n")
    stale = base / "sandbox-1" / "service"
    stale.mkdir(parents=True)
    tree = Tree(base)
    assert (tree.group / "service" / "cgroup.procs").read_text() == str(os.getpid())
    assert (base / "server" / "cgroup.procs").read_text() == "4712"
    assert (base / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (tree.group / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert not stale.exists()


def test_each_sandbox_has_a_leaf_of_its_own(mount: Path) -> None:
    tree = Tree(a_group(mount / "kibitz.service"))
    tree.leaf(LIMITS)
    tree.leaf(LIMITS)
    assert {path.name for path in tree.group.iterdir() if path.is_dir()} == {"service", "1", "2"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give things away")
def test_who_goes_on_owns_the_groups(mount: Path) -> None:
    tree = Tree(a_group(mount / "kibitz.service"), owner=(60_999, 60_999))
    assert tree.group.stat().st_uid == 60_999
    assert (tree.group / "service" / "cgroup.procs").stat().st_uid == 60_999
    assert (mount / "kibitz.service" / "cgroup.procs").stat().st_uid == 0
