"""Windows one goes somewhere from: the quick switcher, and the public groups.

Rule: a few letters, arrows and Return are enough; the field keeps the focus while the list is gone through.
"""

from typing import Any

from kibitz.desktop.presenters.browsing import Browsing
from kibitz.desktop.presenters.switching import Found, Switching
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3
from kibitz.desktop.views.listing import Line, Listing


def drive(entry: kit.Entry, listing: Listing) -> None:
    """Let the arrows go through a list while one writes."""

    def step(by: int) -> str:
        listing.move(by)
        return "break"

    for key, by in (("<Up>", -1), ("<Down>", 1), ("<Prior>", -8), ("<Next>", 8)):
        entry.bind(key, lambda _, by=by: step(by))


class SwitchingDialog(kit.Dialog):
    """The quick switcher."""

    def __init__(self, parent: Any, switching: Switching) -> None:
        super().__init__(parent, "Go to", width=460)
        self._switching = switching
        self.entry = kit.Entry(self.body, "Go to a conversation or a person", width=460, height=40)
        self.entry.pack(fill="x")
        self.list = Listing(
            self.body,
            "surface",
            switching.go,
            led=True,
            empty="Nothing is called so. Fewer letters find more.",
            width=460,
            height=340,
        )
        self.list.pack(fill="both", expand=True, pady=(S3, 0))
        kit.Label(self.foot, "↑ ↓ to choose · Enter to go there · Esc to close", "small", colour="muted").pack(
            side="left"
        )
        self.confirmed = self.list.choose
        self.entry.bind("<KeyRelease>", self._typed)
        drive(self.entry, self.list)
        self.show(self.entry, on_close=switching.closed)

    def show_found(self, found: tuple[Found, ...]) -> None:
        """What the letters find."""
        keys = [one.key for one in found]
        self.list.show(tuple(_line(one) for one in found))
        if keys and self._typing:
            self._typing = False
            self.list.rest(keys[0])
        elif keys and self.list.cursor is None:
            self.list.rest(keys[0])

    _typing = False

    def _typed(self, event: Any) -> None:
        if event.keysym not in ("Up", "Down", "Prior", "Next", "Return", "Escape"):
            self._typing = True
            self._switching.search(self.entry.get())


class BrowsingDialog(kit.Dialog):
    """Public groups one could join."""

    def __init__(self, parent: Any, browsing: Browsing) -> None:
        super().__init__(parent, "Browse groups", width=480)
        kit.Label(self.body, "Browse groups", "large", bold=True).pack(fill="x")
        kit.Label(self.body, "Everyone on this server can find and join these.", colour="muted").pack(
            fill="x", pady=(2, S3)
        )
        self.entry = kit.Entry(self.body, "Search", width=480)
        self.entry.pack(fill="x")
        self.list = Listing(
            self.body, "surface", browsing.join, double=True, led=True, empty="Looking…", width=480, height=300
        )
        self.list.pack(fill="both", expand=True, pady=(S2, 0))
        self.entry.bind("<KeyRelease>", lambda _: browsing.search(self.entry.get()))
        drive(self.entry, self.list)
        self.button("Join", self.list.choose, "primary")
        self.button("Close", self.close)
        self.show(self.entry, on_close=browsing.closed)

    def show_groups(self, groups: tuple[tuple[int, str, str], ...], needle: str) -> None:
        """What there is."""
        nothing = (
            f"No public group is called “{needle}”." if needle else "There is no public group that you are not in."
        )
        self.list.empty = nothing
        self.list.show(tuple(Line(room, name, sign="#", below=topic, strong=True) for room, name, topic in groups))
        self.list.redraw()
        if groups and self.list.cursor is None:
            self.list.rest(groups[0][0])


def _line(one: Found) -> Line:
    sign = "" if one.person else "lock" if one.private else "#"
    note = "Person" if one.kind == "person" else ""
    return Line(
        one.key,
        one.title,
        sign=sign,
        person=one.person,
        status=one.status if one.person else None,
        note=note,
        badge=str(one.mentions or one.unread) if one.unread else "",
        called=bool(one.mentions),
        strong=True,
    )
