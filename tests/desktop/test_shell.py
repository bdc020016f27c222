"""The main window: side bar, tabs, keyboard, and a line that breaks."""

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shortcuts import SHORTCUTS, events
from kibitz.desktop.presenters.shown import PersonRow, RoomRow, Tab
from kibitz.desktop.views import kit
from kibitz.desktop.views.dialogs import SwitchingDialog
from kibitz.desktop.views.listing import Listing
from kibitz.desktop.views.main import KEYS, MainWindow
from kibitz.wire import commands as c
from tests.desktop.stage import Person, person
from tests.support.server import Server


@pytest.fixture
def ann(tmp_path: Path, server: Server) -> Iterator[Person]:
    with person(tmp_path / "ann") as made:
        made.log_in(server, "ann")
        made.window.focus_force()
        made.live(0.05)
        yield made


def shell(ann: Person) -> Shell:
    assert ann.app.shell is not None
    return ann.app.shell


def does(ann: Person, command: c.Command) -> None:
    """Have the server carry out a command of this person's."""
    done: list[Any] = []

    async def work() -> None:
        done.append(await shell(ann).client.do(command))

    ann.app.bridge.do(work)
    ann.until(lambda: done)


def titles(ann: Person) -> list[str]:
    return [tab.title for tab in ann.main.tabs.tabs]


def front(ann: Person) -> str:
    return next((tab.title for tab in ann.main.tabs.tabs if tab.room == ann.main.tabs.active), "")


def listed(listing: Listing) -> list[str]:
    return [line.text for line in listing.lines if not line.heading]


def make_groups(ann: Person, *names: str) -> None:
    for name in names:
        does(ann, c.CreateRoom(name=name))
    ann.until(lambda: set(names) <= set(listed(ann.main.sidebar.rooms)))


