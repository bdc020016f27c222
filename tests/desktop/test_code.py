"""Code sessions in a window: what a person sees, types and runs there, and what others do meanwhile."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from kibitz.desktop.presenters.code_shown import NewSession
from kibitz.desktop.views import kit
from kibitz.desktop.views.code_dialogs import CodeDesk, HistoryWindow, Invitation, ReadingWindow, SessionsDialog
from kibitz.desktop.views.editor import EditorWindow
from kibitz.wire import code_commands as cc
from kibitz.wire.results import SessionJoined
from tests.desktop.beside import editor, editors, other, press
from tests.desktop.stage import Person, person
from tests.support.server import Server, serving

HELLO: Final = {
    "python": 'print("hello", 6 * 7)\n',
    "javascript": 'console.log("hello", 6 * 7)\n',
    "java": 'class Main { public static void main(String[] a) { System.out.println("hello " + 6 * 7); } }\n',
    "cpp": '#include <iostream>\nint main() { std::cout << "hello " << 6 * 7 << "\\n"; }\n',
    "c": '#include <stdio.h>\nint main(void) { printf("hello %d\\n", 6 * 7); return 0; }\n',
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), "--guests", "--no-rate-limits") as it:
        yield it


@pytest.fixture
def ann(tmp_path: Path, server: Server) -> Iterator[Person]:
    with person(tmp_path / "ann") as it:
        it.log_in(server, "ann")
        yield it


def desk(one: Person) -> Any:
    assert one.app.shell is not None
    return one.app.shell.code


def begin(one: Person, language: str = "python", code: str = "") -> EditorWindow:
    """A new session, in its window."""
    one.app.bridge.do(desk(one).create, NewSession(language, "Greetings", "open"), None)
    window = editor(one)
    window.code.text.focus_force()
    if code:
        window.code.text.insert("1.0", code)
    return window


def session_of(window: EditorWindow) -> int:
    assert window.shown is not None
    return window.shown.session


def output(window: EditorWindow) -> str:
    return str(window.output.text.get("1.0", "end-1c"))


def put(window: EditorWindow, code: str) -> None:
    window.code.text.delete("1.0", "end")
    window.code.text.insert("1.0", code)


def says(one: Person, window: EditorWindow, words: str) -> None:
    one.until(lambda: words in window.note.cget("text"))


def test_a_window_and_a_stock_client_share_text_and_cursors(ann: Person, server: Server) -> None:
    window = begin(ann, code="one 😀\ntwo\n")
    with other(ann, server, "ben") as ben:
        ben.join(session_of(window))
        stock = ben.opens(session_of(window))
        ben.reads(stock, "one 😀\ntwo\n")
        ben.beside.do(stock.edit(0, added="zero\n"))
        ann.until(lambda: window.code.text.get("1.0", "end-1c") == "zero\none 😀\ntwo\n")
        ben.beside.do(stock.do("select", anchor=5, head=11, user={"name": "ben", "color": "#9a3b6b"}))
        cursor = ann.until(lambda: next(iter(window.cursors._there.values()), None))
        ann.until(lambda: cursor.name.winfo_ismapped() and cursor.name.cget("text") == "ben")
        assert [str(at) for at in window.code.text.tag_ranges(cursor.tag)] == ["2.0", "2.6"]
        window.code.select(5, 10)
        ben.beside.do(stock.until("cursors", [["ann", 5, 11]]))
        ben.beside.do(stock.do("leave"))
        ann.until(lambda: not window.cursors._there and not cursor.caret.winfo_exists())


def test_all_five_languages_run_from_the_window(ann: Person) -> None:
    window = begin(ann)
    ann.until(lambda: len(window.language.cget("values")) == 5)
    for row in window._languages:
        window._choose_language(row.title)
        ann.until(lambda: window.shown.language == row.name)  # type: ignore[union-attr]  # noqa: B023
        put(window, HELLO[row.name])
        press(ann, window.code.text, "<F5>")
        ann.until(
            lambda: window.run_shown is not None and window.run_shown.state == "ended" and "hello 42" in output(window)
        )
        assert "Finished" in window.output.result.cget("text")
        window.output.show_run(window.run_shown, True)


def test_a_program_that_asks_is_answered_and_what_it_says_is_told_apart(ann: Person) -> None:
    window = begin(
        ann, code='import sys\nname = input("Who? ")\nprint(f"\\x1b[32mHi {name}\\x1b[0m")\nsys.exit("no")\n'
    )
    window.run()
    ann.until(lambda: "Who? " in output(window) and window.output.input.winfo_ismapped())
    window.output.entry.insert(0, "Ada")
    press(ann, window.output.entry._entry, "<Return>")
    ann.until(lambda: "Exit code 1" in window.output.result.cget("text"))
    text = window.output.text
    assert output(window) == "Who? Ada\nHi Ada\nno\n"
    assert text.tag_names("2.1") == ("stdout", "success")
    assert text.tag_names("3.1") == ("stderr",)
    assert not window.output.input.winfo_ismapped()


def test_a_program_that_never_ends_is_stopped(ann: Person) -> None:
    window = begin(ann, code="print('on', flush=True)\nwhile True: pass\n")
    window.run()
    ann.until(lambda: output(window) == "on\n")
    window.stop_button.invoke()
    ann.until(lambda: "Stopped by hand" in window.output.result.cget("text"))


def test_edits_made_on_both_sides_while_the_server_is_gone_are_merged(tmp_path: Path) -> None:
    with (
        serving(tmp_path, "--guests", "--no-rate-limits") as server,
        person(tmp_path / "ann") as ann,
    ):
        ann.log_in(server, "ann")
        window = begin(ann, code="middle\n")
        with other(ann, server, "ben") as ben:
            ben.join(session_of(window))
            stock = ben.opens(session_of(window))
            ben.reads(stock, "middle\n")
            server.kill()
            ann.until(lambda: window.line.tone == "warning" and "kept" in window.line_label.cget("text"))
            window.code.text.insert("1.0", "ann 😀\n")
            ben.beside.do(stock.edit(7, added="ben\n"))
            window.run()
            says(ann, window, "no connection")
            window.ask_to_close()
            question: kit.Dialog = ann.until(
                lambda: next((one for one in window.winfo_children() if isinstance(one, kit.Dialog)), None)
            )
            assert question.title() == "Close while offline?"
            question.close()
            assert ann.app.shell is not None
            for leave in (ann.app.ask_to_quit, partial(ann.app.bridge.do, ann.app.shell.ask_to_log_out)):
                leave()
                asked: kit.Dialog = ann.until(
                    lambda: next((one for one in ann.window.winfo_children() if isinstance(one, kit.Dialog)), None)
                )
                assert asked.title() in {"Quit now?", "Log out now?"}
                asked.close()
            server.start()
            ben.reads(stock, "ann 😀\nmiddle\nben\n")
            ann.until(lambda: window.code.text.get("1.0", "end-1c") == "ann 😀\nmiddle\nben\n")
            ann.until(lambda: window.line.tone == "good")
            put(window, "print('back')\n")
            ann.until(lambda: ann.app.shell is not None and ann.app.shell.client.connected)
            window.run()
            ann.until(lambda: "back" in output(window))


def test_a_viewer_watches_and_cannot_type(ann: Person, server: Server) -> None:
    with other(ann, server, "ben") as ben:
        made: SessionJoined = ben.ask(cc.CreateSession(language="python", code="print(1)\n", access="private"))
        ben.ask(cc.InviteToSession(session=made.session.id, user="ann", role="viewer"))
        ann.app.bridge.do(desk(ann).open, made.session.id)
        window = editor(ann)
        ann.until(lambda: window.code.mirror.text == "print(1)\n" and window.notice.winfo_ismapped())
        window.code.text.insert("1.0", "x")
        says(ann, window, "viewer")
        assert window.code.text.get("1.0", "end-1c") == "print(1)\n"
        assert window.run_button.cget("state") == "disabled"
        ben.ask(cc.SetSessionRole(session=made.session.id, user="ann", role="editor"))
        ann.until(lambda: not window.notice.winfo_ismapped())
        window.code.text.insert("1.0", "x")
        assert window.code.mirror.text == "xprint(1)\n"


def test_who_is_put_out_is_told_and_keeps_what_is_shown(ann: Person, server: Server) -> None:
    with other(ann, server, "ben") as ben:
        made: SessionJoined = ben.ask(cc.CreateSession(language="python", code="print(1)\n"))
        ann.app.bridge.do(desk(ann).open, made.session.id)
        window = editor(ann)
        ben.ask(cc.RemoveParticipant(session=made.session.id, user="ann"))
        ann.until(lambda: window.notice.winfo_ismapped() and window.line.tone == "bad")
        assert window.code.text.get("1.0", "end-1c") == "print(1)\n"
        window.code.text.insert("1.0", "x")
        assert window.code.text.get("1.0", "end-1c") == "print(1)\n"


def test_closing_the_window_leaves_the_text_and_not_the_session(ann: Person, server: Server) -> None:
    window = begin(ann, code="kept\n")
    session = session_of(window)
    with other(ann, server, "ben") as ben:
        ben.join(session)
        stock = ben.opens(session)
        ben.beside.do(stock.until_that("present", lambda there: any("user" in one for one in there)))
        window.code.text.insert("end", "last")
        window.ask_to_close()
        ann.until(lambda: not editors(ann))
        ben.reads(stock, "kept\nlast")
        ben.beside.do(stock.until_that("present", lambda there: not any("user" in one for one in there)))
        assert {one.user.name for one in ben.ask(cc.GetSession(session=session)).participants} == {"ann", "ben"}
    ann.app.bridge.do(desk(ann).open, session)
    assert editor(ann).code.mirror.text == "kept\nlast"


def test_an_invitation_leads_into_the_session_with_one_click(ann: Person, server: Server) -> None:
    with other(ann, server, "ben") as ben:
        made: SessionJoined = ben.ask(
            cc.CreateSession(language="c", title="Pointers", access="private", code="int x;\n")
        )
        ben.ask(cc.InviteToSession(session=made.session.id, user="ann"))
        card: Invitation = ann.until(lambda: next(iter(cards(ann)), None))
        card.join.invoke()
        assert editor(ann).code.mirror.text == "int x;\n"
        assert not card.winfo_exists()


def cards(one: Person) -> list[Invitation]:
    return [card for card in one.window.winfo_children() if isinstance(card, Invitation)]


def test_the_keys_of_an_editor_do_what_they_do_elsewhere(ann: Person) -> None:
    window = begin(ann, code="if x:")
    text = window.code.text
    window.code.select(5, 5)
    press(ann, text, "<Return>")
    text.insert("insert", "pass")
    assert window.code.mirror.text == "if x:\n    pass"
    press(ann, text, "<Control-slash>")
    assert window.code.mirror.text == "if x:\n    # pass"
    press(ann, text, "<<Undo>>")
    press(ann, text, "<<Undo>>")
    assert window.code.mirror.text in {"if x:", "", "if x:\n    pass"}
    press(ann, text, "<Escape>")
    press(ann, text, "<Tab>")
    ann.until(lambda: ann.window.focus_get() is not text)


def test_something_is_found_and_replaced_and_a_wrong_pattern_is_explained(ann: Person) -> None:
    window = begin(ann, code="cat Cat cot\n")
    window.open_find(replace=True)
    window.find.what.replace("cat")
    window.find.put.replace("dog 😀")
    window.find._soon()
    ann.until(lambda: window.find.count.cget("text") == "1 of 2")
    window.find.next()
    window.find.next()
    assert window.code.selection == (4, 7)
    window.find.replace_all()
    ann.until(lambda: window.code.mirror.text == "dog 😀 dog 😀 cot\n")
    window.code.editing.undo()
    assert window.code.mirror.text == "cat Cat cot\n"
    window.find._flip_pattern()
    window.find.what.replace("c(")
    window.find._soon()
    ann.until(lambda: "Not a pattern" in window.find.problem.cget("text"))
    window.find.what.replace(r"c(.)t")
    window.find.put.replace(r"\1\1")
    window.find.replace_all()
    ann.until(lambda: window.code.mirror.text == "aa aa oo\n")


def test_what_was_run_and_written_can_be_looked_at_run_again_and_restored(ann: Person, server: Server) -> None:
    window = begin(ann, code="print('first')\n")
    window.run()
    ann.until(lambda: window.run_shown is not None and window.run_shown.state == "ended" and "first" in output(window))
    with other(ann, server, "ben") as ben:
        ben.join(session_of(window))
        ann.until(lambda: "first" in ben.ask(cc.GetCode(session=session_of(window))).code)
        ben.ask(cc.UpdateCode(session=session_of(window), code="print('second')\n"))
        ann.until(lambda: window.code.mirror.text == "print('second')\n")
    window.open_history()
    past: HistoryWindow = ann.until(window._history)
    ann.until(lambda: len(past.list.lines) == 1)
    first: Any = past.list.lines[0].key
    past.list.choose(first)
    page: ReadingWindow = ann.until(lambda: next(iter(pages(past)), None))
    assert "print('first')" in page.pane.text.get("1.0", "end")
    past._act()
    ann.until(lambda: window.run_shown is not None and window.run_shown.run > first and "first" in output(window))
    past._turn("versions")
    ann.until(lambda: len(past.list.lines) == 2)
    hands: Any = past._history
    hands.restore(past.list.lines[-1].key)
    ann.until(lambda: window.code.mirror.text == "print('first')\n")


def pages(window: HistoryWindow) -> list[ReadingWindow]:
    return [page for page in window.winfo_children() if isinstance(page, ReadingWindow)]


def test_sessions_are_listed_and_come_back_to(ann: Person) -> None:
    window = begin(ann, code="here\n")
    session = session_of(window)
    window.ask_to_close()
    ann.until(lambda: not editors(ann))
    ann.app.bridge.do(desk(ann).browse)
    dialog: SessionsDialog = ann.until(
        lambda: next((one for one in ann.window.winfo_children() if isinstance(one, SessionsDialog)), None)
    )
    ann.until(lambda: any(line.key == session for line in dialog.list.lines))
    dialog.list.choose(session)
    assert editor(ann).code.mirror.text == "here\n"


def test_colours_follow_what_is_typed(ann: Person) -> None:
    window = begin(ann, code="def f():\n    return 1\n")
    tags = window.code.text.tag_names
    ann.until(lambda: "keyword" in tags("1.0") and "number" in tags("2.11"))
    window.code.text.insert("1.0", "# ")
    ann.until(lambda: "comment" in tags("1.4") and "keyword" not in tags("1.2"))


def test_much_output_is_bounded_and_the_window_goes_on_answering(ann: Person) -> None:
    window = begin(ann, code="for n in range(60000): print(n, 'x' * 20)\n")
    window.run()
    ann.until(lambda: window.run_shown is not None and window.run_shown.state == "ended")
    ann.until(lambda: "the output ends here" in output(window))
    assert len(output(window)) <= 400_000
    window.code.text.insert("end", "# still here")
    assert window.code.mirror.text.endswith("# still here")


def test_code_desk_closes_with_the_login(ann: Person) -> None:
    begin(ann)
    assert isinstance(desk(ann)._view._view, CodeDesk)
    assert ann.app.shell is not None
    ann.app.bridge.do(ann.app.shell.log_out)
    ann.until(lambda: ann.app.main is None and not editors(ann))
