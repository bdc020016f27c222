"""Who the sandbox is on the host."""

import os
import pwd
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from kibitz.sandbox.jail.identity import ACCOUNT, NUMBER, NoIdentity, assume, find


def accounts(monkeypatch: pytest.MonkeyPatch, *known: tuple[str, int, int]) -> None:
    """Let these be the accounts of the machine."""

    def by(key: int) -> Any:
        table = {row[key]: SimpleNamespace(pw_name=row[0], pw_uid=row[1], pw_gid=row[2]) for row in known}
        return lambda wanted: table[wanted]

    monkeypatch.setattr(pwd, "getpwnam", by(0))
    monkeypatch.setattr(pwd, "getpwuid", by(1))


def test_an_account_of_its_own_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts(monkeypatch, (ACCOUNT, 990, 980))
    assert find() == (990, 980)


def test_without_one_it_is_a_number_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts(monkeypatch, ("root", 0, 0))
    assert find() == (NUMBER, NUMBER)


def test_a_number_that_somebody_has_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts(monkeypatch, ("alice", NUMBER, 100))
    with pytest.raises(NoIdentity, match=f"belongs to alice.*useradd --system {ACCOUNT}"):
        find()


FOR_GOOD = """
import os
from kibitz.sandbox.jail.identity import NUMBER, assume
assume(NUMBER, NUMBER)
try:
    os.setuid(0)
except PermissionError:
    print(os.getresuid(), os.getresgid(), os.getgroups())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_it_becomes_that_user_for_good() -> None:
    done = subprocess.run([sys.executable, "-c", FOR_GOOD], capture_output=True, text=True, check=True)
    numbers = (NUMBER, NUMBER, NUMBER)
    assert done.stdout == f"{numbers} {numbers} []\n"


def test_where_the_system_does_not_let_us_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setgroups", refuse)
    with pytest.raises(NoIdentity, match="start Kibitz as an ordinary user"):
        assume(NUMBER, NUMBER)
