"""Why bubblewrap could not make a sandbox, and what to do about it."""

from pathlib import Path

import pytest

from kibitz.sandbox.jail import diagnosis
from kibitz.sandbox.jail.diagnosis import explain


@pytest.fixture(autouse=True)
def ordinary_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that allows everything, unless a test says otherwise."""
    machine(monkeypatch)


def machine(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str] | None = None, *, container: bool = False
) -> None:
    """Let the kernel's settings be these, and this a container or not."""
    known = settings or {}
    monkeypatch.setattr(diagnosis, "_is_on", lambda path: known.get(Path(path).name, "0") != "0")
    monkeypatch.setattr(diagnosis, "_is_off", lambda path: known.get(Path(path).name, "1") == "0")
    monkeypatch.setattr(diagnosis, "_in_container", lambda: container)


def test_a_masked_proc_is_told_with_dockers_option() -> None:
    assert "systempaths=unconfined" in explain("bwrap: Can't mount proc on /newroot/proc: Operation not permitted\n")


def test_an_old_bubblewrap_is_told_with_the_version_it_takes() -> None:
    assert "0.8" in explain("bwrap: Unknown option --disable-userns\n")


@pytest.mark.parametrize(
    ("setting", "value", "mend"),
    [
        ("apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
        ("max_user_namespaces", "0", "sysctl user.max_user_namespaces"),
    ],
)
def test_a_setting_of_the_kernel_is_told_by_its_name(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, mend: str
) -> None:
    machine(monkeypatch, {setting: value})
    assert mend in explain("bwrap: setting up uid map: Permission denied\n")


def test_a_container_is_told_the_options_to_start_it_with(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, container=True)
    assert "seccomp=unconfined" in explain("bwrap: No permissions to create a new namespace, likely because ...\n")


@pytest.mark.parametrize(
    ("said", "told"), [("warning\nbwrap: Something new\n", "bwrap: Something new"), ("", "nothing")]
)
def test_what_nobody_knows_is_told_as_it_was_said(said: str, told: str) -> None:
    assert explain(said).endswith(told)


def test_settings_are_read_where_the_kernel_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    setting = tmp_path / "setting"
    assert not diagnosis._is_on(str(setting))
    assert not diagnosis._is_off(str(setting))
    setting.write_text("0\n")
    assert diagnosis._is_off(str(setting))
    setting.write_text("1\n")
    assert diagnosis._is_on(str(setting))
    monkeypatch.setattr(diagnosis, "_CONTAINERS", (setting,))
    assert diagnosis._in_container()
