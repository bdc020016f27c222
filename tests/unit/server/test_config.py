"""Settings: where they come from, which wins, and what is said of a bad one."""

from pathlib import Path
from typing import Any

import pytest
from tools import settings_doc

from kibitz.server.config import SETTINGS, SettingError, Settings, load


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def toml(text: str, name: str = "kibitz.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_set_the_defaults_are_those_of_the_protocol() -> None:
    settings = load({}, {})
    assert (settings.host, settings.tcp_port, settings.http_port) == ("127.0.0.1", 5555, 8080)
    assert (settings.max_file_size, settings.code_timeout, settings.guests) == (50_000_000, 30.0, False)
    assert settings.rate_limits
    assert not settings.tls


def test_the_command_line_beats_the_environment_which_beats_the_file() -> None:
    toml('tcp_port = 1\nhttp_port = 2\nhost = "::1"')
    settings = load({"tcp_port": 3}, {"KIBITZ_TCP_PORT": "4", "KIBITZ_HTTP_PORT": "5"})
    assert (settings.tcp_port, settings.http_port, settings.host) == (3, 5, "::1")


def test_the_file_can_be_named_by_option_or_environment() -> None:
    one, other = toml("tcp_port = 1", "one.toml"), toml("tcp_port = 2", "other.toml")
    assert load({}, {}, one).tcp_port == 1
    assert load({}, {"KIBITZ_CONFIG": str(other)}).tcp_port == 2
    assert load({}, {"KIBITZ_CONFIG": str(other)}, one).tcp_port == 1


def test_every_setting_can_be_set_in_the_environment_and_in_the_file() -> None:
    texts: dict[str, Any] = {
        "host": "0.0.0.0",  # noqa: S104 - a value to be read, not bound
        "tcp_port": "0",
        "http_port": "65535",
        "data_dir": "/srv/kibitz",
        "database": "chat.db",
        "guests": "true",
        "open_sign_up": "true",
        "max_clients": "5",
        "max_file_size": "1GiB",
        "code_timeout": "2.5",
        "no_rate_limits": "true",
        "tls_cert": "cert.pem",
        "tls_key": "key.pem",
        "tls_self_signed": "false",
        "log_format": "json",
        "log_level": "debug",
    }
    assert set(texts) == set(SETTINGS)
    from_environment = load({}, {f"KIBITZ_{name.upper()}": text for name, text in texts.items()})
    toml("\n".join(f"{name} = {text if text in ('true', 'false') else repr(text)}" for name, text in texts.items()))
    assert load({}, {}) == from_environment
    assert (from_environment.max_file_size, from_environment.data_dir) == (1024**3, Path("/srv/kibitz"))
    assert from_environment.tls


def test_the_database_is_in_the_data_directory_unless_it_is_named() -> None:
    assert Settings(data_dir=Path("/srv/kibitz")).database == "/srv/kibitz/kibitz.db"
    assert Settings(database="postgresql://db/chat").database == "postgresql://db/chat"


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"KIBITZ_TCPPORT": "1"},
            "The environment variable KIBITZ_TCPPORT is no setting of Kibitz. Did you mean KIBITZ_TCP_PORT?",
        ),
        ({"KIBITZ_TCP_PORT": "x"}, "The environment variable KIBITZ_TCP_PORT must be a port from 0 to 65535, not 'x'."),
        ({"KIBITZ_GUESTS": "maybe"}, "The environment variable KIBITZ_GUESTS must be true or false, not 'maybe'."),
        ({"KIBITZ_CONFIG": "gone.toml"}, "There is no file gone.toml: name one that exists with --config."),
    ],
)
def test_a_bad_variable_is_named_with_what_is_expected(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        load({}, environ)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tcp-port = 1", "kibitz.toml: tcp-port is no setting of Kibitz. Did you mean tcp_port?"),
        ("zzz = 1", "kibitz.toml: zzz is no setting of Kibitz. See the reference of settings for all there are."),
        ("tcp_port = 70000", "kibitz.toml: tcp_port must be a port from 0 to 65535, not '70000'."),
        ("host = [1]", "kibitz.toml: host must be a text that is not empty, not a list."),
        ("guests = 2", "kibitz.toml: guests must be true or false, not '2'."),
    ],
)
def test_a_bad_key_is_named_with_its_file_and_what_is_expected(text: str, sentence: str) -> None:
    toml(text)
    with pytest.raises(SettingError) as caught:
        load({}, {})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("content", [b"host = ", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused_by_name(content: bytes) -> None:
    Path("kibitz.toml").write_bytes(content)
    with pytest.raises(SettingError, match=r"kibitz\.toml"):
        load({}, {})


def test_a_file_that_cannot_be_read_is_refused_by_name() -> None:
    Path("kibitz.toml").mkdir()
    with pytest.raises(SettingError, match=r"kibitz\.toml cannot be read"):
        load({}, {})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"tls_cert": Path("c.pem")}, "tls_cert is set, but tls_key is not"),
        ({"tls_key": Path("k.pem")}, "tls_key is set, but tls_cert is not"),
        ({"tls_cert": Path("c"), "tls_key": Path("k"), "tls_self_signed": True}, "choose one of the two certificates"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        load(given, {})


def test_the_reference_page_says_what_the_table_says() -> None:
    assert settings_doc.PAGE.read_text(encoding="utf-8") == settings_doc.page(), "run tools/settings_doc.py"
