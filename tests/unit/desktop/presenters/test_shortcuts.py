"""The table of what the keyboard does."""

from collections import Counter
from itertools import pairwise

from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.shortcuts import SHORTCUTS, events

OWN = {
    "search",
    "swap_focus",
    "escape",
    "quit",
    "quick_switch",
    "create_group",
    "browse_groups",
    "settings",
    "shortcuts",
}
"""What the main window does itself, or opens a window for."""


def test_no_key_does_two_things() -> None:
    times = Counter(event for one in SHORTCUTS for event in events(one))
    assert [event for event, count in times.items() if count > 1] == []


def test_everything_that_has_an_action_can_be_done() -> None:
    for one in SHORTCUTS:
        assert not one.action or one.action in OWN or hasattr(Shell, one.action), one


def test_a_letter_works_with_caps_lock_too() -> None:
    switch = next(one for one in SHORTCUTS if one.action == "quick_switch")
    assert events(switch) == ("<Control-k>", "<Control-K>")
    last = next(one for one in SHORTCUTS if one.keys == "Ctrl+9")
    assert events(last) == ("<Control-Key-9>",)


def test_what_has_no_words_of_its_own_belongs_to_what_stands_before_it() -> None:
    for before, one in pairwise(SHORTCUTS):
        if not one.what:
            assert (one.section, one.action) == (before.section, before.action)
