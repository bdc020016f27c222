"""Settings: one table says what can be set, of what kind, and what it is for.

Rule: the fields of `Settings` are that table. Options, environment variables, keys of kibitz.toml and the reference page all come
from it, and the command line beats the environment beats the file.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from kibitz.server.kinds import COUNT, PATH, PORT, SECONDS, SIZE, SWITCH, TEXT, Kind, choice

PREFIX: Final = "KIBITZ_"
"""What the name of every environment variable begins with."""

CONFIG_VARIABLE: Final = "KIBITZ_CONFIG"
"""The environment's name for --config, which is the one option that is no key of the file."""

DEFAULT_FILE: Final = Path("kibitz.toml")
"""Read from the current directory where it is there and no other file is named."""


class SettingError(ValueError):
    """A setting that cannot be used: one sentence that says where it stands and what is expected."""


def _of(kind: Kind, help_: str, shown: str = "") -> dict[str, Any]:
    """What a row of the table says; `shown` stands for a default that depends on something else."""
    return {"kind": kind, "help": help_, "shown": shown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator may set for one server. Raises `SettingError` for settings that contradict each other."""

    host: str = field(
        default="127.0.0.1",
        metadata=_of(TEXT, "Address both ports listen on; 0.0.0.0 for every network of this machine."),
    )
    tcp_port: int = field(default=5555, metadata=_of(PORT, "Port of the line protocols; 0 picks a free one."))
    http_port: int = field(default=8080, metadata=_of(PORT, "Port of HTTP and WebSocket; 0 picks a free one."))
    data_dir: Path = field(
        default=Path("kibitz-data"), metadata=_of(PATH, "Directory of everything the server keeps; made if missing.")
    )
    database: str = field(
        default="",
        metadata=_of(TEXT, "Database: the path of an SQLite file, or a URL.", "kibitz.db in the data directory"),
    )
    guests: bool = field(default=False, metadata=_of(SWITCH, "Let people in by name alone, without an account."))
    open_sign_up: bool = field(
        default=False,
        metadata=_of(SWITCH, "Let anyone who can reach the server make an account, not only the first, who owns it."),
    )
    max_clients: int = field(
        default=10_000, metadata=_of(COUNT, "Most connections at a time; the limit of open files may lower it.")
    )
    max_file_size: int = field(default=50_000_000, metadata=_of(SIZE, "Largest file that can be shared.", "50MB"))
    code_timeout: float = field(default=30.0, metadata=_of(SECONDS, "Longest time a program may run."))
    no_rate_limits: bool = field(
        default=False, metadata=_of(SWITCH, "Take whatever comes however fast: for benchmarks and trusted networks.")
    )
    tls_cert: Path | None = field(
        default=None, metadata=_of(PATH, "Certificate chain in PEM: switches TLS on for both ports; needs the key too.")
    )
    tls_key: Path | None = field(default=None, metadata=_of(PATH, "Private key of the certificate in PEM."))
    tls_self_signed: bool = field(
        default=False,
        metadata=_of(SWITCH, "Switch TLS on with a certificate of the server's own making, for a local network."),
    )
    log_format: str = field(
        default="auto",
        metadata=_of(choice("auto", "human", "json"), "Form of the log; auto is human in a terminal, else json."),
    )
    log_level: str = field(
        default="info", metadata=_of(choice("debug", "info", "warning", "error"), "The least that is logged.")
    )

    def __post_init__(self) -> None:
        """Fill in the default that depends on another setting, and refuse contradictions."""
        if not self.database:
            object.__setattr__(self, "database", str(self.data_dir / "kibitz.db"))
        if (self.tls_cert is None) != (self.tls_key is None):
            given, missing = ("tls_cert", "tls_key") if self.tls_cert else ("tls_key", "tls_cert")
            raise SettingError(f"{given} is set, but {missing} is not: TLS needs both the certificate and its key.")
        if self.tls_cert and self.tls_self_signed:
            raise SettingError("tls_cert and tls_self_signed are both set: choose one of the two certificates.")

    @property
    def tls(self) -> bool:
        """Whether both ports speak TLS."""
        return self.tls_self_signed or self.tls_cert is not None

    @property
    def rate_limits(self) -> bool:
        """Whether clients that are too fast are told to wait."""
        return not self.no_rate_limits


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table, with its name in each of the three places it can be set in."""

    name: str
    kind: Kind
    default: Any
    help: str
    shown: str

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper()

    @property
    def option(self) -> str:
        """Its name on the command line."""
        return "--" + self.name.replace("_", "-")


def _row(name: str, default: Any, metadata: Mapping[str, Any]) -> Setting:
    shown = metadata["shown"] or metadata["kind"].show(default)
    return Setting(name, metadata["kind"], default, metadata["help"], shown)


SETTINGS: Final = {one.name: _row(one.name, one.default, one.metadata) for one in fields(Settings)}
"""The table: every setting by its name."""


def load(given: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings to run with: `given` on the command line, already of their kinds, beats `environ`, which beats the file.

    Raises `SettingError` for a name that does not exist or a value that cannot be used, and says where it stands.
    """
    named = file or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    return Settings(**{**_from_file(named), **_from_environment(environ), **given})


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    variables = {setting.variable: setting for setting in SETTINGS.values()}
    found = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE:
            continue
        if variable not in variables:
            raise SettingError(
                f"The environment variable {variable} is no setting of Kibitz.{_suggest(variable, variables)}"
            )
        setting = variables[variable]
        found[setting.name] = _parse(setting, value, f"The environment variable {variable}")
    return found


def _from_file(named: Path | None) -> dict[str, Any]:
    path = named or DEFAULT_FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named is None:
            return {}
        raise SettingError(f"There is no file {path}: name one that exists with --config.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path} is not valid TOML: {error}.") from error
    return {key: _from_key(path, key, value) for key, value in document.items()}


def _from_key(path: Path, key: str, value: Any) -> Any:
    if key not in SETTINGS:
        raise SettingError(f"{path}: {key} is no setting of Kibitz.{_suggest(key, SETTINGS)}")
    source = f"{path}: {key}"
    if isinstance(value, bool):
        value = str(value).lower()
    elif not isinstance(value, str | int | float):
        raise SettingError(f"{source} must be {SETTINGS[key].kind.expects}, not a {type(value).__name__}.")
    return _parse(SETTINGS[key], str(value), source)


def _parse(setting: Setting, value: str, source: str) -> Any:
    try:
        return setting.kind.parse(value)
    except ValueError:
        raise SettingError(f"{source} must be {setting.kind.expects}, not {value!r}.") from None


def _suggest(name: str, known: Mapping[str, object]) -> str:
    # By its form in the table, so that `tcp-port` in a file finds `tcp_port` and a lower-case variable its upper-case name.
    forms = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold().replace("-", "_"), forms, n=1, cutoff=0.6)
    return f" Did you mean {forms[close[0]]}?" if close else " See the reference of settings for all there are."
