"""Random edits in the real editor and in a stock Yjs client at once: both end with the same text, and the widget shows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kibitz.desktop.presenters.code_shown import NewSession
from kibitz.desktop.views.editor import EditorWindow
from tests.collab.stock import Stock
from tests.desktop.beside import Other, editor, other, press
from tests.desktop.stage import Person, person
from tests.support.server import Server, serving

CHARS = [
    "a",
    "(",
    ":",
    "\n",
    "\t",
    " ",
    "é",
    "e\u0301",
    "漢",
    "😀",
    "👩\u200d👩\u200d👧",
    "👍🏽",
    "🇨🇭",
    "\u202e",
    "\U0010ffff",
]
WORDS = st.lists(st.sampled_from(CHARS), min_size=1, max_size=3).map("".join)
PLACES = st.floats(0, 1)


@dataclass(frozen=True, slots=True)
class Typed:
    """Something done in the window, with the cursor there: a text typed, or a key pressed."""

    where: float
    to: float
    what: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something done in the stock client."""

    where: float
    removed: int
    added: str


KEYS = ["<BackSpace>", "<Delete>", "<Return>", "<Tab>", "<Control-slash>", "<<Undo>>", "<<Redo>>"]
HERE = st.builds(Typed, PLACES, PLACES, st.one_of(WORDS, WORDS, st.sampled_from(KEYS)))
THERE = st.builds(Elsewhere, PLACES, st.integers(0, 4), st.one_of(st.just(""), WORDS))
PLAYS = st.lists(st.one_of(HERE, THERE), min_size=4, max_size=25)


class Stage:
    """One window and one stock client, which play again and again."""

    def __init__(self, ann: Person, window: EditorWindow, ben: Other, stock: Stock) -> None:
        self.ann, self.window, self.ben, self.stock = ann, window, ben, stock
        self.round = 0

    def play(self, play: list[Typed | Elsewhere]) -> None:
        under_way: list[Any] = []
        for act in play:
            if isinstance(act, Typed):
                self._type(act)
            else:
                edit = self.stock.do("type", where=act.where, removed=act.removed, added=act.added, kept=0x110000)
                under_way.append(self.ben.beside.begin(edit))
            self.ann.live(0)
        self.ann.until(lambda: all(one.done() for one in under_way))
        for one in under_way:
            one.result()
        self._meet()

    def _type(self, act: Typed) -> None:
        code = self.window.code
        length = len(code.mirror.text)
        code.select(round(act.to * length) if act.to > 0.7 else round(act.where * length), round(act.where * length))
        if act.what in KEYS:
            press(self.ann, code.text, act.what)
        else:
            code.text.tk.call("tk::TextInsert", str(code.text), act.what)  # what Tk does with every letter typed

    def _meet(self) -> None:
        """Each says that it is done; when both have heard that, all is told."""
        self.round += 1
        here, there = f"<here {self.round}>", f"<there {self.round}>"
        self.window.code.text.insert("end", here)
        self.ben.beside.do(self.stock.edit(0, added=there))
        code = self.window.code

        def same() -> bool:
            text = self.ben.beside.do(self.stock.text())
            return here in text and there in text and text == code.mirror.text

        self.ann.until(same)
        assert code.text.get("1.0", "end-1c") == code.mirror.text == self.window.editing.text
        assert len(code._lines) == code.mirror.lines == int(str(code.text.index("end-1c")).partition(".")[0])
        code.text.delete("1.0", "end")
        self.ben.reads(self.stock, "")


@contextmanager
def stage(directory: Path) -> Iterator[Stage]:
    with (
        serving(directory, "--guests", "--no-rate-limits") as server,
        person(directory / "ann") as ann,
    ):
        ann.log_in(server, "ann")
        yield from _opened(ann, server)


def _opened(ann: Person, server: Server) -> Iterator[Stage]:
    with other(ann, server, "ben") as ben:
        shell = ann.app.shell
        assert shell is not None and shell.code is not None
        create: Any = shell.code
        ann.app.bridge.do(create.create, NewSession("python", "", "open"), None)
        window = editor(ann)
        assert window.shown is not None
        session = window.shown.session
        ben.join(session)
        window.code.text.focus_force()
        yield Stage(ann, window, ben, ben.opens(session))


def test_the_editor_and_a_stock_client_end_with_the_same_text(tmp_path: Path) -> None:
    with stage(tmp_path) as it:

        @settings(
            max_examples=120,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],  # a play is never the same twice: there is nothing to shrink
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(PLAYS)
        def play(acts: list[Typed | Elsewhere]) -> None:
            it.play(acts)

        play()
