"""Finding somebody by a few letters."""

from pathlib import Path

from tests.support.server import serving

from kibitz.client.account import sign_up
from kibitz.client.client import Client
from kibitz.desktop.presenters.people import MAX_FOUND, People
from kibitz.wire.commands import LogIn


async def test_whoever_is_here_comes_before_whoever_is_not_and_nobody_finds_themselves(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits", "--open-sign-up") as server:
        for name in ("bea", "ben"):
            await sign_up(server.tcp_url, name, "correct horse")
        async with (
            Client(server.tcp_url, LogIn(name="bob")),
            Client(server.tcp_url, LogIn(name="ann")) as ann,
        ):
            people = People(ann)
            assert [row.name for row in people.find("b")] == ["bob"]
            await people.fetch()
            assert [row.name for row in people.find("b")] == ["bob", "bea", "ben"]
            assert [row.name for row in people.find("", frozenset(["bob"]))] == ["bea", "ben"]
            assert people.find("ann") == ()


async def test_no_more_are_shown_than_anyone_reads(tmp_path: Path) -> None:
    with serving(tmp_path, "--guests", "--no-rate-limits") as server:
        async with Client(server.tcp_url, LogIn(name="ann")) as ann:
            people = People(ann)
            people._known = {number: f"ben{number}" for number in range(1000, 1200)}
            assert len(people.find("ben")) == MAX_FOUND
