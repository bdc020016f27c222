"""Every window, light and dark, at 1× and 2×: nothing is cut off. With KIBITZ_SHOTS=DIR their pictures are kept there."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kibitz.desktop.preferences import Preferences, Store
from kibitz.desktop.presenters.login import Form
from kibitz.desktop.presenters.shown import Banner
from kibitz.desktop.views import kit
from kibitz.wire import commands as c
from tests.desktop.stage import Person, person
from tests.support.server import Server

SHOTS = os.environ.get("KIBITZ_SHOTS")


@pytest.fixture(
    params=[("light", 1.0), ("dark", 1.0), ("light", 2.0), ("dark", 2.0)], ids=lambda one: f"{one[0]}-{one[1]:.0f}x"
)
def worn(request: pytest.FixtureRequest) -> Iterator[tuple[str, float]]:
    """A mode and a scale, which are gone afterwards."""
    yield request.param
    kit.set_mode("light")
    kit.set_scale(1.0)


@pytest.fixture
def ann(tmp_path: Path, worn: tuple[Any, float]) -> Iterator[Person]:
    with person(tmp_path / "ann") as made:
        made.app.kept.change(theme=worn[0], scale=worn[1])
        kit.set_mode(worn[0])
        kit.set_scale(worn[1])
        made.live(0.05)
        yield made


def keep(ann: Person, name: str, worn: tuple[str, float]) -> None:
    """Keep a picture, where somebody wants one."""
    if SHOTS:
        picture = ann.look()
        right, bottom = (
            ann.window.winfo_rootx() + ann.window.winfo_width(),
            ann.window.winfo_rooty() + ann.window.winfo_height(),
        )
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        picture.crop((ann.window.winfo_rootx(), ann.window.winfo_rooty(), right, bottom)).save(
            Path(SHOTS) / f"{name}-{worn[0]}-{worn[1]:.0f}x.png"
        )


def cut_off(widget: Any) -> list[str]:
    """Widgets that reach out of what holds them."""
    found = []
    for child in widget.winfo_children():
        if isinstance(child, kit.Toplevel) or child.winfo_class() in ("Menu", "Toplevel") or not child.winfo_ismapped():
            continue
        if not is_scrolled(child):
            left, top = child.winfo_x(), child.winfo_y()
            right, bottom = left + child.winfo_width(), top + child.winfo_height()
            # A pixel each way is lost to rounding at a scale.
            if left < -2 or top < -2 or right > widget.winfo_width() + 2 or bottom > widget.winfo_height() + 2:
                found.append(
                    f"{child} ({left},{top},{right},{bottom}) in {widget.winfo_width()}×{widget.winfo_height()}"
                )
        found += cut_off(child)
    return found


def is_scrolled(child: Any) -> bool:
    return child.master.winfo_class() in ("Text", "Canvas")


def squeezed(widget: Any) -> list[str]:
    """Labels and buttons that have less room than their words need."""
    found = []
    for child in widget.winfo_children():
        if isinstance(child, kit.Toplevel) or not child.winfo_ismapped():
            continue
        if isinstance(child, kit.Label | kit.Button) and child.winfo_width() + 2 < child.winfo_reqwidth():
            found.append(f"{child.cget('text')!r}: {child.winfo_width()} of {child.winfo_reqwidth()}")
        found += squeezed(child)
    return found


def check(ann: Person, window: Any, name: str, worn: tuple[str, float]) -> None:
    ann.live(0.2)
    assert (kit.mode(), kit.scale_of(window)) == worn
    keep(ann, name, worn)
    assert cut_off(window) == []
    assert squeezed(window) == []


def does(ann: Person, command: c.Command) -> None:
    done: list[Any] = []

    async def work() -> None:
        assert ann.app.shell is not None
        done.append(await ann.app.shell.client.do(command))

    ann.app.bridge.do(work)
    ann.until(lambda: done)


def furnish(ann: Person, ben: Person) -> None:
    """Some groups, and something to read."""
    for name, topic in (
        ("kitchen", "What we eat"),
        ("course 4b", "Homework and how to do it"),
        ("a group with a rather long name", ""),
    ):
        does(ann, c.CreateRoom(name=name, topic=topic, members=["ben"]))
    ben.until(lambda: len(ben.main.sidebar.rooms.lines) > 4)
    does(ben, c.PostMessage(room="#kitchen", text="@ann Is there any bread left?"))
    does(ben, c.PostMessage(room="#course 4b", text="I am done."))
    does(ann, c.OpenDirect(user="ben"))
    does(ben, c.PostMessage(room="#general", text="Good morning, everyone."))
    ann.until(lambda: any(line.called for line in ann.main.sidebar.rooms.lines))


def test_the_login_window_and_what_it_asks(ann: Person, worn: tuple[str, float]) -> None:
    ann.app.begin(Form("ann", host="chat.example.org", port="5555"), at_once=False)
    view = ann.app.login_view
    ann.until(view.host.get)
    check(ann, ann.window, "login", worn)
    view._switch()
    view.refuse("The two passwords are not the same.", "again")
    check(ann, ann.window, "sign-up", worn)
    view.ask_trust(Form("ann", host="chat.example.org"), ":".join(["A1"] * 32))
    (asking,) = dialogs(ann)
    check(ann, asking, "trust", worn)
    asking.close()
    view.warn_changed(Form("ann", host="chat.example.org"), ":".join(["A1"] * 32), ":".join(["B2"] * 32))
    (warning,) = dialogs(ann)
    check(ann, warning, "changed", worn)
    warning.close()


def dialogs(ann: Person) -> list[kit.Dialog]:
    return [child for child in ann.window.winfo_children() if isinstance(child, kit.Dialog)]


def test_the_main_window_and_every_dialog(ann: Person, tmp_path: Path, worn: tuple[str, float], server: Server) -> None:
    Store(tmp_path / "ben").save(Preferences(theme=worn[0], scale=worn[1]))  # type: ignore[arg-type] # one of two
    with person(tmp_path / "ben") as ben:
        ann.log_in(server, "ann")
        ben.log_in(server, "ben")
        ben.window.withdraw()
        furnish(ann, ben)
        check(ann, ann.window, "main", worn)
        ann.main.show_banner(Banner("The connection was lost. What you write is kept and sent later.", retry_in=12))
        ann.main.toast("ben has brought you into “kitchen”.", "info")
        ann.main.toast("Saved.", "success")
        ann.main.toast("A group name may not contain | , # @ / \\ [ ] or control characters.", "danger")
        check(ann, ann.window, "down", worn)
        ann.main.show_banner(None)
        while ann.main.toasts.drop_last():
            pass
        for kind in ("quick_switch", "create_group", "browse_groups", "settings", "shortcuts", "members"):
            open_dialog(ann, kind)
            check(ann, ann.app.windows.open[kind], kind, worn)
            ann.app.windows.open[kind].close()
        narrow(ann, worn)


def open_dialog(ann: Person, kind: str) -> None:
    shell = ann.app.shell
    assert shell is not None
    if kind == "members":
        ann.app.bridge.do(shell.show_members, shell.client.room("#kitchen").id)
    else:
        ann.app.bridge.do(shell.open_window, kind)
    ann.until(lambda: kind in ann.app.windows.open and ann.app.windows.open[kind].winfo_viewable())
    ready: dict[str, Callable[[Any], Any]] = {
        "quick_switch": lambda dialog: dialog.list.lines,
        "create_group": lambda dialog: dialog.list.lines,
        "settings": lambda dialog: dialog._shown,
        "members": lambda dialog: dialog.list.lines,
    }
    ann.until(lambda: ready.get(kind, bool)(ann.app.windows.open[kind]))


def narrow(ann: Person, worn: tuple[str, float]) -> None:
    ann.window.geometry("380x640")
    ann.until(lambda: ann.main.narrow)
    keep(ann, "narrow", worn)
    ann.main.open_drawer()
    ann.until(ann.main.sidebar.winfo_viewable)
    check(ann, ann.main.sidebar, "drawer", worn)
