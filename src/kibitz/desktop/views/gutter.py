"""Line numbers beside a text, in step with it however it scrolls.

Rule: only what can be seen is drawn; where lines are is asked of the text.
"""

from typing import Any

from kibitz.design import Colours
from kibitz.desktop.views.code_text import CodeText
from kibitz.desktop.views.drawing import Drawing


class Gutter(Drawing):
    """The numbers of a text's lines; a click on one selects it."""

    def __init__(self, parent: Any, code: CodeText) -> None:
        super().__init__(parent, "surface", width=48)
        self._code = code
        self._measured = (0, 0)
        self.canvas.bind("<Button-1>", self._clicked)
        for wheel in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            self.canvas.bind(wheel, self._wheel)

    def follow(self) -> None:
        """The text has changed, or shows another part."""
        digits = max(3, len(str(self._code.mirror.lines)))
        width = round((self._code.letters.measure("0") * digits + self.px(20)) / self.scale)
        if (digits, width) != self._measured:
            self._measured = (digits, width)
            self.configure(width=width)
        self.redraw()

    def draw(self, now: Colours) -> None:
        """Draw the numbers in sight."""
        text = self._code.text
        here = self._code.mirror.place(self._code.head)[0]
        first, last = self._code.visible
        right = self.width - self.px(10)
        for line in range(first, last + 1):
            box = text.dlineinfo(f"{line}.0")
            if box is None:
                continue
            colour = now.text if line == here else now.muted
            self.canvas.create_text(
                right, box[1] + box[3] / 2, text=str(line), font=self._code.letters, fill=colour, anchor="e"
            )
        self.canvas.create_line(self.width - 1, 0, self.width - 1, self.height, fill=now.border)

    def _clicked(self, event: Any) -> None:
        line = int(str(self._code.text.index(f"@0,{event.y}")).partition(".")[0])
        mirror = self._code.mirror
        after = mirror.start(line + 1) if line < mirror.lines else len(mirror.text)
        self._code.select(mirror.start(line), after)
        self._code.text.focus_set()

    def _wheel(self, event: Any) -> None:
        up = event.num == 4 or event.delta > 0
        self._code.text.yview_scroll(-3 if up else 3, "units")
