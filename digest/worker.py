"""Who does a piece of work, as the ledger names it, and whether that process still lives."""

import os
import secrets
import socket
from itertools import count

HOST = socket.gethostname()[:40].replace(":", "")
PROCESS = secrets.token_hex(4)
"""Tells this process from an earlier one with the same number, as in a container's restart."""

_pieces = count(1)


def new_worker() -> str:
    """A name for one piece of work of this process, never used before."""
    return f"{HOST}:{os.getpid()}:{PROCESS}:{next(_pieces)}"


def lives(pid: int) -> bool:
    """Whether a process of this machine has this number."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True


def is_gone(worker: str) -> bool:
    """Whether a worker of this machine has ended without a word; of others nobody can know."""
    host, pid, process, _ = (*worker.split(":"), "", "", "")[:4]
    if host != HOST or not pid.isdigit():
        return False
    return process != PROCESS if int(pid) == os.getpid() else not lives(int(pid))


def is_idle(worker: str) -> bool:
    """The same for work of which a process has one piece at a time."""
    return is_gone(worker) or worker.split(":")[:3] == new_worker().split(":")[:3]
