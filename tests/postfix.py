"""Postfix's test server, smtp-sink, which fails as its switches say."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

HERE = "127.0.0.1"
SINK = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin")
needs_smtp_sink = pytest.mark.skipif(SINK is None, reason="needs smtp-sink of Debian's postfix")


@contextmanager
def smtp_sink(*switches: str) -> Iterator[int]:
    """Its port."""
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([str(SINK), *user, *switches, f"{HERE}:{port}", "10"])
    try:
        _wait_for(port)
        yield port
    finally:
        sink.terminate()
        sink.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((HERE, port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("smtp-sink did not start")
