"""How a process is asked to end."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress


def ending_signals() -> list[signal.Signals]:
    """What asks this process to end: also its terminal closing, unless it was started so as to outlive that (nohup)."""
    signals = [signal.SIGTERM, signal.SIGINT]
    hang_up: signal.Signals | None = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        signals.append(hang_up)
    return signals


async def run_until_signal(background: Coroutine[object, object, None]) -> None:
    """Run the coroutine until it ends or the process is asked to stop, then cancel it and wait for its end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ending_signals():
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    task = asyncio.ensure_future(background)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