def click_row(ann: Person, listing: Listing, text: str, *, times: int = 1) -> None:
    y = 0
    for line in listing.lines:
        high = listing._high(line)
        if line.text == text:
            ann.click(listing.canvas, 60, y + high // 2, times=times)
            return
        y += high
    raise AssertionError(f"{text} is not listed")


def open_groups(ann: Person, *names: str) -> None:
    make_groups(ann, *names)
    for name in names:
        click_row(ann, ann.main.sidebar.rooms, name)
        ann.until(lambda: front(ann) == name)  # noqa: B023 - awaited at once


# --- the side bar ------------------------------------------------------------------------------------------------------


def test_conversations_are_listed_by_their_kinds_and_a_click_opens_one(ann: Person) -> None:
    make_groups(ann, "kitchen")
    click_row(ann, ann.main.sidebar.rooms, "kitchen")
    ann.until(lambda: front(ann) == "kitchen")
    headings = [line.text for line in ann.main.sidebar.rooms.lines if line.heading]
    assert headings == ["General", "Groups"]
    assert titles(ann) == ["general", "kitchen"]


def test_a_double_click_on_somebody_opens_a_private_chat_and_so_does_the_button(
    ann: Person, tmp_path: Path, server: Server
) -> None:
    with person(tmp_path / "ben") as ben, person(tmp_path / "carol") as carol:
        ben.log_in(server, "ben")
        carol.log_in(server, "carol")
        people = ann.main.sidebar.people
        ann.until(lambda: {"ben", "carol"} <= set(listed(people)))
        click_row(ann, people, "ben", times=2)
        ann.until(lambda: front(ann) == "ben")
        click_row(ann, people, "carol")
        ann.live(0.2)
        assert front(ann) == "ben"
        ann.click(ann.main.sidebar.message._canvas)
        ann.until(lambda: front(ann) == "carol")


def test_what_is_unread_is_counted_and_goes_away_when_it_is_read(ann: Person, tmp_path: Path, server: Server) -> None:
    make_groups(ann, "kitchen")
    with person(tmp_path / "ben") as ben:
        ben.log_in(server, "ben")
        does(ann, c.AddMember(room="#kitchen", user="ben"))
        ben.until(lambda: "kitchen" in listed(ben.main.sidebar.rooms))
        does(ben, c.PostMessage(room="#kitchen", text="Hello @ann"))
        rooms = ann.main.sidebar.rooms
        ann.until(lambda: any(line.badge == "1" and line.called for line in rooms.lines))
        assert ann.window.title().startswith("(1) ")
        ann.window.focus_force()
        click_row(ann, rooms, "kitchen")
        ann.until(lambda: not any(line.badge for line in rooms.lines))


def test_the_keyboard_goes_through_the_list_and_opens(ann: Person) -> None:
    make_groups(ann, "kitchen", "course")
    ann.press("<F6>")
    assert ann.focused is ann.main.sidebar.rooms.canvas
    ann.press("<End>")
    ann.press("<Return>")
    ann.until(lambda: front(ann) == "kitchen")
    ann.press("<F6>")
    ann.press("<F6>")
    assert not str(ann.focused).startswith(str(ann.main.sidebar))


def test_a_search_in_the_side_bar_finds_and_return_opens(ann: Person) -> None:
    make_groups(ann, "kitchen", "course")
    ann.press("<Control-f>")
    assert ann.focused is ann.main.sidebar.search._entry
    ann.type("kit")
    ann.until(lambda: listed(ann.main.sidebar.rooms) == ["kitchen"])
    ann.press("<Return>")
    ann.until(lambda: front(ann) == "kitchen")
    ann.until(lambda: len(listed(ann.main.sidebar.rooms)) == 3)


def test_a_row_that_stays_keeps_the_cursor_when_others_come_and_go(ann: Person) -> None:
    make_groups(ann, "kitchen", "course")
    rooms = ann.main.sidebar.rooms
    ann.press("<F6>")
    ann.press("<End>")
    kitchen = rooms.cursor
    make_groups(ann, "attic")
    assert rooms.cursor == kitchen
    assert ann.focused is rooms.canvas
    does(ann, c.LeaveRoom(room="#kitchen"))
    ann.until(lambda: "kitchen" not in listed(rooms))
    assert rooms.cursor is not None
    assert rooms.cursor != kitchen


def test_of_three_hundred_conversations_and_two_hundred_people_only_those_in_sight_are_drawn(ann: Person) -> None:
    rows = tuple(RoomRow(1000 + at, f"group {at}", "group", at % 3) for at in range(300))
    people = tuple(PersonRow(2000 + at, f"person {at}", "online") for at in range(200))
    before = _drawn(ann)
    ann.main.show_rooms(rows, None, "")
    ann.main.show_people(people, 0, 200)
    ann.window.update()
    assert before < _drawn(ann) < 300
    ann.main.sidebar.rooms.rest(1250)
    ann.window.update()
    assert ann.main.sidebar.rooms._top > 0


def _drawn(one: Person) -> int:
    """How many things the lists have drawn: text, marks and grounds of their rows."""
    return sum(len(listing.canvas.find_all()) for listing in (one.main.sidebar.rooms, one.main.sidebar.people))


def test_the_side_bar_is_a_drawer_where_the_window_is_narrow(ann: Person) -> None:
    ann.window.geometry("500x700")
    ann.until(lambda: ann.main.narrow)
    assert not ann.main.sidebar.winfo_viewable()
    ann.click(ann.main.menu_button._canvas)
    ann.until(ann.main.sidebar.winfo_viewable)
    ann.press("<Escape>")
    ann.until(lambda: not ann.main.sidebar.winfo_viewable())
    ann.window.geometry("1000x700")
    ann.until(ann.main.sidebar.winfo_viewable)


# --- tabs --------------------------------------------------------------------------------------------------------------


def test_tabs_are_gone_through_closed_and_brought_back_by_keyboard(ann: Person) -> None:
    open_groups(ann, "kitchen", "course")
    ann.press("<Control-Tab>")
    ann.until(lambda: front(ann) == "general")
    ann.press("<Control-Shift-Tab>")
    ann.until(lambda: front(ann) == "course")
    ann.press("<Control-Key-2>")
    ann.until(lambda: front(ann) == "kitchen")
    ann.press("<Control-w>")
    ann.until(lambda: titles(ann) == ["general", "course"])
    ann.press("<Control-Shift-T>")
    ann.until(lambda: titles(ann) == ["general", "kitchen", "course"])
    assert front(ann) == "kitchen"


def test_tabs_are_moved_by_keyboard(ann: Person) -> None:
    open_groups(ann, "kitchen")
    ann.press("<Control-Shift-Prior>")
    ann.until(lambda: titles(ann) == ["kitchen", "general"])
    ann.press("<Control-Shift-Next>")
    ann.until(lambda: titles(ann) == ["general", "kitchen"])


def middle_of(ann: Person, title: str) -> int:
    tabs = ann.main.tabs
    return round(tabs.px(4) + (titles(ann).index(title) - tabs._first + 0.4) * tabs._tab)


def test_a_tab_is_dragged_elsewhere(ann: Person) -> None:
    open_groups(ann, "kitchen", "course")
    canvas = ann.main.tabs.canvas
    x, target = middle_of(ann, "course"), middle_of(ann, "general")
    canvas.event_generate("<Button-1>", x=x, y=20)
    for at in range(x, target, -20):
        canvas.event_generate("<B1-Motion>", x=at, y=20)
        ann.live(0.01)
    canvas.event_generate("<ButtonRelease-1>", x=target, y=20)
    ann.until(lambda: titles(ann) == ["course", "general", "kitchen"])


def test_the_middle_button_and_the_cross_close_a_tab(ann: Person) -> None:
    open_groups(ann, "kitchen", "course")
    tabs = ann.main.tabs
    ann.click(tabs.canvas, middle_of(ann, "kitchen"), 20, button=2)
    ann.until(lambda: titles(ann) == ["general", "course"])
    ann.click(tabs.canvas, tabs.px(4) + 2 * tabs._tab - tabs.px(22), 20)
    ann.until(lambda: titles(ann) == ["general"])


def test_when_the_last_tab_is_closed_it_says_how_to_go_on(ann: Person) -> None:
    ann.press("<Control-w>")
    ann.until(lambda: not titles(ann))
    ann.until(ann.main.nothing.winfo_viewable)
    assert "Ctrl+K" in ann.main.nothing.cget("text")


def test_more_tabs_than_have_room_are_in_a_menu(ann: Person) -> None:
    tabs = ann.main.tabs
    tabs.show(tuple(Tab(5000 + at, f"tab {at}") for at in range(30)), 5029)
    ann.window.update()
    assert tabs._count < 30
    assert tabs._first + tabs._count == 30
    tabs._show_hidden()
    assert tabs.menu.index("end") == 29
    tabs.menu.unpost()


def test_tabs_come_back_at_the_next_start(tmp_path: Path, server: Server) -> None:
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        open_groups(ann, "kitchen", "course")
        ann.press("<Control-Shift-Prior>")
        ann.press("<Control-Key-1>")
        ann.until(lambda: front(ann) == "general" and titles(ann) == ["general", "course", "kitchen"])
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        ann.until(lambda: titles(ann) == ["general", "course", "kitchen"])
        assert front(ann) == "general"
        ann.press("<Control-Key-3>")
        ann.until(lambda: front(ann) == "kitchen")


# --- going anywhere ----------------------------------------------------------------------------------------------------


def test_the_switcher_leads_anywhere_by_a_few_letters(ann: Person) -> None:
    make_groups(ann, "kitchen", "course")
    ann.press("<Control-k>")
    ann.until(lambda: "quick_switch" in ann.app.windows.open)
    dialog = ann.app.windows.open["quick_switch"]
    assert isinstance(dialog, SwitchingDialog)
    dialog.focus_force()
    dialog.entry.focus_set()
    ann.until(lambda: len(listed(dialog.list)) == 3)
    for char in "ktch":
        dialog.entry._entry.event_generate("<KeyPress>", keysym=char)
        dialog.entry._entry.event_generate("<KeyRelease>", keysym=char)
    ann.until(lambda: listed(dialog.list) == ["kitchen"])
    ann.press("<Return>", dialog.entry._entry)
    ann.until(lambda: front(ann) == "kitchen")
    assert not dialog.winfo_exists()


def test_escape_closes_a_dialog_and_gives_the_focus_back(ann: Person) -> None:
    before = ann.focused
    ann.press("<F1>")
    ann.until(lambda: "shortcuts" in ann.app.windows.open)
    dialog = ann.app.windows.open["shortcuts"]
    ann.press("<Escape>", dialog)
    ann.until(lambda: not dialog.winfo_exists())
    ann.live(0.05)
    assert ann.focused is before


def test_every_key_of_the_sheet_is_bound_somewhere_in_the_window(ann: Person) -> None:
    ann.until(lambda: ann.main._pages)
    bound: set[str] = set()

    def look(widget: Any) -> None:
        for tag in widget.bindtags():
            bound.update(str(one) for one in widget.tk.splitlist(widget.tk.call("bind", tag)))
        for child in widget.winfo_children():
            look(child)

    look(ann.window)
    for one in SHORTCUTS:
        for event in events(one):
            assert set(normal(ann, event)) <= bound, f"{one.keys} is not bound"


def normal(ann: Person, event: str) -> tuple[str, ...]:
    """An event as Tk spells it back."""
    tk = ann.window.tk
    tk.call("bind", "Spelling", event, "#")
    try:
        return tuple(str(one) for one in tk.splitlist(tk.call("bind", "Spelling")))
    finally:
        tk.call("bind", "Spelling", event, "")


def test_keys_do_nothing_else_besides_where_one_writes(ann: Person) -> None:
    ann.until(lambda: ann.main._pages)
    next(iter(ann.main._pages.values())).focus()
    ann.until(lambda: ann.focused.winfo_class() == "Text")
    text = ann.focused
    ann.type("hello there")
    ann.press("<Home>")
    ann.press("<Control-k>")
    ann.until(lambda: "quick_switch" in ann.app.windows.open)
    assert text.get("1.0", "end-1c") == "hello there"


# --- what is said ------------------------------------------------------------------------------------------------------


def test_a_line_that_is_down_is_said_with_a_countdown_until_it_is_up(ann: Person, server: Server) -> None:
    server.kill()
    ann.until(ann.main.banner.winfo_viewable)
    assert "kept and sent later" in ann.main.banner.label.cget("text")
    server.start()
    ann.click(ann.main.banner.button._canvas)
    ann.until(lambda: not ann.main.banner.winfo_viewable())


def test_what_is_said_stacks_without_saying_it_twice_and_can_be_sent_away(ann: Person) -> None:
    main = ann.main
    for text in ("one", "two", "two", "three", "four", "five"):
        main.toast(text, "info")
    ann.window.update()
    assert [toast.text for toast in main.toasts.shown] == ["two", "three", "four", "five"]
    edges = [(toast.winfo_y(), toast.winfo_y() + toast.winfo_height()) for toast in main.toasts.shown]
    assert all(above[1] <= below[0] for above, below in pairwise(edges))
    ann.press("<Escape>")
    assert [toast.text for toast in main.toasts.shown] == ["two", "three", "four"]
    ann.click(main.toasts.shown[0].cross._canvas)
    assert [toast.text for toast in main.toasts.shown] == ["three", "four"]


def test_the_own_menu_sets_the_status_and_logs_out(ann: Person) -> None:
    ann.press("<Return>", ann.main.sidebar.me.canvas)
    menu = ann.main.sidebar.menu
    menu.invoke(1)
    menu.unpost()
    ann.until(lambda: ann.main.sidebar.me.me is not None and ann.main.sidebar.me.me.status == "away")
    menu.invoke("end")
    ann.until(lambda: ann.app.main is None)
    ann.until(ann.app.login_view.winfo_viewable)
    assert ann.app.login_view.note.cget("text") == ""
    assert ann.app.login_view.user.get() == "ann"


def test_ten_thousand_changes_do_not_starve_the_keys(ann: Person) -> None:
    seen: list[int] = []  # how many changes had been shown when a key was heard
    shown: list[int] = []
    ann.window.bind("<F9>", lambda _: seen.append(len(shown)))

    def show(number: int) -> None:
        time.sleep(0.0002)
        shown.append(number)

    for number in range(10_000):
        ann.app.bridge.tell(show, number)
    target, pressed = ann.focused, 0
    while len(shown) < 10_000:
        pressed += 1
        target.event_generate("<F9>", when="tail")
        ann.window.update()
        assert len(seen) == pressed
    assert shown == list(range(10_000))
    assert len(set(seen)) > 20
    ann.window.unbind("<F9>")


def test_settings_take_effect_at_once_and_come_back(tmp_path: Path, server: Server) -> None:
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        ann.press("<Control-comma>")
        ann.until(lambda: "settings" in ann.app.windows.open)
        dialog: Any = ann.app.windows.open["settings"]
        ann.until(lambda: dialog._shown is not None)
        for keys, mode in (("<Down>", "light"), ("<Down>", "dark")):
            ann.press(keys, dialog.theme._canvas)
            ann.until(lambda: kit.mode() == mode)  # noqa: B023 - awaited at once
        ann.press("<Down>", dialog.scale._canvas)
        ann.press("<Down>", dialog.scale._canvas)
        ann.until(lambda: kit.scale_of(ann.main) == 1.25)
        ann.press("<space>", dialog.notifications._bg_canvas)
        ann.until(lambda: not ann.app.kept.value.notifications)
        dialog.close()
    with person(tmp_path / "ann") as ann:
        assert kit.mode() == "dark"
        assert kit.scale_of(ann.window) == 1.25
        kit.set_scale(1.0)
        kit.set_mode("light")


def test_the_main_window_ends_without_leaving_its_keys_behind(ann: Person) -> None:
    main: MainWindow = ann.main
    ann.app.bridge.do(shell(ann).log_out)
    ann.until(lambda: ann.app.main is None)
    assert not main.winfo_exists()
    assert not ann.window.bind_class(KEYS, "<Control-k>")
