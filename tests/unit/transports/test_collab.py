"""The two paths of Yjs clients, behind a real gate: counted, limited, and refused as everyone is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from tests.support.transports import listening
from tests.support.waiting import until
from tests.support.workspace import workspace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from kibitz.api.gate import Gate
from kibitz.coedit.access import Access
from kibitz.coedit.engine import Edit, Replica
from kibitz.coedit.session import MAX_FRAME
from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role, name_key
from kibitz.storage import Tx
from kibitz.storage.schema import code_sessions, users
from kibitz.transports.collab import routes
from kibitz.transports.keepalive import Heart
from kibitz.transports.ws import FrameConnection
from kibitz.wire.yjs import messages

NOW = "2026-01-31T12:00:00.000Z"


class Doors:
    """The paths on a port."""

    def __init__(self, gate: Gate, port: int) -> None:
        self.gate = gate
        self.port = port

    def at(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def doors(directory: Path, **policy: Any) -> AsyncIterator[Doors]:
    """A session 1 that Alice (token `alice`) may edit."""
    async with workspace(directory, **policy) as gate:

        def fill(tx: Tx) -> None:
            person = {"name": "alice", "name_key": name_key("alice"), "role": Role.MEMBER, "created_at": NOW}
            user = tx.execute(insert(users).values(**person).returning(users.c.id)).scalar_one()
            values = {"access": "open", "language": "c", "created_by": user, "created_at": NOW}
            tx.execute(insert(code_sessions).values(**values))

        await gate.workspace.committer.run(fill)

        async def admit(token: str | None, _: str, session: int) -> Access:
            if token != "alice" or session != 1:
                raise Refusal("not_logged_in", "Log in first.")
            return Access(1, "alice", None, can_write=True)

        made, heart, connections = routes(gate, gate.workspace.documents, admit), Heart(), set[Any]()
        async with listening(lambda: FrameConnection(made, heart, connections)) as port:
            yield Doors(gate, port)


def typed(replica: Replica, text: str) -> bytes:
    with replica.changing() as news:
        replica.edit([Edit(replica.size, 0, text)])
    return messages.update(news[0])


async def first(client: ClientConnection) -> bytes:
    return bytes(await client.recv(decode=False))


@pytest.mark.parametrize("path", ["/collab/1", "/hocuspocus", "/hocuspocus/"])
async def test_both_paths_are_there(tmp_path: Path, path: str) -> None:
    async with doors(tmp_path) as there, connect(there.at(f"{path}?token=alice")) as client:
        assert len(there.gate.sessions) == 1
        await client.close()
        await until(lambda: len(there.gate.sessions) == 0)


@pytest.mark.parametrize(
    "path", ["/collab", "/collab/", "/collab/x", "/collab/-1", f"/collab/{'9' * 16}", "/hocuspocus/1"]
)
async def test_no_other_path_is(tmp_path: Path, path: str) -> None:
    async with doors(tmp_path) as there:
        with pytest.raises(InvalidStatus):
            await connect(there.at(path))


async def test_a_page_of_another_site_needs_a_token_of_its_own(tmp_path: Path) -> None:
    async with doors(tmp_path) as there:
        with pytest.raises(InvalidStatus):
            await connect(there.at("/collab/1"), origin="https://elsewhere.example")  # type: ignore[arg-type] # any text


async def test_a_token_in_the_address_or_the_cookie_lets_in(tmp_path: Path) -> None:
    async with doors(tmp_path) as there:
        async with connect(there.at("/collab/1?token=alice")) as client:
            assert await first(client) == b"\x00\x00\x01\x00"
        async with connect(there.at("/collab/1"), additional_headers={"Authorization": "Bearer alice"}) as client:
            assert await first(client) == b"\x00\x00\x01\x00"
        async with connect(there.at("/collab/1")) as client:
            assert (await first(client)).startswith(b"\x02\x00")
            await client.wait_closed()
            assert client.close_code == 4401


async def test_a_message_may_be_larger_than_a_command_but_not_without_end(tmp_path: Path) -> None:
    async with doors(tmp_path, rate_limits=False) as there, connect(there.at("/collab/1?token=alice")) as client:
        await first(client)
        await client.send(typed(Replica(), "x" * 500_000))
        with await there.gate.workspace.documents.open(1) as document:
            await until(lambda: len(document.text) == 500_000)
        await client.send(b"\x00" * (MAX_FRAME + 1))
        await client.wait_closed()
        assert client.close_code == 4413


async def test_a_client_that_is_too_fast_is_slowed_and_loses_nothing(tmp_path: Path) -> None:
    async with doors(tmp_path, rate_limits=True) as there, connect(there.at("/collab/1?token=alice")) as client:
        await first(client)
        replica = Replica()
        for _ in range(450):  # more than may come at once: four are as much as one command
            await client.send(typed(replica, "x"))
        with await there.gate.workspace.documents.open(1) as document:
            await until(lambda: len(document.text) >= 400)
            assert len(document.text) < 450
            await until(lambda: len(document.text) == 450)


async def test_nobody_comes_in_where_it_is_full_or_about_to_stop(tmp_path: Path) -> None:
    async with doors(tmp_path, max_clients=1) as there, connect(there.at("/collab/1?token=alice")) as one:
        await first(one)
        async with connect(there.at("/collab/1?token=alice")) as other:
            await other.wait_closed()
            assert other.close_code == 3011
        there.gate.workspace.draining = True
        await one.close()
        await until(lambda: len(there.gate.sessions) == 0)
        async with connect(there.at("/hocuspocus?token=alice")) as other:
            await other.wait_closed()
            assert other.close_code == 3001


async def test_a_connection_that_stays_silent_outside_is_ended(tmp_path: Path) -> None:
    async with doors(tmp_path) as there, connect(there.at("/hocuspocus")) as client:
        (session,) = there.gate.sessions.all()
        session.login_timed_out()
        await client.wait_closed()
        assert client.close_code == 3500
