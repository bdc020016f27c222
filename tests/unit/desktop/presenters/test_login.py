"""Logging in, against real servers."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.desktop import View
from tests.support.server import Server, serving

from kibitz.client.account import sign_up
from kibitz.client.client import Client
from kibitz.desktop.preferences import Preferences, Settings, Store
from kibitz.desktop.presenters import login as module
from kibitz.desktop.presenters.login import Form, Login, check


class Ring:
    """A keyring in memory; `there` is false where a system has none, and while `locked` it asks its owner."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, int], str] = {}
        self.there = True

    def password_of(self, user: str, host: str, port: int) -> str | None:
        return self.kept.get((user, host, port)) if self.there else None

    def keep_password(self, user: str, host: str, port: int, password: str | None) -> bool:
        if self.there and password is not None:
            self.kept[user, host, port] = password
        elif self.there:
            self.kept.pop((user, host, port), None)
        return self.there


class Person:
    """Somebody at a login window that is written down."""

    def __init__(self, place: Path, group: asyncio.TaskGroup) -> None:
        self.view = View()
        self.kept = Settings(Store(place))
        self.said: list[str] = []
        self.entered: list[tuple[str, Form]] = []
        self.why = ""
        self._group = group
        self.login = Login(self.kept, self._enter, self._begin, self.said.append)

    def _begin(self, work: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
        self._group.create_task(work(*args))

    async def _enter(self, client: Client, form: Form) -> str:
        me = client.replica.me
        assert me is not None
        self.entered.append((me.name, form))
        return self.why

    async def begin(self, form: Form | None = None, *, at_once: bool = False, tls: bool | None = None) -> None:
        await self.login.begin(self.view, form or Form(), at_once=at_once, tls=tls)

    async def logs_in(self, server: Server, user: str, **more: Any) -> None:
        await self.login.submit(Form(user, host=server.tcp[0], port=str(server.tcp[1]), **more))

    @property
    def refused(self) -> tuple[Any, ...]:
        return self.view.last("refuse")


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(module, "password_of", made.password_of)
    monkeypatch.setattr(module, "keep_password", made.keep_password)
    return made


@asynccontextmanager
async def somebody(place: Path) -> AsyncIterator[Person]:
    async with asyncio.TaskGroup() as group:
        yield Person(place, group)


@pytest.fixture
async def ann(tmp_path: Path, ring: Ring) -> AsyncIterator[Person]:
    async with somebody(tmp_path / "ann") as person:
        await person.begin()
        yield person


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("guests"), "--guests", "--no-rate-limits") as made:
        asyncio.run(sign_up(made.tcp_url, "carol", "correct horse"))
        yield made


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("secure"), "--guests", "--no-rate-limits", "--tls-self-signed") as made:
        yield made


# --- coming in ---------------------------------------------------------------------------------------------------------


async def test_a_guest_comes_in_by_name_alone_and_is_remembered(ann: Person, guests: Server) -> None:
    await ann.logs_in(guests, " ann ")
    assert [name for name, _ in ann.entered] == ["ann"]
    kept = ann.kept.store.load()
    assert (kept.user, kept.host, kept.port, kept.tls) == ("ann", *guests.tcp, False)
    assert ann.view.last("busy") == ("",)


async def test_a_name_given_on_the_command_line_comes_in_at_once(tmp_path: Path, ring: Ring, guests: Server) -> None:
    async with somebody(tmp_path) as person:
        await person.begin(Form("ben", host=guests.tcp[0], port=str(guests.tcp[1])), at_once=True)
        assert [name for name, _ in person.entered] == ["ben"]


async def test_a_name_that_has_an_account_is_asked_for_its_password(ann: Person, guests: Server) -> None:
    await ann.logs_in(guests, "carol")
    why, here = ann.view.last("ask_password")
    assert "has an account" in why
    assert here
    await ann.logs_in(guests, "carol", password="wrong horse")
    assert ann.refused == ("The name or the password is wrong.", "password")
    await ann.logs_in(guests, "carol", password="correct horse")
    assert [name for name, _ in ann.entered] == ["carol"]


async def test_a_server_without_guests_asks_for_a_password(tmp_path: Path, ann: Person) -> None:
    with serving(tmp_path) as server:
        await ann.logs_in(server, "ann")
        assert ann.view.last("ask_password") == ("This server asks for a password.",)


async def test_an_account_is_made_and_logged_in_with(tmp_path: Path, ann: Person) -> None:
    with serving(tmp_path, "--no-rate-limits") as server:
        await ann.logs_in(server, "ann", new=True, password="correct horse", again="correct horse")
        assert [name for name, _ in ann.entered] == ["ann"]
        await ann.logs_in(server, "ben", new=True, password="correct horse", again="correct horse")
        assert "admin of this server" in ann.refused[0]
        await ann.logs_in(server, "ann", password="correct horse")
        assert len(ann.entered) == 2


async def test_why_a_login_has_ended_is_said_at_the_window_that_comes_back(ann: Person, guests: Server) -> None:
    ann.why = "This login has ended; log in again."
    await ann.logs_in(guests, "ann", password="")
    assert ann.refused == (ann.why, None)


