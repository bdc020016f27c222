"""The process: how it starts, what it tells, how it ends."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import Town
from tests.support.server import Server


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    made: list[Server] = []
    yield made
    for server in made:
        server.close()


def refused(data: Path, *options: str) -> str:
    """What a server says that cannot start: one sentence."""
    command = [
        sys.executable,
        "-m",
        "kibitz",
        "serve",
        "--data-dir",
        str(data),
        "--tcp-port",
        "0",
        "--http-port",
        "0",
        *options,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=data.parent, check=False)
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr
    return ended.stderr


async def test_health_figures_and_documents_are_served(town: Town) -> None:
    http = town.http()
    assert (await http.get("/healthz")).status_code == 200
    assert (await http.get("/readyz")).status_code == 200
    page = await http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert f"nc {town.server.tcp[0]} {town.server.tcp[1]}" in page.text
    assert (await http.get("/openapi.json")).json()["openapi"].startswith("3.1")
    assert (await http.get("/asyncapi.json")).json()["asyncapi"].startswith("3.")
    assert (await http.get("/metrics")).status_code == 401
    assert (await http.options("/upload", headers={"origin": "https://elsewhere.example"})).status_code in (200, 204)
    assert (await http.get("/nowhere")).json()["code"] == "not_found"


async def test_figures_are_for_admins(members: Town) -> None:
    made = await members.http().post("/api/v1/accounts", json={"name": "alice", "password": "a long pass phrase"})
    http = members.http(made.json()["token"])
    await http.post("/api/v1/rooms/1/messages", json={"text": "hi"})
    figures = (await http.get("/metrics")).text
    assert "kibitz_messages_posted_total 1.0" in figures


async def test_tls_of_the_servers_own_making_covers_both_ports(tmp_path: Path, servers: list[Server]) -> None:
    server = Server(tmp_path / "data", "--guests", "--tls-self-signed")
    servers.append(server)
    server.start()
    assert server.http.startswith("https://")
    assert "certificate SHA-256" in server.errors()
    trust = ssl.create_default_context(cafile=str(tmp_path / "data" / "self-signed.pem"))
    async with httpx.AsyncClient(verify=trust) as http:
        assert (await http.get(server.http + "/healthz")).status_code == 200
    with (
        socket.create_connection(server.tcp, timeout=10) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        line.sendall(b"alice\n")
        assert line.recv(9) == b"CONNECTED"


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path, servers: list[Server]) -> None:
    server = Server(tmp_path / "data")
    servers.append(server)
    server.start()
    assert str(server.pid) in refused(tmp_path / "data")


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in refused(tmp_path / "data", "--tcp-port", str(port))


def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    database = tmp_path / "data" / "kibitz.db"
    database.write_bytes(b"my diary\n" * 1000)
    assert "kibitz.db" in refused(tmp_path / "data")
    assert database.read_bytes() == b"my diary\n" * 1000


def test_a_misspelt_setting_is_refused_with_the_right_word(tmp_path: Path) -> None:
    (tmp_path / "kibitz.toml").write_text("tcp_prot = 1\n")
    assert "tcp_port" in refused(tmp_path / "data")


def test_guests_without_tls_on_a_network_are_warned_about(tmp_path: Path, servers: list[Server]) -> None:
    server = Server(tmp_path / "data", "--guests", "--host", "0.0.0.0")  # noqa: S104 - that is what the warning is about
    servers.append(server)
    server.start()
    assert "warning: " in server.errors()
    assert server.stop() == 0


async def admin(town: Town, *words: str, said: str = "") -> None:
    """`kibitz admin`, beside the running server."""
    command = [sys.executable, "-m", "kibitz", "admin", *words, "--data-dir", str(town.server.data)]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, input=said, capture_output=True, text=True, timeout=60, cwd=town.server.data.parent, check=False
        )

    done = await asyncio.to_thread(run)
    assert done.returncode == 0, done.stderr


async def test_an_admin_beside_the_server_resets_a_password_and_ends_the_logins(members: Town) -> None:
    made = await members.http().post("/api/v1/accounts", json={"name": "alice", "password": "a long pass phrase"})
    alice = await members.json(token=made.json()["token"])
    await admin(members, "reset-password", "alice", "--password-stdin", said="another pass phrase\n")
    assert (await alice.event("closing"))["code"] == 3501
    again = await members.json(name="alice", password="another pass phrase")
    assert again.welcome["user"]["name"] == "alice"


async def test_a_backup_restored_beside_the_server_makes_clients_start_afresh(town: Town) -> None:
    alice = await town.json(name="alice")
    await alice.do("post_message", room=1, text="before")
    archive = str(town.server.data.parent / "backup.tar")
    await admin(town, "backup", archive)
    await alice.do("post_message", room=1, text="after")
    await admin(town, "restore", archive, "--yes")
    assert (await alice.event("closing"))["code"] == 3010
    again = await town.json(token=alice.welcome["token"], resume={"epoch": alice.welcome["epoch"], "rooms": {"1": 2}})
    assert again.welcome["rooms"][0]["resume"] == "reset"
    assert again.welcome["epoch"] != alice.welcome["epoch"]
    page = await again.do("get_history", room=1)
    assert [message["text"] for message in page["messages"]] == ["before"]
    posted = await again.do("post_message", room=1, text="anew")
    assert (await again.event("message_posted"))["seq"] == posted["seq"] == 2


def test_the_log_of_a_server_is_json_without_secrets(tmp_path: Path, servers: list[Server]) -> None:
    server = Server(tmp_path / "data", "--guests")
    servers.append(server)
    server.start()
    httpx.get(server.http + "/files?user=alice&token=kibitz_secret-secret")
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.errors().splitlines() if line.startswith("{")]
    assert any(line.get("path") == "/files" for line in lines)
    assert "secret-secret" not in server.errors()
