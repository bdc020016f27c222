"""The catalogue lists what there is."""

from kibitz.wire import commands, events
from kibitz.wire.catalogue import COMMANDS, EVENTS, GUIDE, summary, type_of
from kibitz.wire.commands import Command, PostMessage
from kibitz.wire.events import Event, MessagePosted


def concrete(module: object, base: type) -> set[type]:
    """The structs of a module that nothing else in it is made from."""
    found = {thing for thing in vars(module).values() if isinstance(thing, type) and issubclass(thing, base)}
    return {one for one in found if not any(other is not one and issubclass(other, one) for other in found)}


def test_every_command_of_the_vocabulary_is_listed() -> None:
    assert set(COMMANDS.values()) == concrete(commands, Command)


def test_every_event_of_the_vocabulary_is_listed() -> None:
    assert set(EVENTS.values()) == concrete(events, Event)


def test_a_type_is_the_name_in_small_letters() -> None:
    assert type_of(PostMessage) == "post_message"
    assert COMMANDS["post_message"] is PostMessage
    assert EVENTS["message_posted"] is MessagePosted


def test_a_summary_is_the_first_paragraph() -> None:
    class Noted:
        """What is noted and by whom.

        The rest.
        """

    assert summary(Noted) == "What is noted and by whom."


def test_the_guide_explains_every_command() -> None:
    assert GUIDE.commands.keys() == COMMANDS.keys()
    assert all(GUIDE.commands.values())
    assert GUIDE.commands["help"] == "The commands in words."
