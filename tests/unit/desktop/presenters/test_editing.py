"""The document of a window, without one: what is typed goes out, what others do is shown, and cursors are where they were."""

from typing import Any

from kibitz.client.presence_states import Peer
from kibitz.client.shared_text import Anchor
from kibitz.desktop.presenters.code_shown import RemoteCursor
from kibitz.desktop.presenters.editing import Change, Editing, Whose


class View:
    """A widget that keeps what it is told."""

    def __init__(self, name: str) -> None:
        self.text = ""
        self.whose: list[Whose] = []
        self.cursors: tuple[RemoteCursor, ...] = ()
        self.sent: list[bytes] = []
        self.said: list[dict[str, Any]] = []
        self.editing = Editing(name, "#2f5bb7")
        self.editing.attach(self, self.sent.append, self.said.append)

    def show_changes(self, changes: tuple[Change, ...], whose: Whose) -> None:
        self.whose.append(whose)
        for at, removed, added in changes:
            self.text = self.text[:at] + added + self.text[at + removed :]

    def show_cursors(self, cursors: tuple[RemoteCursor, ...]) -> None:
        self.cursors = cursors


def two() -> tuple[View, View]:
    ann, ben = View("ann"), View("ben")
    ann.editing.edit(Change(0, 0, "one 😀 two"))
    ben.editing.apply(ann.editing.since(ben.editing.state()))
    return ann, ben


def test_what_is_typed_is_shown_here_and_there() -> None:
    ann, ben = two()
    assert ann.text == ben.text == ann.editing.text == "one 😀 two"
    assert ann.sent
    assert (ann.whose, ben.whose) == (["mine"], ["theirs"])
    assert ann.said == [{"user": {"name": "ann", "color": "#2f5bb7", "colorLight": "#2f5bb733"}}]


def test_cursors_move_with_the_text_and_have_their_people_s_colours() -> None:
    ann, ben = two()
    ben.editing.select(4, 5)
    cursor = ben.said[-1]["cursor"]
    assert cursor["anchor"]["item"]["client"] == ann.editing.client
    ann.editing.know({"ben": 7})
    ann.editing.present((peer(ben, cursor), Peer(5, "nobody", "")))
    assert ann.cursors == (RemoteCursor(ben.editing.client, "ben", 7, "#9a3b6b", 4, 5),)
    ann.editing.edit(Change(0, 0, "漢😀"))
    assert (ann.cursors[0].anchor, ann.cursors[0].head) == (6, 7)
    ann.editing.present(())
    assert not ann.cursors


def peer(view: View, cursor: dict[str, Any]) -> Peer:
    return Peer(view.editing.client, "ben", "#9a3b6b", Anchor.of_yjs(cursor["anchor"]), Anchor.of_yjs(cursor["head"]))


def test_who_may_not_edit_is_told_why_and_nothing_changes() -> None:
    ann, ben = two()
    ben.editing.why_not = "You are a viewer here."
    assert ben.editing.edit(Change(0, 0, "x")) == "You are a viewer here."
    assert not ben.editing.undo()
    assert not ben.editing.redo()
    ann.editing.edit(Change(0, 0, "x"))
    ben.editing.apply(ann.editing.since(ben.editing.state()))
    assert ben.text == ann.text == "xone 😀 two"


def test_what_is_done_alone_is_undone_alone() -> None:
    ann, _ = two()
    assert ann.editing.edit(Change(0, 0, "pasted "), alone=True) == ""
    ann.editing.edit(Change(0, 0, "x"))
    ann.editing.undo()
    assert ann.text == "pasted one 😀 two"
    ann.editing.undo()
    assert ann.text == "one 😀 two"
    ann.editing.redo()
    assert ann.text == "pasted one 😀 two"
    assert ann.whose[-1] == "undone"


def test_what_cannot_be_typed_is_explained_and_a_closed_document_is_quiet() -> None:
    ann, _ = two()
    assert "KiB" in ann.editing.edit(Change(0, 0, "x" * (1 << 21)))
    assert ann.text == "one 😀 two"
    ann.editing.close()
    sent = len(ann.sent)
    ann.editing.edit(Change(0, 0, "x"))
    assert len(ann.sent) == sent
