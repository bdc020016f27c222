"""Telling everyone who came and went.

Rule: one event for all, at most once a second, whoever and however many they are.
"""

import asyncio
from typing import Final

from kibitz.api.workspace import Workspace
from kibitz.fanout.presence import INTERVAL
from kibitz.storage import users
from kibitz.storage.committer import Job
from kibitz.wire.codec import Roster, Viewer
from kibitz.wire.events import PresenceChanged
from kibitz.wire.views import Presence, UserRef

FIRST_DELAY: Final = 0.02
"""Seconds between the first change after a quiet time and its telling: whoever comes along in the same moment is told with it."""


class PresenceTeller:
    """Tells what `Presence` has gathered, and notes when those who left were last seen."""

    def __init__(self) -> None:
        self._workspace: Workspace | None = None
        self._last = 0.0

    def attach(self, workspace: Workspace) -> None:
        """Tell the people of this workspace."""
        self._workspace = workspace

    def wake(self) -> None:
        """There is something to tell: soon, or an `INTERVAL` after the last time."""
        loop = asyncio.get_running_loop()
        loop.call_at(max(self._last + INTERVAL, loop.time() + FIRST_DELAY), self.tell)

    def tell(self) -> None:
        """Tell it now."""
        workspace = self._workspace
        if workspace is None or not (changed := workspace.presence.take()):
            return
        self._last = asyncio.get_running_loop().time()
        now = workspace.now()
        people = [
            Presence(user=_ref(viewer), status=new, last_seen=now if new == "offline" else None)
            for viewer, _, new in changed
        ]
        joined = tuple(viewer.name for viewer, old, _ in changed if old == "offline")
        left = tuple(viewer.name for viewer, _, new in changed if new == "offline")
        workspace.hub.announce(PresenceChanged(people=people), Roster(workspace.presence.names(), joined, left))
        gone = [viewer.id for viewer, _, new in changed if new == "offline"]
        if gone:
            workspace.committer.submit(Job(run=lambda tx: users.touch_last_seen(tx, gone, now), done=lambda _: None))


def _ref(viewer: Viewer) -> UserRef:
    return UserRef(id=viewer.id, name=viewer.name)
