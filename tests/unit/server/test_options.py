"""Settings on the command line."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kibitz.server.config import SETTINGS, Settings
from kibitz.server.options import takes_settings


@click.command()
@takes_settings()
def everything(settings: Settings) -> None:
    """Print all settings."""
    click.echo(repr(settings))


@click.command()
@takes_settings("data_dir")
@click.argument("name")
def some(settings: Settings, name: str) -> None:
    """Print one setting and an argument."""
    click.echo(f"{name} in {settings.data_dir} on {settings.tcp_port}")


def run(command: click.Command, *words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, words, env=env)


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_setting_is_an_option_with_its_help() -> None:
    shown = " ".join(run(everything, "--help").output.split())
    for setting in SETTINGS.values():
        assert setting.option in shown
        assert setting.help.split(";")[0].split(",")[0] in shown


def test_an_option_beats_the_environment() -> None:
    result = run(everything, "--tcp-port", "7", "--max-file-size", "2MB", env={"KIBITZ_TCP_PORT": "8"})
    assert "tcp_port=7" in result.output
    assert "max_file_size=2000000" in result.output


def test_what_the_file_switches_on_the_command_line_can_switch_off() -> None:
    Path("kibitz.toml").write_text("guests = true\nno_rate_limits = true")
    result = run(everything, "--no-guests", "--rate-limits")
    assert "guests=False" in result.output
    assert "no_rate_limits=False" in result.output


@pytest.mark.parametrize(
    ("words", "env", "sentence"),
    [
        (["--tcp-port", "x"], {}, "Invalid value for '--tcp-port': It must be a port from 0 to 65535, not 'x'."),
        (["--config", "gone.toml"], {}, "There is no file gone.toml"),
        ([], {"KIBITZ_GUEST": "1"}, "Did you mean KIBITZ_GUESTS?"),
        (["--tls-cert", "c.pem"], {}, "tls_cert is set, but tls_key is not"),
    ],
)
def test_a_bad_setting_is_wrong_usage(words: list[str], env: dict[str, str], sentence: str) -> None:
    result = run(everything, *words, env=env)
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_command_can_take_some_settings_and_still_gets_the_others_from_elsewhere() -> None:
    result = run(some, "--data-dir", "here", "alice", env={"KIBITZ_TCP_PORT": "9"})
    assert result.output == "alice in here on 9\n"
    assert run(some, "--tcp-port", "1", "alice").exit_code == 2
