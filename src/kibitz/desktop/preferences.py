"""What the desktop client remembers from one start to the next: a small file, without secrets.

Rule: a file that cannot be read is put aside, never overwritten; what is written is there whole or not at all. Passwords go to the
system's keyring, and where there is none they are not kept.
"""

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import keyring
import msgspec
import platformdirs
from keyring.errors import KeyringError

T = TypeVar("T")

SERVICE: Final = "kibitz"
"""The name that passwords go by in the keyring."""

Theme = Literal["system", "light", "dark"]

log = logging.getLogger(__name__)


class Preferences(msgspec.Struct, frozen=True, omit_defaults=True):
    """`fingerprints` are those of certificates a person chose to trust, by `host:port`; `scale` 0 means as the screen says."""

    host: str = "127.0.0.1"
    port: int = 5555
    user: str = ""
    tls: bool = False
    remember: bool = False
    theme: Theme = "system"
    scale: float = 0.0
    notifications: bool = True
    notification_text: bool = True
    geometry: str = ""
    fingerprints: dict[str, str] = {}
    told_of_keyring: bool = False


class Store:
    """The directory where preferences, drafts and unsent messages are kept."""

    def __init__(self, place: Path | None = None) -> None:
        self.place = place or platformdirs.user_config_path("kibitz", appauthor=False)

    def load(self) -> Preferences:
        """What was saved last; the defaults where that is nothing, or makes no sense."""
        return self.read("preferences.json", Preferences) or Preferences()

    def save(self, preferences: Preferences) -> None:
        """Keep this. A disk that is full loses no more than the change."""
        self.write("preferences.json", preferences)

    def read(self, name: str, kind: type[T]) -> T | None:
        """A file of ours, where there is one that makes sense."""
        path = self.place / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("%s cannot be read and is put aside: %s", path, error)
            with suppress(OSError):
                path.replace(path.with_name(path.name + ".unreadable"))
            return None

    def write(self, name: str, content: msgspec.Struct) -> None:
        """Keep a file, readable by its owner alone."""
        path = self.place / name
        draft = path.with_name(path.name + ".new")
        try:
            self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.parent.mkdir(exist_ok=True, mode=0o700)
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(content)))
            draft.replace(path)
        except OSError as error:
            log.warning("%s cannot be written: %s", path, error)

    def journal(self, user: str, host: str, port: int) -> Path:
        """Where unsent messages of one user of one server are kept."""
        return self.place / "unsent" / f"{file_name(user)}@{file_name(host)}-{port}.jsonl"

    def tabs(self, user: str, host: str, port: int) -> str:
        """The file that remembers the tabs of one user of one server."""
        return f"tabs/{file_name(user)}@{file_name(host)}-{port}.json"


class Settings:
    """The preferences of now: `value` is what they are; whoever changes them changes them here, so that nothing is lost between two."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.value = store.load()
        self._lock = threading.Lock()

    def change(self, **fields: Any) -> Preferences:
        """Keep other values of these fields. It writes a file, so not on Tk's thread."""
        with self._lock:
            self.value = msgspec.structs.replace(self.value, **fields)
            self.store.save(self.value)
        return self.value


def password_of(user: str, host: str, port: int) -> str | None:
    """The password in the keyring, if there is one. It may ask the person, so it may take long."""
    try:
        return keyring.get_password(SERVICE, _key(user, host, port))
    except (KeyringError, RuntimeError):
        return None


def keep_password(user: str, host: str, port: int, password: str | None) -> bool:
    """Put a password into the keyring, or take it out. False where the system has no keyring."""
    try:
        if password is not None:
            keyring.set_password(SERVICE, _key(user, host, port), password)
        elif keyring.get_password(SERVICE, _key(user, host, port)) is not None:
            keyring.delete_password(SERVICE, _key(user, host, port))
    except (KeyringError, RuntimeError):
        return False
    return True


def _key(user: str, host: str, port: int) -> str:
    return f"{user}@{host}:{port}"


def file_name(name: str) -> str:
    """A name as part of a file's: what could not stand there is written as its number, so that no two short names become one."""
    return "".join(char if char.isalnum() or char in "._-" else f"%{ord(char):x}" for char in name)[:64] or "_"
