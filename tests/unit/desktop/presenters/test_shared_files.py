"""The list of shared files."""

from types import SimpleNamespace
from typing import Any, cast

from kibitz.client.errors import Refused
from kibitz.client.feed import Feed
from kibitz.desktop.presenters import shared_files as module
from kibitz.desktop.presenters.shared_files import FileList, SharedFiles, moment
from kibitz.wire import commands as c
from kibitz.wire.events import MessageDeleted, MessagePosted
from kibitz.wire.results import Done, Files, SharedFile
from kibitz.wire.views import File, Message, UserRef

ANN, BEN = UserRef(id=1, name="ann"), UserRef(id=2, name="ben")


def shared(number: int, name: str = "", sender: UserRef = BEN, kind: str = "text/plain") -> SharedFile:
    file = File(id=number, name=name or f"{number}.txt", size=1000, mime_type=kind, url="")
    return SharedFile(file=file, room=1, seq=number, sender=sender, shared_at="2030-01-01T12:00:00.000Z")


class Stage:
    """A server with these files, and a view that remembers."""

    def __init__(self, files: list[SharedFile], room: int | None = None) -> None:
        self.there = {one.file.id: one for one in files}
        self.asked: list[c.Command] = []
        self.lists: list[FileList] = []
        self.refused: list[str] = []
        self.feed = Feed()
        rooms = {1: "general"}
        client = SimpleNamespace(do=self.do, feed=self.feed, replica=SimpleNamespace(me=ANN, rooms=rooms))
        shell = SimpleNamespace(client=client, files=None, row=lambda held: SimpleNamespace(kind="general", title=held))
        self.files = SharedFiles(cast("Any", shell), room)

    async def do(self, command: c.Command) -> Any:
        self.asked.append(command)
        if isinstance(command, c.DeleteFile):
            if self.there[command.file].sender != ANN:
                raise Refused("forbidden", 202, "This file is not yours.")
            del self.there[command.file]
            return Done()
        assert isinstance(command, c.ListFiles)
        older = [file for file in sorted(self.there, reverse=True) if file < (command.before or 10**6)]
        page = [self.there[file] for file in older[: command.limit]]
        return Files(files=page, more=len(older) > command.limit)

    def show_files(self, files: FileList) -> None:
        self.lists.append(files)

    def refuse(self, problem: str) -> None:
        self.refused.append(problem)

    def close(self) -> None:
        """Nothing."""

    @property
    def names(self) -> list[str]:
        return [line.name for line in self.lists[-1].lines]


async def test_files_come_a_page_at_a_time_newest_first() -> None:
    stage = Stage([shared(number) for number in range(1, 251)])
    await stage.files.open(stage)
    assert (len(stage.names), stage.names[0], stage.lists[-1].more) == (100, "250.txt", True)
    await stage.files.more()
    await stage.files.more()
    assert (len(stage.names), stage.names[-1], stage.lists[-1].more) == (250, "1.txt", False)


async def test_a_search_goes_through_all_pages_by_name_sender_and_conversation() -> None:
    stage = Stage([shared(number) for number in range(1, 251)] + [shared(251, "Plan.pdf", ANN)])
    await stage.files.open(stage)
    await stage.files.search("7.TXT")
    assert stage.names[-1] == "7.txt"
    await stage.files.search("ann")
    assert stage.names == ["Plan.pdf"]
    await stage.files.search("#general")
    assert len(stage.names) == 251
    await stage.files.search("nowhere")
    assert stage.lists[-1].empty.startswith("No file is called so.")


async def test_an_endless_list_is_kept_in_part(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 150)
    stage = Stage([shared(number) for number in range(1, 999)])
    await stage.files.open(stage)
    await stage.files.search("txt")
    assert (len(stage.names), stage.lists[-1].more) == (200, False)


async def test_one_deletes_ones_own_and_is_told_why_not_anothers() -> None:
    stage = Stage([shared(1, sender=ANN), shared(2)])
    await stage.files.open(stage)
    assert [line.mine for line in stage.lists[-1].lines] == [False, True]
    await stage.files.delete(2)
    assert stage.refused == ["This file is not yours."]
    await stage.files.delete(1)
    assert stage.names == ["2.txt"]


async def test_what_is_shared_and_deleted_meanwhile_is_shown_until_the_dialog_closes() -> None:
    stage = Stage([shared(1)], room=1)
    await stage.files.open(stage)
    assert stage.lists[-1].title == "Files in #general"
    for room in (1, 2):
        new = Message(room=room, seq=5, sender=BEN, text="", sent_at="2030-01-01T00:00:00Z", file=shared(5 + room).file)
        stage.feed.publish(MessagePosted(room=room, seq=5, message=new))
    assert stage.names == ["6.txt", "1.txt"]
    stage.feed.publish(MessageDeleted(room=1, seq=6, target=1, by=BEN, at=""))
    assert stage.names == ["6.txt"]
    before = len(stage.lists)
    stage.files.closed()
    stage.feed.publish(MessageDeleted(room=1, seq=7, target=5, by=BEN, at=""))
    assert len(stage.lists) == before


async def test_a_conversation_without_files_says_how_one_gets_there() -> None:
    stage = Stage([])
    await stage.files.open(stage)
    assert stage.lists[-1].empty.startswith("No files have been shared here yet.")


def test_a_moment_that_makes_no_sense_is_left_out() -> None:
    assert moment("2030-02-03T12:00:00.000Z").startswith(("2 Feb", "3 Feb", "4 Feb"))
    assert moment("soon") == ""
