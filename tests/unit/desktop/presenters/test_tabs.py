"""Which conversations are open."""

from kibitz.desktop.presenters.tabs import MAX_TABS, OpenTabs, Tabs


def opened(*rooms: int) -> Tabs:
    tabs = Tabs()
    for room in rooms:
        tabs.open(room)
    return tabs


def test_what_is_opened_comes_to_the_front_and_once() -> None:
    tabs = opened(1, 2, 1)
    assert (tabs.rooms, tabs.front) == ([1, 2], 1)


def test_closing_the_one_in_front_brings_its_neighbour_to_the_front() -> None:
    tabs = opened(1, 2, 3)
    tabs.show(2)
    assert tabs.close(2)
    assert (tabs.rooms, tabs.front) == ([1, 3], 3)
    assert tabs.close(3)
    assert tabs.close(1)
    assert (tabs.rooms, tabs.front) == ([], None)
    assert not tabs.close(1)


def test_closing_another_leaves_the_front_alone() -> None:
    tabs = opened(1, 2, 3)
    tabs.close(1)
    assert (tabs.rooms, tabs.front) == ([2, 3], 3)


def test_what_was_closed_comes_back_where_it_was_the_last_first() -> None:
    tabs = opened(1, 2, 3)
    tabs.close(1)
    tabs.close(3)
    assert tabs.reopen([1, 2, 3]) == 3
    assert tabs.reopen([1, 2, 3]) == 1
    assert (tabs.rooms, tabs.front) == ([1, 2, 3], 1)
    assert tabs.reopen([1, 2, 3]) is None


def test_what_is_gone_does_not_come_back() -> None:
    tabs = opened(1, 2)
    tabs.close(1)
    tabs.close(2)
    assert tabs.reopen([1]) == 1


def test_tabs_are_moved_and_stay_within_the_row() -> None:
    tabs = opened(1, 2, 3)
    tabs.move(3, 0)
    assert tabs.rooms == [3, 1, 2]
    tabs.move(3, 99)
    assert tabs.rooms == [1, 2, 3]
    tabs.move(7, 0)
    assert tabs.rooms == [1, 2, 3]


def test_going_on_goes_round_and_numbers_are_places() -> None:
    tabs = opened(1, 2, 3)
    assert [tabs.beside(by) for by in (1, -1)] == [1, 2]
    assert [tabs.number(number) for number in (1, 3, 4, 9, 0)] == [1, 3, None, 3, None]
    assert Tabs().beside(1) is None
    assert Tabs().number(9) is None


def test_they_come_back_at_the_next_start_less_what_is_gone() -> None:
    saved = opened(1, 2, 3).saved
    tabs = Tabs()
    tabs.restore(saved, [1, 3])
    assert (tabs.rooms, tabs.front) == ([1, 3], 3)
    tabs = Tabs()
    tabs.restore(OpenTabs([5, 5, 6], 7), [5, 6])
    assert (tabs.rooms, tabs.front) == ([5, 6], None)


def test_there_are_never_too_many_and_the_one_not_looked_at_for_longest_gives_way() -> None:
    tabs = opened(*range(MAX_TABS))
    tabs.show(0)
    assert tabs.open(1000) == 1
    assert len(tabs.rooms) == MAX_TABS
    assert 0 in tabs.rooms
