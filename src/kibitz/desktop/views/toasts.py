"""What has just come of something: said in one corner, for a while.

Rule: the newest is at the bottom, nothing is said twice at once, and what went wrong stays for longer.
"""

from typing import Any, Final

from kibitz.desktop.presenters.shell import Tone
from kibitz.desktop.views import kit
from kibitz.desktop.views.kit import S2, S3, S4

MOST: Final = 4
TOAST_MS: Final = {"info": 6000, "success": 4000, "danger": 10000}

_MARKS: Final = {"info": ("ℹ", "link"), "success": ("✓", "success"), "danger": ("!", "danger")}  # noqa: RUF001 - it is a sign


class Toasts:
    """The corner of a window where they stack."""

    def __init__(self, parent: Any) -> None:
        self._parent = parent
        self.shown: list[Toast] = []

    def say(self, text: str, tone: Tone) -> None:
        """Say this."""
        for same in [one for one in self.shown if one.text == text]:
            self.drop(same)
        self.shown.append(Toast(self._parent, text, tone, self.drop))
        for old in self.shown[:-MOST]:
            self.drop(old)
        self.arrange()

    def drop(self, toast: "Toast") -> None:
        """Say this no longer."""
        if toast in self.shown:
            self.shown.remove(toast)
            toast.destroy()
            self.arrange()

    def drop_last(self) -> bool:
        """Take the newest away; False: there is none."""
        if not self.shown:
            return False
        self.drop(self.shown[-1])
        return True

    def arrange(self) -> None:
        """Put them over one another, above where one writes."""
        y = S4 + 84
        for toast in reversed(self.shown):
            toast.place(relx=1.0, rely=1.0, x=-S4, y=-y, anchor="se")
            toast.lift()
            toast.update_idletasks()
            y += round(toast.winfo_reqheight() / kit.scale_of(toast)) + S2


class Toast(kit.Panel):
    """One of them; it waits while the pointer rests on it."""

    def __init__(self, parent: Any, text: str, tone: Tone, drop: Any) -> None:
        mark, colour = _MARKS[tone]
        edge = {"info": "border", "success": "success", "danger": "danger"}[tone]
        super().__init__(parent, "raised", radius=8, border_width=1, border_color=kit.pair(edge))
        self.text = text
        self._drop, self._ms, self._timer = drop, TOAST_MS[tone], ""
        kit.Label(self, mark, colour=colour, bold=True).pack(side="left", padx=(S3, S2), pady=S3, anchor="n")
        kit.Label(self, text, wraplength=280).pack(side="left", pady=S3)
        self.cross = kit.Button(self, "✕", lambda: drop(self), look="quiet", size="small", height=24, width=24)
        self.cross.pack(side="right", padx=S2, pady=S2, anchor="n")
        for event, work in (("<Enter>", self._stop), ("<Leave>", self._start)):
            self.bind(event, lambda _, work=work: work())
        self._start()

    def destroy(self) -> None:
        """End it."""
        self._stop()
        super().destroy()

    def _start(self) -> None:
        self._stop()
        self._timer = self.after(self._ms, self._drop, self)

    def _stop(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
            self._timer = ""
