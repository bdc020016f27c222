"""The login window: a person fills it in, is told what is wrong, and comes in."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kibitz.client.account import sign_up
from kibitz.desktop.preferences import Preferences, Store
from kibitz.desktop.presenters.login import Form
from kibitz.desktop.views import kit
from kibitz.desktop.views.login import LoginWindow
from tests.desktop.stage import Person, person
from tests.support.server import Server, serving


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "ann") as made:
        made.window.focus_force()
        yield made


def begin(ann: Person, server: Server | None = None, user: str = "") -> LoginWindow:
    """Open the window, with a server's address where there is one."""
    host, port = server.tcp if server is not None else ("", 0)
    ann.app.begin(Form(user, host=host, port=str(port or "")), at_once=False)
    view = ann.app.login_view
    ann.until(view.host.get)
    return view


def dialogs(ann: Person) -> list[kit.Dialog]:
    return [child for child in ann.window.winfo_children() if isinstance(child, kit.Dialog)]


def words(widget: object) -> str:
    """Everything that is written in a widget."""
    own = widget.cget("text") if isinstance(widget, kit.Label | kit.Button) else ""
    return " ".join([own, *(words(child) for child in widget.winfo_children())])  # type: ignore[attr-defined] # any widget


def is_in(ann: Person) -> bool:
    return ann.app.main is not None and ann.app.main.shown is not None


def test_a_guest_types_a_name_and_presses_return(ann: Person, server: Server) -> None:
    view = begin(ann, server)
    assert ann.focused is view.user._entry
    ann.type("ann")
    ann.press("<Return>")
    ann.until(lambda: is_in(ann))
    assert ann.window.title() == "ann – Kibitz"
    assert not view.winfo_viewable()


def test_what_is_wrong_is_said_and_the_cursor_is_where_it_can_be_mended(ann: Person, server: Server) -> None:
    view = begin(ann, server, user="ann")
    view.port.replace("70000")
    ann.click(view.submit._canvas)
    ann.until(lambda: "65535" in view.note.cget("text"))
    ann.until(lambda: ann.focused is view.port._entry)
    assert view.user.get() == "ann"


def test_an_account_is_asked_for_its_password_and_comes_in_with_it(ann: Person, server: Server) -> None:
    asyncio.run(sign_up(server.tcp_url, "ann", "correct horse"))
    view = begin(ann, server, user="ann")
    assert not view.password.winfo_ismapped()
    ann.click(view.submit._canvas)
    ann.until(view.password.winfo_ismapped)
    ann.until(lambda: ann.focused is view.password._entry)
    ann.type("correct horse")
    ann.press("<Return>")
    ann.until(lambda: is_in(ann))


def test_whoever_has_a_password_can_enter_it_at_once(ann: Person, server: Server) -> None:
    view = begin(ann, server, user="ann")
    ann.click(view.with_password._canvas)
    ann.until(view.password.winfo_ismapped)
    assert ann.focused is view.password._entry


def test_an_account_is_made_in_the_window(ann: Person, tmp_path: Path) -> None:
    with serving(tmp_path, "--no-rate-limits") as server:
        view = begin(ann, server, user="ann")
        ann.click(view.other._canvas)
        ann.until(view.again.winfo_ismapped)
        view.password.replace("correct horse")
        view.again.replace("correct hose")
        ann.press("<Return>", view.again._entry)
        ann.until(lambda: "not the same" in view.note.cget("text"))
        view.again.replace("correct horse")
        ann.press("<Return>", view.again._entry)
        ann.until(lambda: is_in(ann))


def test_a_certificate_nobody_vouches_for_is_shown_before_it_is_trusted(ann: Person, tmp_path: Path) -> None:
    with serving(tmp_path, "--tls-self-signed", "--guests") as server:
        view = begin(ann, server, user="ann")
        view.tls.put(on=True)
        ann.click(view.submit._canvas)
        ann.until(lambda: dialogs(ann))
        printed = re.search(r"certificate SHA-256 (\S+)", server.errors())
        assert printed is not None
        (dialog,) = dialogs(ann)
        assert printed[1].replace(":", "") in re.sub(r"[:\s]", "", words(dialog))
        ann.press("<Escape>", dialog)
        ann.until(lambda: not dialogs(ann))
        assert ann.app.main is None
        ann.click(view.submit._canvas)
        ann.until(lambda: dialogs(ann))
        dialogs(ann)[0].confirmed()
        ann.until(lambda: is_in(ann))


def test_a_changed_certificate_is_refused_loudly(ann: Person, tmp_path: Path) -> None:
    with serving(tmp_path, "--tls-self-signed", "--guests") as server:
        ann.app.kept.change(fingerprints={f"{server.tcp[0]}:{server.tcp[1]}": "AB" * 32})
        view = begin(ann, server, user="ann")
        view.tls.put(on=True)
        ann.click(view.submit._canvas)
        ann.until(lambda: dialogs(ann))
        (dialog,) = dialogs(ann)
        assert "certificate has changed" in words(dialog)
        assert "AB:AB:AB" in words(dialog)
        dialog.confirmed()
        ann.until(lambda: not dialogs(ann))
        assert ann.app.main is None


def test_the_form_is_as_it_was_last_time(tmp_path: Path, server: Server) -> None:
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
    with person(tmp_path / "ann") as ann:
        view = begin(ann)
        assert (view.user.get(), view.host.get(), view.port.get()) == ("ann", server.tcp[0], str(server.tcp[1]))


def test_nothing_is_cut_off_in_a_narrow_window(ann: Person, server: Server) -> None:
    view = begin(ann, server)
    ann.window.geometry("360x640")
    ann.until(lambda: ann.window.winfo_width() == 360)
    ann.click(view.other._canvas)
    ann.until(view.again.winfo_ismapped)
    card = view._card
    assert card.winfo_rootx() >= ann.window.winfo_rootx()
    assert card.winfo_rootx() + card.winfo_width() <= ann.window.winfo_rootx() + 360
    assert card.winfo_height() <= 640


def test_a_window_comes_back_where_it_was_and_as_large(tmp_path: Path) -> None:
    with person(tmp_path / "ann") as ann:
        ann.window.geometry("800x650+120+80")
        ann.until(lambda: (ann.window.winfo_width(), ann.window.winfo_x()) == (800, 120))
    assert Store(tmp_path / "ann").load().geometry == "800x650+120+80"
    with person(tmp_path / "ann") as ann:
        ann.until(lambda: (ann.window.winfo_width(), ann.window.winfo_x()) == (800, 120))


def test_a_window_from_a_larger_screen_fits_this_one(tmp_path: Path) -> None:
    Store(tmp_path / "ann").save(Preferences(geometry="9000x8000+7000+6000"))
    with person(tmp_path / "ann") as ann:
        ann.until(lambda: ann.window.winfo_width() > 1)
        assert ann.window.winfo_width() <= ann.window.winfo_screenwidth()
        assert ann.window.winfo_x() < ann.window.winfo_screenwidth()
