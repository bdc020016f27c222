"""Groups in real windows: made with whom one picked, and seen to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kibitz.desktop.views import kit
from tests.desktop.stage import Person, person
from tests.support.server import Server


@pytest.fixture
def ann(tmp_path: Path, server: Server) -> Iterator[Person]:
    with person(tmp_path / "ann") as made:
        made.log_in(server, "ann")
        yield made


@pytest.fixture
def ben(tmp_path: Path, server: Server) -> Iterator[Person]:
    with person(tmp_path / "ben") as made:
        made.log_in(server, "ben")
        yield made


def dialog(ann: Person, kind: str) -> Any:
    ann.until(lambda: kind in ann.app.windows.open and ann.app.windows.open[kind].winfo_viewable())
    return ann.app.windows.open[kind]


def asked(parent: Any) -> kit.Dialog:
    """The question over a window."""
    found: kit.Dialog = next(child for child in parent.winfo_children() if isinstance(child, kit.Dialog))
    return found


def names(listing: Any) -> list[str]:
    return [line.text for line in listing.lines if not line.heading]


def test_a_group_is_made_with_somebody_picked_by_keyboard(ann: Person, ben: Person) -> None:
    ann.until(lambda: "ben" in names(ann.main.sidebar.people))
    ann.click(ann.main.sidebar.new_group._canvas)
    made = dialog(ann, "create_group")
    made.name.replace("kitchen")
    made.topic.replace("What we eat")
    ann.until(lambda: names(made.list) == ["ben"])
    made.people.replace("be")
    ann.press("<KeyRelease>", made.people._entry)
    ann.press("<Return>", made.people._entry)
    ann.until(lambda: made.chips.names == ("ben",))
    ann.press("<Return>", made.people._entry)
    ann.until(lambda: [tab.title for tab in ann.main.tabs.tabs] == ["general", "kitchen"])
    assert not made.winfo_exists()
    ben.until(lambda: "kitchen" in names(ben.main.sidebar.rooms))
    ben.until(lambda: any("kitchen" in toast.text for toast in ben.main.toasts.shown))


def test_a_name_that_cannot_be_is_said_in_the_dialog_which_keeps_everything(ann: Person) -> None:
    ann.press("<Control-n>")
    made = dialog(ann, "create_group")
    made.name.replace("a/b")
    made.topic.replace("What we eat")
    ann.click(made.create._canvas)
    ann.until(lambda: "may not contain" in made.problem.cget("text"))
    assert (made.name.get(), made.topic.get()) == ("a/b", "What we eat")
    ann.press("<Escape>", made.name._entry)
    ann.until(lambda: not made.winfo_exists())


def test_members_are_brought_in_made_owner_and_put_out(ann: Person, ben: Person) -> None:
    assert ann.app.shell is not None
    client = ann.app.shell.client
    ann.app.bridge.do(lambda: client.create_room("kitchen"))
    ann.until(lambda: "kitchen" in names(ann.main.sidebar.rooms))
    ann.app.bridge.do(ann.app.shell.show_members, client.room("#kitchen").id)
    about = dialog(ann, "members")
    ann.until(lambda: names(about.list) == ["ann"] and "ben" in names(about.found))
    about.add.replace("ben")
    ann.press("<KeyRelease>", about.add._entry)
    ann.press("<Return>", about.add._entry)
    ann.until(lambda: names(about.list) == ["ann", "ben"])
    about.list.move(1)
    ann.until(about.role.winfo_ismapped)
    assert about.role.get() == "member"
    ann.press("<Down>", about.role._canvas)
    ann.until(lambda: any(line.note == "moderator" for line in about.list.lines))
    ann.click(about.remove._canvas)
    ann.until(lambda: asked(about).winfo_viewable())
    asked(about).confirmed()
    ann.until(lambda: names(about.list) == ["ann"])
    ben.until(lambda: "kitchen" not in names(ben.main.sidebar.rooms))


def test_whoever_leaves_is_asked_first(ann: Person) -> None:
    assert ann.app.shell is not None
    client = ann.app.shell.client
    ann.app.bridge.do(lambda: client.create_room("kitchen"))
    ann.until(lambda: "kitchen" in names(ann.main.sidebar.rooms))
    ann.app.bridge.do(ann.app.shell.show_members, client.room("#kitchen").id)
    about = dialog(ann, "members")
    ann.until(about.leave.winfo_ismapped)
    ann.click(about.leave._canvas)
    ann.until(lambda: asked(about).winfo_viewable())
    asked(about).confirmed()
    ann.until(lambda: "kitchen" not in names(ann.main.sidebar.rooms))
    ann.until(lambda: not about.winfo_exists())
