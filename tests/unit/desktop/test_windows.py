"""What the windows of a login remember."""

from pathlib import Path

from kibitz.desktop.preferences import Store
from kibitz.desktop.presenters.tabs import OpenTabs
from kibitz.desktop.windows import TabFile


def test_tabs_are_remembered_for_each_user_of_each_server(tmp_path: Path) -> None:
    store = Store(tmp_path)
    places = [("ann", "example.org", 5555), ("ann", "example.org", 5556), ("ben", "example.org", 5555)]
    for number, place in enumerate(places):
        assert TabFile(store, *place).load() is None
        TabFile(store, *place).save(OpenTabs([number, 7], 7))
    assert [TabFile(store, *place).load() for place in places] == [OpenTabs([at, 7], 7) for at in range(3)]


def test_a_file_that_makes_no_sense_is_nothing_remembered(tmp_path: Path) -> None:
    kept = TabFile(Store(tmp_path), "ann", "example.org", 5555)
    kept.save(OpenTabs([1], 1))
    (tmp_path / "tabs" / "ann@example.org-5555.json").write_text('{"rooms": "all of them"}')
    assert kept.load() is None
