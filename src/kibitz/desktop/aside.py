"""Work that may never end, such as a keyring that asks the person first, beside everything else.

Rule: it has a thread of its own that nothing waits for, neither the event loop nor the program's end.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(work: Callable[..., T], *args: Any) -> T:
    """What this returns or raises. Whoever does not wait any longer is not waited for either."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type] # it is what `work` returned

    def run() -> None:
        outcome: tuple[T | None, BaseException | None]
        try:
            outcome = work(*args), None
        except Exception as error:
            outcome = None, error
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name=getattr(work, "__name__", "aside"), daemon=True).start()
    return await future
