"""What is said in a tab, and where one writes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kibitz.client.client import Client
from kibitz.desktop.presenters.glyphs import has_emoji
from kibitz.desktop.presenters.rows import Act
from kibitz.desktop.views.conversation import ConversationPage
from kibitz.wire.commands import LogIn
from tests.desktop.stage import Person, person
from tests.support.server import Server


class Friend:
    """Someone without a window: what they do is done on a thread of their own."""

    def __init__(self, server: Server, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.client = self.do(self._log_in(server, name))

    async def _log_in(self, server: Server, name: str) -> Client:
        return await Client(server.tcp_url, LogIn(name=name)).__aenter__()

    def do(self, work: Any) -> Any:
        """Do this, and wait until it is done."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def post(self, text: str, **more: Any) -> int:
        """Say something in the general channel; returns its seq."""
        return int(self.do(self.client.post(1, text, **more)).seq)

    def post_many(self, texts: list[str]) -> None:
        """Say many things."""

        async def all_of_them() -> None:
            await asyncio.gather(*[self.client.post(1, text) for text in texts])

        for at in range(0, len(texts), 500):
            texts_now = texts[at : at + 500]

            async def some(these: list[str] = texts_now) -> None:
                await asyncio.gather(*[self.client.post(1, text) for text in these])

            self.do(some())

    def leave(self) -> None:
        """Go."""
        self.do(self.client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def friend(server: Server, name: str = "ben") -> Iterator[Friend]:
    made = Friend(server, name)
    try:
        yield made
    finally:
        made.leave()


@pytest.fixture
def ben(server: Server) -> Iterator[Friend]:
    with friend(server) as made:
        yield made


@pytest.fixture
def ann(server: Server, tmp_path: Path) -> Iterator[Person]:
    with person(tmp_path / "ann") as made:
        made.log_in(server, "ann")
        made.window.focus_force()
        made.until(lambda: page(made).messages.rows and "loading" not in page(made).messages.rows)
        yield made


def page(one: Person, room: int = 1) -> ConversationPage:
    found = one.main._pages[room]
    assert isinstance(found, ConversationPage)
    return found


def shown(one: Person) -> str:
    return str(page(one).messages.text.get("1.0", "end-1c"))


def see(one: Person, *texts: str) -> None:
    one.until(lambda: all(text in shown(one) for text in texts))


def seq_of(one: Person, text: str) -> int:
    return next(row.seq for row in page(one).messages.rows.values() if text in row.text)


def write(one: Person, text: str) -> None:
    composer = page(one).composer
    composer.text.focus_force()
    composer.text.insert("insert", text)
    one.live(0.05)


def press(one: Person, key: str, widget: Any = None) -> None:
    (widget or page(one).composer.text).event_generate(key)
    one.live(0.05)


def act(one: Person, *what: Any, **more: Any) -> None:
    conversation: Any = page(one)._conversation  # over the bridge: it is carried out by itself
    conversation.act(Act(*what, **more))


def answer(question: Any, words: str) -> None:
    next(button for button in question.foot.winfo_children() if button.cget("text") == words).invoke()


def menu_of(one: Person) -> list[str]:
    menu = page(one).menu.menu
    last = menu.index("end")
    return (
        [menu.entrycget(at, "label") for at in range(last + 1) if menu.type(at) == "command"]
        if last is not None
        else []
    )


def test_what_is_written_is_sent_by_enter_and_seen_by_all(ann: Person, ben: Friend) -> None:
    write(ann, "Good morning")
    press(ann, "<Shift-Return>")
    write(ann, "everyone")
    press(ann, "<Return>")
    assert page(ann).composer.content == ""
    see(ann, "Good morning\neveryone")
    ann.until(lambda: any(m.text == "Good morning\neveryone" for m in ben.client.room(1).messages.values()))
    ann.until(lambda: "sending" not in shown(ann))
    assert shown(ann).count("Good morning") == 1


def test_markdown_is_drawn_and_html_is_text(ann: Person, ben: Friend) -> None:
    ben.post("**bold** <b>no</b> [site](https://example.org) [bad](javascript:alert)")
    see(ann, "bold <b>no</b> site [bad](javascript:alert)")
    text = page(ann).messages.text
    row = next(row for row in page(ann).messages.rows.values() if "bold" in row.text)
    assert [piece.act.arg for piece in row.pieces if piece.act is not None] == ["https://example.org"]
    assert "font:body:bold" in text.tag_names(text.search("bold", "1.0"))


def test_neighbours_by_the_same_person_stand_under_one_name(ann: Person, ben: Friend) -> None:
    ben.post("one")
    ben.post("two")
    see(ann, "one", "two")
    assert shown(ann).count("ben  ") == 1


def test_an_edit_a_deletion_and_a_reaction_are_seen(ann: Person, ben: Friend) -> None:
    first, second = ben.post("first draft"), ben.post("second thing")
    see(ann, "first draft", "second thing")
    ben.do(ben.client.edit(1, first, "final words"))
    ben.do(ben.client.delete(1, second))
    ben.do(ben.client.react(1, first, "🎉"))
    party = "🎉" if has_emoji() else "party popper"
    see(ann, "final words", "(edited)", "This message was deleted.", f"{party} 1")
    act(ann, "react", first, arg="🎉")
    see(ann, f"{party} 2")
    act(ann, "react", first, arg="🎉")
    see(ann, f"{party} 1")


def test_up_in_an_empty_line_edits_my_last_message_and_escape_stops_that(ann: Person) -> None:
    write(ann, "with a mistkae")
    press(ann, "<Return>")
    ann.until(lambda: "sending" not in shown(ann) and "mistkae" in shown(ann))
    press(ann, "<Up>")
    composer = page(ann).composer
    ann.until(lambda: composer.content == "with a mistkae" and composer.bar.winfo_ismapped())
    press(ann, "<Escape>")
    ann.until(lambda: composer.content == "" and not composer.bar.winfo_ismapped())
    press(ann, "<Up>")
    ann.until(lambda: composer.content == "with a mistkae")
    composer.text.delete("1.0", "end")
    write(ann, "without a mistake")
    press(ann, "<Return>")
    see(ann, "without a mistake", "(edited)")


def test_an_answer_quotes_what_it_answers_and_leads_there(ann: Person, ben: Friend) -> None:
    root = ben.post("What is for lunch?")
    see(ann, "lunch")
    act(ann, "reply", root)
    ann.until(lambda: "Replying to ben: What is for lunch?" in page(ann).composer.about.cget("text"))
    write(ann, "Soup")
    press(ann, "<Return>")
    see(ann, "↩ ben: What is for lunch?", "Soup", "↩ 1 reply")
    ann.until(lambda: any(m.thread == root for m in ben.client.room(1).messages.values()))


def test_a_call_of_mine_is_marked(ann: Person, ben: Friend) -> None:
    ben.post("Hello @ann and @nobody")
    see(ann, "Hello @ann")
    text = page(ann).messages.text
    assert "mention" in text.tag_names(text.search("@ann", "1.0"))
    assert "mention" not in text.tag_names(text.search("@nobody", "1.0"))


def test_a_name_is_completed_by_keys(ann: Person, ben: Friend) -> None:
    ben.post("here")
    ann.until(lambda: page(ann).members.cget("text") == "2 members")
    write(ann, "hi @b")
    ann.until(page(ann).composer.offered.winfo_ismapped)
    press(ann, "<Tab>")
    ann.until(lambda: page(ann).composer.content == "hi @ben ")


def test_messages_are_chosen_by_keys_and_their_menu_opens(ann: Person, ben: Friend, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        type(page(ann).menu), "_pop_up", lambda *_: None
    )  # a menu would take all keys until it is closed
    ben.post("one")
    ben.post("```python\nprint(1)\n```")
    see(ann, "one", "print")
    messages = page(ann).messages
    messages.text.focus_force()
    press(ann, "<Up>", messages.text)
    press(ann, "<Up>", messages.text)
    assert messages.rows[messages.chosen or ""].text.endswith("one\n")
    assert messages.text.tag_ranges("chosen")
    press(ann, "<Return>", messages.text)
    ann.until(lambda: "Reply" in menu_of(ann))
    assert "Edit" not in menu_of(ann)
    press(ann, "<Down>", messages.text)
    press(ann, "<Return>", messages.text)
    ann.until(lambda: "Run python block" in menu_of(ann))


def test_deleting_asks_first(ann: Person) -> None:
    write(ann, "to be gone")
    press(ann, "<Return>")
    ann.until(lambda: "sending" not in shown(ann) and "to be gone" in shown(ann))
    act(ann, "delete", seq_of(ann, "to be gone"))
    ann.until(lambda: page(ann).question is not None)
    question = page(ann).question
    assert question is not None
    answer(question, "Cancel")
    ann.live(0.1)
    assert "to be gone" in shown(ann)
    act(ann, "delete", seq_of(ann, "to be gone"))
    ann.until(lambda: page(ann).question is not question)
    again = page(ann).question
    assert again is not None
    answer(again, "Delete")
    see(ann, "This message was deleted.")


def test_a_block_runs_under_itself_and_reads_what_is_typed(ann: Person, ben: Friend) -> None:
    seq = ben.post('```python\nname = input("Who? ")\nprint("hello", name)\n```\nand a tail')
    see(ann, "and a tail")
    act(ann, "run", seq, 0)
    see(ann, "Run by ann", "Who? ", "Stop")
    entry = ann.until(lambda: next(iter(page(ann).messages.entries.values()), None))
    entry.insert(0, "carol")
    entry._entry.focus_force()
    press(ann, "<Return>", entry._entry)
    see(ann, "hello carol", "✓ Exit 0")
    order = [shown(ann).index(words) for words in ("print", "hello carol", "and a tail")]
    assert order == sorted(order)
    assert not page(ann).messages.entries


def test_a_run_can_be_stopped(ann: Person, ben: Friend) -> None:
    seq = ben.post("```python\nprint('on', flush=True)\nwhile True: pass\n```")
    see(ann, "while")
    act(ann, "run", seq, 0)
    see(ann, "on\n", "Stop")
    act(ann, "stop", seq, 0)
    see(ann, "Stopped: someone stopped it")


def test_what_ran_before_i_came_is_shown_with_its_output(server: Server, tmp_path: Path, ben: Friend) -> None:
    from kibitz.wire.code_commands import RunCode  # noqa: PLC0415 - next to its one use

    seq = ben.post("```python\nprint(6 * 7)\n```")
    ben.do(ben.client.do(RunCode(room=1, seq=seq)))
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        see(ann, "Run by ben", "42", "✓ Exit 0")


def test_code_is_copied(ann: Person, ben: Friend) -> None:
    seq = ben.post("```python\nprint(1)\n```")
    see(ann, "print(1)")
    act(ann, "copy", seq, 0)

    def clipboard() -> bool:
        try:
            return bool(ann.window.clipboard_get() == "print(1)\n")
        except Exception:  # nothing is on it yet
            return False

    ann.until(clipboard)


def test_selected_text_is_copied_by_keys(ann: Person, ben: Friend) -> None:
    ben.post("copy these words")
    see(ann, "these words")
    text = page(ann).messages.text
    at = text.search("these", "1.0")
    text.tag_add("sel", at, f"{at}+5c")
    text.focus_force()
    press(ann, "<Control-c>", text)
    assert ann.window.clipboard_get() == "these"


def test_someone_who_types_is_named(ann: Person, ben: Friend) -> None:
    ben.do(ben.client.typing(1))
    ann.until(lambda: page(ann).composer.typing.cget("text") == "ben is typing…")
    ben.post("done")
    ann.until(lambda: page(ann).composer.typing.cget("text") == "")


def test_a_draft_is_there_after_a_restart(server: Server, tmp_path: Path) -> None:
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        ann.until(lambda: "loading" not in page(ann).messages.rows)
        write(ann, "half a sent")
        ann.until(lambda: list((tmp_path / "ann" / "drafts").glob("*.json")))
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        ann.until(lambda: page(ann).composer.content == "half a sent")


def test_a_text_that_is_too_long_stays_where_it_was_written(ann: Person) -> None:
    write(ann, "x" * 33_000)
    ann.until(lambda: "too long" in page(ann).composer.counter.cget("text"))
    press(ann, "<Return>")
    ann.until(lambda: len(page(ann).composer.content) == 33_000)
    assert "xxxx" not in shown(ann)


def test_what_is_written_without_a_connection_waits_and_is_sent_once(ann: Person, server: Server) -> None:
    server.kill()
    ann.until(ann.main.banner.winfo_ismapped)
    write(ann, "into the dark")
    press(ann, "<Return>")
    see(ann, "into the dark", "waiting for the connection…")
    server.start()
    ann.until(lambda: "waiting" not in shown(ann) and "sending" not in shown(ann))
    assert shown(ann).count("into the dark") == 1


def test_what_an_earlier_run_left_behind_is_shown_and_sent(server: Server, tmp_path: Path) -> None:
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        server.kill()
        ann.until(ann.main.banner.winfo_ismapped)
        write(ann, "left behind")
        press(ann, "<Return>")
        see(ann, "left behind")
    server.start()
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        see(ann, "left behind")
        ann.until(lambda: "sending" not in shown(ann))
        assert shown(ann).count("left behind") == 1


def test_history_comes_as_one_scrolls_up_and_nothing_moves(server: Server, tmp_path: Path, ben: Friend) -> None:
    ben.post_many([f"number {number} of many" for number in range(1000)])
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        see(ann, "number 999 of many")
        messages = page(ann).messages
        assert "number 500 of many" not in shown(ann)
        ann.until(lambda: not page(ann).jump.winfo_ismapped())

        def further() -> bool:
            messages.scroll("scroll", -300, "pixels")
            return "number 0 of many" in shown(ann)

        ann.until(further)
        assert len(messages.rows) <= 450
        assert "number 999 of many" not in shown(ann)
        ann.until(page(ann).jump.winfo_ismapped)
        page(ann).jump.invoke()
        see(ann, "number 999 of many")
        ann.until(lambda: not page(ann).jump.winfo_ismapped())
        ann.until(lambda: messages.text.yview()[1] > 0.999 and messages.text.dlineinfo("end-2c") is not None)


def test_rows_added_above_do_not_move_what_one_reads(server: Server, tmp_path: Path, ben: Friend) -> None:
    ben.post_many([f"number {number} of many" for number in range(300)])
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        see(ann, "number 299 of many")
        messages = page(ann).messages
        ann.live(0.3)
        messages.scroll("moveto", 0.1)
        before = len(messages.rows)
        top = messages.text.get("@0,0 linestart", "@0,0 lineend")
        offset = messages.text.dlineinfo("@0,0")
        ann.until(lambda: len(messages.rows) > before)
        assert messages.text.get("@0,0 linestart", "@0,0 lineend") == top
        assert messages.text.dlineinfo("@0,0") == offset


def test_new_ones_below_are_counted_and_do_not_move_what_one_reads(ann: Person, ben: Friend) -> None:
    ben.post_many([f"number {number}" for number in range(60)])
    see(ann, "number 59")
    messages = page(ann).messages
    messages.scroll("moveto", 0.3)
    ann.until(page(ann).jump.winfo_ismapped)
    top = messages.text.get("@0,0 linestart", "@0,0 lineend")
    ben.post("late one")
    ben.post("later one")
    ann.until(lambda: page(ann).jump.cget("text") == "↓ Jump to newest (2 new)")
    assert messages.text.get("@0,0 linestart", "@0,0 lineend") == top


def test_what_is_seen_is_marked_as_read(ann: Person, ben: Friend) -> None:
    ben.post("read me")
    see(ann, "read me")
    page(ann).composer.text.focus_force()
    shell = ann.app.shell
    assert shell is not None
    ann.until(lambda: shell.client.room(1).mine.unread == 0 and shell.client.room(1).mine.read_seq > 0)


def test_a_missed_message_stands_under_a_line_that_says_new(server: Server, tmp_path: Path, ben: Friend) -> None:
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        ann.window.focus_force()
        ben.post("seen by ann")
        see(ann, "seen by ann")
        page(ann).composer.text.focus_force()
        ann.live(1.0)
    ben.post("missed by ann")
    with person(tmp_path / "ann") as ann:
        ann.log_in(server, "ann")
        see(ann, "missed by ann")
        assert shown(ann).index("seen by ann") < shown(ann).index("New\n") < shown(ann).index("missed by ann")


def test_a_burst_leaves_the_window_answering_and_shows_the_newest(ann: Person, ben: Friend) -> None:
    ben.post_many([f"burst {number}" for number in range(1500)])
    see(ann, "burst 1499")
    assert len(page(ann).messages.rows) <= 450


def test_a_theme_and_a_scale_change_while_it_is_open(ann: Person, ben: Friend) -> None:
    from kibitz.desktop.views import kit  # noqa: PLC0415

    ben.post("`code` and **bold**")
    see(ann, "code and bold")
    text = page(ann).messages.text
    before = text.tag_cget("chip", "background")
    kit.set_mode("dark")
    kit.set_scale(1.5)
    ann.live(0.2)
    try:
        assert text.tag_cget("chip", "background") != before
        assert page(ann).messages.images.get(f"avatar:{1}:ben").width() in (42, 1)
    finally:
        kit.set_mode("light")
        kit.set_scale(1.0)


def test_a_closed_tab_leaves_the_others_alone(ann: Person, ben: Friend) -> None:
    ben.do(ben.client.create_room("kitchen", ["ann"]))
    shell: Any = ann.main._shell
    room = ben.client.room("#kitchen").id
    known = ann.app.shell
    assert known is not None
    ann.until(lambda: room in known.client.replica.rooms)
    shell.open_room(room)
    ann.until(
        lambda: room in ann.main._pages and "ben created “kitchen”" in page(ann, room).messages.text.get("1.0", "end")
    )
    shell.close_tab(room)
    ann.until(lambda: ann.main.shown == 1)
    assert all(name in str(ann.window.bind(event)) for event, name in page(ann)._watched)
    ben.post("still here")
    see(ann, "still here")
    write(ann, "so am I")
    press(ann, "<Return>")
    see(ann, "so am I")


def test_someone_who_is_put_out_cannot_write_any_more(ann: Person, ben: Friend) -> None:
    from kibitz.wire.commands import RemoveMember  # noqa: PLC0415 - next to its one use

    room = ben.do(ben.client.create_room("kitchen", ["ann"])).id
    shell: Any = ann.main._shell
    known = ann.app.shell
    assert known is not None
    ann.until(lambda: room in known.client.replica.rooms)
    shell.open_room(room)
    ann.until(lambda: room in ann.main._pages)
    gone = page(ann, room)
    ben.do(ben.client.do(RemoveMember(room=room, user="ann")))
    ann.until(lambda: room not in ann.main._pages or gone.gone.winfo_ismapped())