# --- what is wrong is said where it can be mended ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (Form("", host="h", port="1"), "user"),
        (Form("ann", host="", port="1"), "host"),
        (Form("ann", host="http://h", port="1"), "host"),
        (Form("ann", host="h", port="0"), "port"),
        (Form("ann", host="h", port="65536"), "port"),
        (Form("ann", host="h", port="many"), "port"),
        (Form("ann b", host="h", port="1", new=True, password="correct horse", again="correct horse"), "user"),
        (Form("ann", host="h", port="1", new=True, password="short", again="short"), "password"),
        (Form("ann", host="h", port="1", new=True, password="correct horse", again="correct hose"), "again"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(form: Form, field: str) -> None:
    wrong = check(form)
    assert wrong is not None
    assert wrong[1] == field


async def test_a_server_that_is_not_there_is_told_at_once(ann: Person, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        pass
    async with asyncio.timeout(10):
        await ann.logs_in(server, "ann")
    assert "Is the server running?" in ann.refused[0]
    assert ann.refused[1] == "host"


async def test_a_host_that_nobody_knows_is_told_so(ann: Person) -> None:
    await ann.login.submit(Form("ann", host="no-such-host.invalid", port="5555"))
    assert ann.refused[1] == "host"
    assert "no-such-host.invalid" in ann.refused[0]


async def test_a_server_that_says_nothing_can_be_given_up(ann: Person) -> None:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(ann.login.submit(Form("ann", host="127.0.0.1", port=str(port))))
            await ann.view.until("busy", lambda what: "Connecting" in what)
            await asyncio.sleep(0.05)
            ann.login.cancel()
        assert ann.refused == ("", "host")
        assert not ann.entered


async def test_plain_text_to_a_server_that_wants_tls_is_explained(ann: Person, secure: Server) -> None:
    await ann.logs_in(secure, "ann")
    assert ann.refused[1] == "host"
    assert "TLS" in ann.refused[0]


async def test_tls_to_a_server_that_has_none_is_explained(ann: Person, guests: Server) -> None:
    await ann.logs_in(guests, "ann", tls=True)
    assert "TLS" in ann.refused[0]


# --- certificates ------------------------------------------------------------------------------------------------------


async def test_a_certificate_nobody_vouches_for_is_shown_and_asked_about_before_anything_is_sent(
    ann: Person, secure: Server
) -> None:
    await ann.logs_in(secure, "ann", tls=True)
    form, fingerprint = ann.view.last("ask_trust")
    printed = re.search(r"certificate SHA-256 (\S+)", secure.errors())
    assert printed is not None
    assert fingerprint == printed[1]
    assert not ann.entered
    await ann.login.trust(form, fingerprint)
    assert [name for name, _ in ann.entered] == ["ann"]
    await ann.logs_in(secure, "ann2", tls=True)
    assert len(ann.view.of("ask_trust")) == 1
    assert len(ann.entered) == 2


async def test_another_certificate_than_the_trusted_one_is_refused_loudly_with_both(
    ann: Person, secure: Server
) -> None:
    place = f"{secure.tcp[0]}:{secure.tcp[1]}"
    ann.kept.change(fingerprints={place: ":".join(["AB"] * 32)})
    await ann.logs_in(secure, "ann", tls=True)
    form, pinned, shown = ann.view.last("warn_changed")
    assert pinned == ":".join(["AB"] * 32)
    assert shown != pinned
    assert not ann.entered
    assert not ann.view.of("ask_trust")
    await ann.login.forget(form)
    assert ann.view.last("ask_trust")[1] == shown
    assert ann.kept.value.fingerprints == {}


# --- what is remembered ------------------------------------------------------------------------------------------------


async def test_the_password_is_kept_by_the_keyring_and_comes_back_from_it(
    tmp_path: Path, ring: Ring, guests: Server
) -> None:
    async with somebody(tmp_path) as person:
        await person.begin()
        await person.logs_in(guests, "carol", password="correct horse", remember=True)
    assert list(ring.kept.values()) == ["correct horse"]
    assert "correct" not in (tmp_path / "preferences.json").read_text()
    async with somebody(tmp_path) as person:
        await person.begin()
        assert person.view.last("fill")[0].user == "carol"
        await person.view.until("fill_password", lambda password: password == "correct horse")


async def test_who_does_not_want_to_be_remembered_leaves_no_password(
    tmp_path: Path, ring: Ring, guests: Server
) -> None:
    ring.kept["carol", guests.tcp[0], guests.tcp[1]] = "correct horse"
    async with somebody(tmp_path) as person:
        await person.begin()
        await person.logs_in(guests, "carol", password="correct horse")
    assert not ring.kept


async def test_a_system_without_a_keyring_says_so_once(tmp_path: Path, ring: Ring, guests: Server) -> None:
    ring.there = False
    async with somebody(tmp_path) as person:
        await person.begin()
        await person.logs_in(guests, "carol", password="correct horse", remember=True)
    assert len(person.said) == 1
    async with somebody(tmp_path) as person:
        await person.begin()
        await person.logs_in(guests, "carol", password="correct horse", remember=True)
    assert not person.said


async def test_a_keyring_that_asks_its_owner_holds_nobody_up(
    tmp_path: Path, guests: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    monkeypatch.setattr(module, "password_of", lambda *_: asked.wait() and None)
    monkeypatch.setattr(module, "KEYRING_SECONDS", 0.05)
    Store(tmp_path).save(Preferences(host=guests.tcp[0], port=guests.tcp[1], user="ann", remember=True))
    monkeypatch.setattr(module, "keep_password", lambda *_: True)
    async with asyncio.timeout(30), somebody(tmp_path) as person:
        await person.begin(at_once=True)
        assert [name for name, _ in person.entered] == ["ann"]
    asked.set()


async def test_tls_is_as_last_time_for_the_same_server_only(tmp_path: Path, ring: Ring) -> None:
    Store(tmp_path).save(Preferences(host="example.org", port=5555, user="ann", tls=True))
    for given, tls, expected in (
        (Form(), None, True),
        (Form(host="other.example"), None, False),
        (Form(), False, False),
        (Form(host="other.example"), True, True),
    ):
        async with somebody(tmp_path) as person:
            await person.begin(given, tls=tls)
            assert person.view.last("fill")[0].tls is expected
