"""What lasts and everyone at this window should know: the line is down.

Rule: it says what is wrong, what becomes of what one writes, and when it will be tried again; it goes away by itself.
"""

from collections.abc import Callable
from typing import Any

from kibitz.desktop.presenters.shown import Banner
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3, S4


class BannerBar(kit.Panel):
    """The banner, over everything else in the window."""

    def __init__(self, parent: Any, try_now: Callable[[], Any]) -> None:
        super().__init__(parent, "warning_soft")
        self._timer = ""
        self._banner: Banner | None = None
        self.button = kit.Button(self, "Try now", try_now, height=28, size="small")
        self.button.pack(side="right", padx=S3, pady=S2)
        self.label = kit.Label(self, "")
        self.label.pack(side="left", fill="x", expand=True, padx=S4, pady=S2)
        self.bind("<Configure>", lambda event: self._fit(event.width))

    def show(self, banner: Banner) -> None:
        """Say this."""
        self._stop()
        self._banner = banner
        ground = kit.pair(f"{banner.kind}_soft")
        self.configure(fg_color=ground)
        self.label.configure(fg_color=ground)
        self._count_down(round(banner.retry_in))

    def hide(self) -> None:
        """All is well again."""
        self._stop()
        self._banner = None

    def destroy(self) -> None:
        """End it."""
        self._stop()
        super().destroy()

    def _count_down(self, seconds: int) -> None:
        self._timer = ""
        banner = self._banner
        if banner is None:
            return
        when = f" Next try in {seconds} s." if seconds > 0 else " Trying again…" if banner.retry_in else ""
        self.label.configure(text=banner.text + when)
        if seconds > 0:
            self._timer = self.after(1000, self._count_down, seconds - 1)

    def _fit(self, width: int) -> None:
        # Wrapped where the window is narrow: the text's width is in pixels at scale 1.
        self.label.configure(wraplength=max(120, round(width / kit.scale_of(self)) - 140))

    def _stop(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""
