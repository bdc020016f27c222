"""The catalogue lists what there is."""

from kibitz.wire import code_commands, commands, events
from kibitz.wire.catalogue import COMMANDS, EVENTS, GUIDE, summary, type_of
from kibitz.wire.commands import Command, PostMessage
from kibitz.wire.events import Event, MessagePosted


def concrete(base: type, *modules: object) -> set[type]:
    """The structs of these modules that nothing else in them is made from."""
    things = (thing for module in modules for thing in vars(module).values())
    found = {thing for thing in things if isinstance(thing, type) and issubclass(thing, base)}
    return {one for one in found if not any(other is not one and issubclass(other, one) for other in found)}


def test_every_command_of_the_vocabulary_is_listed() -> None:
    assert set(COMMANDS.values()) == concrete(Command, commands, code_commands)


def test_every_event_of_the_vocabulary_is_listed() -> None:
    assert set(EVENTS.values()) == concrete(Event, events)


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
