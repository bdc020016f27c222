"""The system's notifications: D-Bus on Linux, their own services on macOS and Windows.

Rule: a desktop that shows no notifications is no error: it is asked again after a while, and nothing else notices.
"""

import asyncio
import html
import logging
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

RETRY_SECONDS: Final = 60.0
"""How long a desktop without notifications is left alone."""

MOST: Final = 50
"""Notices that are remembered, so that they can be taken back."""

SEND_SECONDS: Final = 5.0
"""How long the service may take."""

log = logging.getLogger(__name__)


class SystemBoard:
    """Puts notices up by `desktop-notifier`."""

    def __init__(self) -> None:
        self._notifier: Any = None
        self._shown: OrderedDict[str, str] = OrderedDict()
        self._not_before = 0.0
        self._one_by_one = asyncio.Lock()

    async def put(self, key: str, title: str, text: str, clicked: Callable[[], None]) -> None:
        """Show this instead of what was last shown under `key`."""
        async with self._one_by_one:
            if time.monotonic() < self._not_before or not await self._open():
                return
            await self._take(key)
            if sys.platform.startswith("linux"):
                text = html.escape(text, quote=False)  # the body of a notification is markup there
            sent = ""
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    sent = await self._notifier.send(title, text, icon=None, on_clicked=clicked)
                    shown = bool(sent) and sent in await self._notifier.get_current_notifications()
            except Exception as error:  # whatever a desktop's service does is its own business
                shown = False
                log.info("no notification: %r", error)
            if shown:
                self._shown[key] = sent
            else:
                self._not_before = time.monotonic() + RETRY_SECONDS
            while len(self._shown) > MOST:
                await self._take(next(iter(self._shown)))

    async def take(self, key: str) -> None:
        """Take back what was shown under `key`, if it is still there."""
        if key in self._shown:
            async with self._one_by_one:
                await self._take(key)

    async def close(self) -> None:
        """Take everything back, and hang up."""
        async with self._one_by_one:
            for key in list(self._shown):
                await self._take(key)
            # The library has no way to end its connection.
            bus = getattr(getattr(self._notifier, "_backend", None), "bus", None)
            if bus is not None:
                with suppress(Exception):
                    bus.disconnect()
                    async with asyncio.timeout(SEND_SECONDS):
                        await bus.wait_for_disconnect()
            self._notifier = None

    async def _open(self) -> bool:
        if self._notifier is None:
            try:
                library = await asyncio.to_thread(import_module, "desktop_notifier")
                logging.getLogger("desktop_notifier").setLevel(
                    logging.CRITICAL
                )  # it warns of every desktop without one
                self._notifier = library.DesktopNotifier(app_name="Kibitz", app_icon=None)
            except Exception as error:
                log.info("no notifications here: %r", error)
                self._not_before = time.monotonic() + RETRY_SECONDS
        return self._notifier is not None

    async def _take(self, key: str) -> None:
        sent = self._shown.pop(key, None)
        if sent is not None:
            with suppress(Exception):  # it was clicked or closed before
                async with asyncio.timeout(SEND_SECONDS):
                    await self._notifier.clear(sent)
