"""Two people at one screen."""

from pathlib import Path

from tests.desktop.stage import person
from tests.support.server import Server


def test_two_people_log_in_and_see_one_another(tmp_path: Path, server: Server) -> None:
    with person(tmp_path / "ann") as ann, person(tmp_path / "ben") as ben:
        ann.log_in(server, "ann")
        ben.log_in(server, "ben")
        for one in (ann, ben):
            one.until(lambda: one.main.sidebar.here.cget("text") == "Online – 2")  # noqa: B023 - awaited at once
