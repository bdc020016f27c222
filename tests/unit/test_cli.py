"""The command `kibitz`: what it takes, what it loads, and how it ends."""

import subprocess
import sys
from types import ModuleType

import pytest
from click.testing import CliRunner

from kibitz import __version__
from kibitz.cli import main
from kibitz.server.config import Settings
from kibitz.storage.faults import StartError


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that a server was started with, in place of a server."""
    found: list[Settings] = []

    def serve(settings: Settings) -> int:
        found.append(settings)
        if settings.tcp_port == 1:
            raise StartError("Port 1 cannot be used: choose another.")
        return 0

    assembly = ModuleType("kibitz.server.assembly")
    assembly.serve = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kibitz.server.assembly", assembly)
    return found


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"kibitz {__version__}\n"


def test_every_command_is_listed_with_what_it_is_for() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    for word in ("admin", "doctor", "run", "serve"):
        assert f"\n  {word} " in output


def test_the_server_is_started_with_the_settings_of_the_command_line(started: list[Settings]) -> None:
    result = CliRunner().invoke(main, ["serve", "--guests", "--tcp-port", "0"])
    assert result.exit_code == 0
    assert (started[0].guests, started[0].tcp_port) == (True, 0)


def test_a_start_that_fails_is_one_sentence_and_status_1(started: list[Settings]) -> None:
    result = CliRunner().invoke(main, ["serve", "--tcp-port", "1"])
    assert (result.exit_code, result.output) == (1, "kibitz: Port 1 cannot be used: choose another.\n")
    assert started


def test_wrong_usage_is_status_2() -> None:
    assert CliRunner().invoke(main, ["serve", "--no-such-option"]).exit_code == 2
    assert CliRunner().invoke(main, ["no-such-command"]).exit_code == 2


def test_asking_for_help_loads_no_server() -> None:
    script = (
        "import sys; from kibitz.cli import main; main(['serve', '--help'], standalone_mode=False); "
        "print([name for name in ('sqlalchemy', 'starlette', 'uvicorn', 'cryptography') if name in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[-1] == "[]"
