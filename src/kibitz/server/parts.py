"""Putting one workspace together.

Rule: the order here is the order of the start; `stop` is its exact reverse.
"""

import asyncio
import secrets
import time
from contextlib import AsyncExitStack

from kibitz import __version__
from kibitz.api.gate import Gate
from kibitz.api.live_runs import LiveRuns
from kibitz.api.passwords import Passwords
from kibitz.api.presence import PresenceTeller
from kibitz.api.throttle import Throttle
from kibitz.api.watching import Watching
from kibitz.api.workspace import Policy, Workspace
from kibitz.blobs import Blobs
from kibitz.coedit.documents import Documents
from kibitz.fanout.hub import Hub
from kibitz.fanout.outbox import Flusher
from kibitz.fanout.presence import Presence
from kibitz.runner.runner import Runner
from kibitz.server.config import Settings
from kibitz.server.limits import places, raise_open_files
from kibitz.server.tasks import Tasks
from kibitz.storage import lock, upgrade
from kibitz.storage import runs as stored_runs
from kibitz.storage.committer import Committer
from kibitz.storage.faults import told_at_start
from kibitz.storage.seed import epoch, seed
from kibitz.storage.store import Store, database_url, open_engine
from kibitz.wire.clock import stamp


def policy_of(settings: Settings, *, tcp_port: int, http_port: int, http_url: str) -> Policy:
    """What of the settings concerns the people on a server; the ports are those it was given."""
    return Policy(
        version=__version__,
        guests=settings.guests,
        open_sign_up=settings.open_sign_up,
        rate_limits=settings.rate_limits,
        max_clients=places(settings.max_clients, raise_open_files()),
        max_file_size=settings.max_file_size,
        code_timeout=settings.code_timeout,
        http_url=http_url,
        http_port=http_port,
        tcp_port=tcp_port,
    )


async def open_workspace(settings: Settings, policy: Policy, stack: AsyncExitStack) -> Gate:
    """A workspace on the settings' database and files, behind its gate. The stack closes it. Raises `StartError`."""
    loop = asyncio.get_running_loop()
    stack.enter_context(lock.hold(settings.data_dir))
    runner = await _sandbox(settings, stack)
    url = database_url(settings.database)
    with told_at_start(url):
        writer = open_engine(url, writer=True)
    stack.callback(writer.dispose)
    upgrade.upgrade(writer)
    with told_at_start(url), writer.begin() as tx:
        seed(tx, epoch=secrets.token_hex(8), now=_now())
        stored_runs.close_unfinished(tx, _now())
        history = epoch(tx)
    store = Store(url)
    stack.callback(store.close)
    blobs = Blobs(settings.data_dir / "blobs")
    stack.callback(blobs.close)
    blobs.clear_staging()
    passwords = Passwords()
    stack.callback(passwords.close)
    committer = Committer(writer)
    stack.push_async_callback(committer.stop)
    tasks = Tasks()
    stack.push_async_callback(tasks.stop)
    teller = PresenceTeller()
    presence = Presence(teller.wake)
    hub = Hub(presence.connected)
    watching = Watching(hub.audiences)
    documents = Documents(store, committer, tasks, _now, watching.changed)
    stack.push_async_callback(documents.stop)
    watching.attach(documents)
    runs = LiveRuns(runner, committer, hub, _now)
    workspace = Workspace(
        policy=policy,
        store=store,
        committer=committer,
        hub=hub,
        presence=presence,
        flusher=Flusher(loop),
        blobs=blobs,
        passwords=passwords,
        throttle=Throttle(),
        documents=documents,
        runner=runner,
        runs=runs,
        watching=watching,
        tasks=tasks,
        clock=time.time,
        monotonic=loop.time,
    )
    teller.attach(workspace)
    gate = Gate(workspace)
    gate.began(history)
    committer.start(gate.settled, gate.outside)
    documents.start()
    stack.push_async_callback(runs.stop)
    stack.push_async_callback(runner.stop)  # before anything else: what runs ends, and its end is stored
    await runner.ready()  # what can be run here is told to whoever connects
    return gate


async def _sandbox(settings: Settings, stack: AsyncExitStack) -> Runner:
    """The sandbox, which is begun first: it tries its walls in a process of its own while the rest is opened here."""
    keeper = Tasks()
    stack.push_async_callback(keeper.stop)
    runner = Runner(keeper, seconds=settings.code_timeout)
    await runner.start()
    return runner


def _now() -> str:
    return stamp(time.time())
