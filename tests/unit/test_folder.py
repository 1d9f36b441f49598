import os
import socket
from pathlib import Path

import pytest

from digest.errors import DumpError, SetupError
from digest.sources.folder import Dump, dumps, read


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.txt", "old/c.txt", ".hidden", ".git/d.txt", "old/.e"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name)
    return tmp_path


def names(*paths: Path) -> list[str]:
    return [dump.name for dump in dumps(paths)]


def refusals(*paths: Path) -> dict[str, str]:
    return {dump.name: dump.refused for dump in dumps(paths) if dump.refused}


def test_a_folder_lists_its_visible_files_at_any_depth_by_name(folder):
    assert names(folder) == ["a.txt", "b.txt", "old/c.txt"]
    assert refusals(folder) == {}


def test_a_file_that_was_asked_for_is_listed_even_when_hidden(folder):
    assert dumps([folder / ".hidden"]) == [Dump(folder / ".hidden", ".hidden")]


def test_paths_keep_the_order_in_which_they_were_given(folder):
    assert names(folder / "old", folder / "a.txt") == ["c.txt", "a.txt"]


def test_a_folder_without_files_lists_nothing(tmp_path):
    assert dumps([tmp_path]) == []


def test_a_path_that_leads_nowhere_stops_before_anything_is_listed(folder):
    with pytest.raises(SetupError, match=r"nowhere: no such file or folder$"):
        dumps([folder, folder / "nowhere"])


def test_links_are_refused_with_the_reason_and_not_followed(folder):
    (folder / "link.txt").symlink_to(folder / "a.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "lost").symlink_to(folder / "nowhere")
    assert set(refusals(folder)) == {"link.txt", "loop", "lost"}
    assert "symbolic link" in refusals(folder)["link.txt"]
    assert "old/c.txt" in names(folder)


def test_pipes_and_sockets_are_refused(folder):
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as endpoint:
        endpoint.bind(str(folder / "socket"))
    assert refusals(folder) == dict.fromkeys(("pipe", "socket"), "not a regular file")


def test_a_device_is_refused():
    assert refusals(Path("/dev/null")) == {"null": "not a regular file"}


def test_a_name_that_cannot_be_printed_is_refused_and_shown_escaped(folder):
    (folder / "two\nlines.txt").write_text("x")
    (folder / "red\x1b[31m.txt").write_text("x")
    assert set(refusals(folder)) == {"two\\nlines.txt", "red\\x1b[31m.txt"}


def test_a_file_is_read_as_it_is(folder):
    (folder / "raw").write_bytes(b"\0\r\n\xff")
    assert read(folder / "raw") == b"\0\r\n\xff"


def test_a_file_of_exactly_the_limit_is_read(folder):
    assert read(folder / "a.txt", limit=5) == b"a.txt"


def test_a_file_beyond_the_limit_is_trouble_that_names_the_setting(folder):
    big = folder / "big.txt"
    with big.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(DumpError, match="larger than 50 MB: raise max_dump_bytes or split it"):
        read(big)


def test_a_link_that_came_after_the_listing_is_not_followed(folder):
    (folder / "link").symlink_to(folder / "a.txt")
    with pytest.raises(DumpError, match="cannot be read"):
        read(folder / "link")


def test_a_pipe_that_came_after_the_listing_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe")
    with pytest.raises(DumpError, match="not a regular file"):
        read(folder / "pipe")


@pytest.mark.parametrize("name", ["gone.txt", "old"])
def test_what_cannot_be_read_is_trouble_under_its_name(folder, name):
    with pytest.raises(DumpError, match="cannot be read") as caught:
        read(folder / name)
    assert caught.value.dump == name
