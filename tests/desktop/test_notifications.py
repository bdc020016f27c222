"""Notifications as a desktop gets them: over a session bus of the test's own, from a real window."""

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from tests.desktop.stage import Person, person
from tests.support.server import Server

Strings = Annotated[list[str], DBusSignature("as")]
Hints = Annotated[dict[str, Any], DBusSignature("a{sv}")]
Names = Annotated[list[str], DBusSignature("ssss")]
Closed = Annotated[list[int], DBusSignature("uu")]
Invoked = Annotated[list[Any], DBusSignature("us")]


class Notifications(ServiceInterface):
    """A desktop's notification service that remembers what it shows."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.shown: dict[int, tuple[str, str]] = {}
        self.all: list[tuple[str, str]] = []

    @dbus_method(name="Notify")
    def notify(
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: Strings,
        hints: Hints,
        timeout: DBusInt32,
    ) -> DBusUInt32:
        self.all.append((title, body))
        self.shown[len(self.all)] = (title, body)
        return len(self.all)

    @dbus_method(name="CloseNotification")
    def close(self, number: DBusUInt32) -> None:
        self.shown.pop(number, None)
        self.closed(number, 3)

    @dbus_method(name="GetCapabilities")
    def capabilities(self) -> Strings:
        return ["body", "actions", "body-markup"]

    @dbus_method(name="GetServerInformation")
    def information(self) -> Names:
        return ["recorder", "test", "1", "1.2"]

    @dbus_signal(name="NotificationClosed")
    def closed(self, number: int, reason: int) -> Closed:
        return [number, reason]

    @dbus_signal(name="ActionInvoked")
    def invoked(self, number: int, action: str) -> Invoked:
        return [number, action]


class Desktop:
    """A session bus with that service, on a thread of its own."""

    def __init__(self, address: str) -> None:
        self.service = Notifications()
        self._address = address
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), name="desktop")
        self._over = asyncio.Event()

    def __enter__(self) -> "Desktop":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    def click(self, number: int) -> None:
        """Click on a notification."""
        self._loop.call_soon_threadsafe(self.service.invoked, number, "default")

    async def _serve(self) -> None:
        bus: Any = await MessageBus(bus_address=self._address).connect()
        bus.export("/org/freedesktop/Notifications", self.service)
        await bus.request_name("org.freedesktop.Notifications")
        self._ready.set()
        await self._over.wait()
        bus.disconnect()
        await bus.wait_for_disconnect()


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A desktop with notifications."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("dbus-daemon is not installed: sudo apt-get install dbus")
    daemon = subprocess.Popen(
        [program, "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
    )
    assert daemon.stdout is not None
    try:
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with Desktop(address) as made:
            yield made
    finally:
        daemon.terminate()
        daemon.wait(10)
        daemon.stdout.close()


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "ann") as one:
        yield one


@pytest.fixture
def ben(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "ben") as one:
        yield one


def client(one: Person) -> Any:
    assert one.app.shell is not None
    return one.app.shell.client


def say(one: Person, room: str, text: str) -> None:
    one.app.bridge.do(client(one).post, room, text)


def look_elsewhere(one: Person) -> None:
    """The person goes to a window of another program."""
    one.window.withdraw()
    one.until(lambda: not one.window.tk.call("focus"))
    one.live(0.1)


def test_a_direct_message_is_notified_and_a_click_opens_it(
    server: Server, desktop: Desktop, ann: Person, ben: Person
) -> None:
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    look_elsewhere(ann)
    say(ben, "@ann", "is <b>a&b</b> right?")
    ann.until(lambda: desktop.service.all)
    assert desktop.service.all == [("ben", "is &lt;b&gt;a&amp;b&lt;/b&gt; right?")]
    ann.until(lambda: ann.window.title() == "(1) ann – Kibitz")
    desktop.click(1)
    ann.until(lambda: ann.window.state() == "normal")
    direct = client(ann).room("@ben").id
    ann.until(lambda: ann.main.shown == direct)
    ann.until(lambda: ann.window.title() == "ann – Kibitz")


def test_a_mention_is_notified_and_other_talk_is_not(
    server: Server, desktop: Desktop, ann: Person, ben: Person
) -> None:
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    look_elsewhere(ann)
    say(ben, "#general", "hello everyone")
    say(ben, "#general", "@ann, look at this")
    ann.until(lambda: desktop.service.all)
    assert desktop.service.all == [("ben in #general", "@ann, look at this")]


def test_many_messages_at_once_are_two_notifications_of_which_one_stays(
    server: Server, desktop: Desktop, ann: Person, ben: Person
) -> None:
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    look_elsewhere(ann)
    for number in range(30):
        say(ben, "@ann", f"line {number}")
    ann.until(lambda: len(desktop.service.all) == 2)
    assert desktop.service.all[1] == ("ben", "29 new messages\nline 29")
    ann.until(lambda: len(desktop.service.shown) == 1)


def test_nothing_is_notified_of_what_is_in_front(server: Server, desktop: Desktop, ann: Person, ben: Person) -> None:
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    ann.window.focus_force()
    ann.until(lambda: ann.window.tk.call("focus"))
    ann.live(0.1)
    say(ben, "#general", "@ann, look at this")
    general = client(ann).room("#general")
    ann.until(lambda: any("look at this" in message.text for message in general.messages.values()))
    say(ben, "@ann", "and here")
    ann.until(lambda: desktop.service.all)
    assert desktop.service.all == [("ben", "and here")]


def test_a_desktop_without_notifications_is_no_trouble(
    server: Server, ann: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path=/nowhere/{os.getpid()}")
    ann.log_in(server, "ann")
    ben.log_in(server, "ben")
    look_elsewhere(ann)
    say(ben, "@ann", "hello")
    ann.until(lambda: ann.window.title() == "(1) ann – Kibitz")
