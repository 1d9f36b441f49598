"""SIGTERM and SIGINT: the work in hand is ended in good order, or broken off in time."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer

END_WITHIN = 9.5
"""Seconds until what is not done is broken off, as a crash would: the next run mends it."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stoppable(stop: Event) -> Iterator[None]:
    """Set `stop` at the first signal; the second one does what it always does."""
    timers: list[Timer] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def heard(number: int, _frame: object) -> None:
        restore()
        stop.set()
        os.write(2, b"stopping; a second signal breaks off at once\n")
        timer = Timer(END_WITHIN, os._exit, [128 + number])
        timer.daemon = True
        timer.start()
        timers.append(timer)

    for number in SIGNALS:
        signal.signal(number, heard)
    try:
        yield
    finally:
        restore()
        for timer in timers:
            timer.cancel()
