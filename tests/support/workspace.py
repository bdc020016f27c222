"""A whole workspace for a test, on a database and files of its own, without ports.

One rule: it is put together by the code that puts the real one together.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kibitz.api.gate import Gate
from kibitz.api.workspace import Policy
from kibitz.server.config import Settings
from kibitz.server.parts import open_workspace

POLICY = Policy(
    version="1.2.3", guests=True, rate_limits=False, http_url="http://127.0.0.1:8080", http_port=8080, tcp_port=5555
)


@asynccontextmanager
async def workspace(data_dir: Path, **policy: Any) -> AsyncIterator[Gate]:
    """The gate of a new workspace whose data is kept in this directory."""
    async with AsyncExitStack() as stack:
        yield await open_workspace(Settings(data_dir=data_dir), replace(POLICY, **policy), stack)
