"""While the scheduler runs, the dumps folder is watched."""

import os
import shutil
import threading
import time

import pytest
from conftest import page, wait_until

from digest.engines import watch as watching
from digest.engines.watch import watch


@pytest.fixture(params=["told", "looking"])
def watched(make_app, tmp_path, monkeypatch, request):
    """The watch as it runs where the system tells of changes, and where it must look for them."""
    if request.param == "looking":
        monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true")
    monkeypatch.setattr(watching, "SETTLED", 0.2)
    monkeypatch.setattr(watching, "LOOK_EVERY_MS", 50)
    app, stop = make_app(), threading.Event()
    thread = threading.Thread(target=watch, args=(app, stop))
    thread.start()
    wait_until((tmp_path / "home" / "dumps").is_dir)
    time.sleep(0.5)
    yield app
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def papers(app) -> int:
    with app.store.reading() as shelves:
        return shelves.papers.count()


def test_a_file_that_appears_is_read_at_once(watched, tmp_path):
    (tmp_path / "home" / "dumps" / "a.txt").write_text(page("On Kites", "On Ropes"))
    wait_until(lambda: papers(watched) == 2)


def test_a_file_that_is_still_written_is_read_when_it_is_whole(watched, tmp_path):
    text = page("On Kites", "On Ropes", "On Fog")
    with (tmp_path / "home" / "dumps" / "a.txt").open("w") as file:
        for start in range(0, len(text), 300):
            file.write(text[start : start + 300])
            file.flush()
            os.fsync(file.fileno())
            time.sleep(0.05)
    wait_until(lambda: papers(watched) == 3)
    with watched.store.reading() as shelves:
        assert [(each.state, each.papers) for each in shelves.dumps.all()] == [("read", 3)]


def test_a_bad_file_does_not_stop_the_watch(watched, tmp_path):
    (tmp_path / "home" / "dumps" / "a.bin").write_bytes(b"\0\1\2")
    (tmp_path / "home" / "dumps" / "b.txt").symlink_to("/etc/hostname")
    time.sleep(0.5)
    (tmp_path / "home" / "dumps" / "c.txt").write_text(page("On Kites"))
    wait_until(lambda: papers(watched) == 1)


def test_a_folder_that_is_replaced_is_watched_on(watched, tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "AGAIN", 0.1)
    folder = tmp_path / "home" / "dumps"
    shutil.rmtree(folder)
    time.sleep(0.5)
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_text(page("On Kites"))
    wait_until(lambda: papers(watched) == 1)


def test_a_file_that_grows_for_long_holds_up_no_other(watched, tmp_path):
    folder = tmp_path / "home" / "dumps"
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(0.05):
            with (folder / "log.txt").open("a") as file:
                file.write("more\n")

    growing = threading.Thread(target=grow)
    growing.start()
    (folder / "a.txt").write_text(page("On Kites"))
    try:
        wait_until(lambda: papers(watched) == 1)
    finally:
        stop.set()
        growing.join()


def test_a_long_ingest_does_not_hold_up_a_delivery(make_app, tmp_path, clock):
    """Other writers get their turn within a second, however large the dump is.

    Of CPU, which is what others that use this machine leave as it is.
    """
    app = make_app(max_dump_bytes=100_000_000)
    folder = tmp_path / "home" / "dumps"
    folder.mkdir()
    line = '{{"dump": "d", "format": "f", "title": "Kite{0} flies", "abstract": "{1}"}}\n'
    with (folder / "many.jsonl").open("w") as file:
        file.writelines(
            line.format(n, " ".join(f"kite{n}x{word} rises." for word in range(80)))
            for n in range(6_000)
        )
    ingest = threading.Thread(target=app.ingest)
    waits = []
    assert app.store is not None
    ingest.start()
    while ingest.is_alive():
        began = time.process_time()
        with app.store.writing() as shelves:
            shelves.deliveries.expire(clock())
        waits.append(time.process_time() - began)
        time.sleep(0.005)
    assert papers(app) == 6_000
    assert len(waits) > 20
    assert max(waits) < 1
