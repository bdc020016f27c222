"""Who listens on a port of this machine."""

import os
import socket
import sys
from pathlib import Path

import pytest

from kibitz.server import ports
from kibitz.server.ports import listener

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it in /proc")


@linux
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_listening_program_is_found_by_its_port(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as here:
        try:
            here.bind((address, 0))
        except OSError:
            pytest.skip(f"this machine has no {address}")
        here.listen()
        program = listener(here.getsockname()[1])
        assert program is not None
        assert program.pid == os.getpid()
        assert program.name == Path("/proc/self/comm").read_text().strip()


@linux
def test_a_port_that_is_bound_but_not_listened_on_has_no_program() -> None:
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        assert listener(here.getsockname()[1]) is None


def test_where_the_system_does_not_tell_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "PROC", tmp_path)
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        here.listen()
        assert listener(here.getsockname()[1]) is None
