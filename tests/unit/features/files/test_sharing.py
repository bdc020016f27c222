"""Files as commands see them: written down, listed, taken back."""

import pytest
from tests.support.database import NOW, person, transaction
from tests.support.posting import facts
from tests.support.rooms import group

from kibitz.api import things
from kibitz.domain.access import Act, Actor, FileFacts, may
from kibitz.domain.errors import Refusal
from kibitz.domain.files import StoredFile
from kibitz.domain.users import Role
from kibitz.fanout.steps import Publish
from kibitz.features.call import Call
from kibitz.features.files import sharing
from kibitz.features.files.sharing import GetFile, ShareFile
from kibitz.features.messaging.post import post_with_file
from kibitz.storage import Tx, files, messages
from kibitz.wire.commands import DeleteFile, ListFiles, PostMessage
from kibitz.wire.events import MessageDeleted
from kibitz.wire.results import Changed
from kibitz.wire.views import File


def share(tx: Tx, actor: Actor, room: int = 1, name: str = "plan.txt") -> File:
    """A file and its message, as an upload posts them."""
    here = facts(tx, actor, room)
    asked = ShareFile(room=room, text="", name=name, size=5, mime_type="text/plain", sha256="a" * 64)
    file = sharing.write_down(Call(tx, actor, asked, here, NOW), here)
    post_with_file(Call(tx, actor, PostMessage(room=room, text=""), here, NOW), file)
    return file


def found_by(tx: Tx, actor: Actor, file: int) -> FileFacts:
    return things.file_of(tx, actor, GetFile(file=file))


def test_a_file_has_the_place_of_its_message_and_a_clean_name() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        file = share(tx, alice, name="../../etc/pass|wd")
        assert file.name == "pass_wd"
        message = messages.one(tx, 1, files.need(tx, file.id).message_seq)
        assert message is not None
        assert message.file == file


def test_a_download_finds_the_bytes() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        file = share(tx, alice)
        call = Call(tx, alice, GetFile(file=file.id), found_by(tx, alice, file.id), NOW)
        assert sharing.find(call) == StoredFile("plan.txt", 5, "text/plain", "a" * 64)


def test_a_list_says_whether_there_is_more() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        kitchen = group(tx, alice)
        for room in (1, kitchen, 1):
            share(tx, alice, room)

        def listed(actor: Actor, command: ListFiles) -> tuple[list[int], bool]:
            thing = None if command.room is None else facts(tx, actor, int(command.room))
            page = sharing.list_files(Call(tx, actor, command, thing, NOW))
            return [one.file.id for one in page.files], page.more

        assert listed(alice, ListFiles()) == ([3, 2, 1], False)
        assert listed(alice, ListFiles(limit=2)) == ([3, 2], True)
        assert listed(alice, ListFiles(limit=2, before=2)) == ([1], False)
        assert listed(alice, ListFiles(room=kitchen)) == ([2], False)
        assert listed(bob, ListFiles()) == ([3, 1], False)


def test_taking_a_file_back_leaves_a_tombstone_and_tells_the_room() -> None:
    with transaction() as tx:
        alice = person(tx, "alice")
        file = share(tx, alice)
        seq = files.need(tx, file.id).message_seq
        outcome = sharing.delete_file(Call(tx, alice, DeleteFile(file=file.id), found_by(tx, alice, file.id), NOW))
        assert outcome.answer == Changed(room=1, seq=seq + 1)
        (step,) = outcome.steps
        assert isinstance(step, Publish)
        assert isinstance(step.event, MessageDeleted)
        assert (step.event.target, step.event.by.name) == (seq, "alice")
        message = messages.one(tx, 1, seq)
        assert message is not None
        assert (message.deleted, message.file) == (True, None)
        with pytest.raises(Refusal, match="File not found"):
            found_by(tx, alice, file.id)


def test_a_file_in_a_room_one_cannot_see_is_not_there() -> None:
    with transaction() as tx:
        alice, bob = person(tx, "alice"), person(tx, "bob")
        file = share(tx, alice, group(tx, alice))
        with pytest.raises(Refusal, match="File not found"):
            found_by(tx, bob, file.id)


def test_a_file_is_taken_back_by_its_sender_or_whoever_keeps_order() -> None:
    with transaction() as tx:
        owner, alice, bob = person(tx, "dave", Role.OWNER), person(tx, "alice"), person(tx, "bob")
        file = share(tx, alice).id
        allowed = {actor.name: may(actor, Act.DELETE_FILE, found_by(tx, actor, file)) for actor in (owner, alice, bob)}
        assert allowed == {"dave": True, "alice": True, "bob": False}
