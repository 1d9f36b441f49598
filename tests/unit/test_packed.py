"""Gzip and zip files, honest and not."""

import gzip
import io
import stat
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from digest.errors import DumpError
from digest.sources.folder import Dump, contents
from digest.sources.packed import MAX_ENTRIES, MAX_RATIO, Member, members

LIMIT = 50_000_000
TEXT = b"Titles and abstracts, one after the other, and no two alike.\n"


def unpacked(content: bytes, name: str = "dump", limit: int = LIMIT, ratio: int = MAX_RATIO):
    return list(members(name, content, limit, ratio))


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content, method)
    return file.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def changed(archive: bytes, offset: int, size: int, value: int) -> bytes:
    """The zip file with another number in the directory's record of its first entry."""
    place = archive.index(b"PK\1\2") + offset
    return archive[:place] + value.to_bytes(size, "little") + archive[place + size :]


def refusals(content: bytes, **caps: int) -> dict[str, str | None]:
    found = unpacked(content, "a.zip", **caps)
    assert all(member.content == b"" for member in found if member.refused)
    return {member.name: member.refused for member in found}


def reason(content: bytes, **caps: int) -> str:
    with pytest.raises(DumpError) as caught:
        unpacked(content, "dump", **caps)
    assert (caught.value.dump, caught.value.line) == ("dump", None)
    return caught.value.reason


# --- what is in a file ------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", TEXT, b"PK is a name", b"\x1f"])
def test_a_plain_file_is_one_dump_as_it_is(content):
    assert unpacked(content, "list.zip.gz") == [Member("list.zip.gz", content)]


@pytest.mark.parametrize("name", ["2031-05-03.jsonl.gz", "LIST.GZ", "list", ".gz"])
def test_a_gzip_file_is_its_content_under_its_own_name(name):
    assert unpacked(gzip.compress(TEXT), name) == [Member(name, TEXT)]


def test_a_gzip_file_of_several_pieces_is_one_dump():
    assert unpacked(gzip.compress(TEXT) * 3 + b"\0" * 9)[0].content == TEXT * 3


def test_a_zip_file_is_a_dump_per_entry_by_name():
    archive = zipped(("b.txt", b"B"), ("old/ä.txt", b"\xc4"), ("a.txt", b"A"))
    assert unpacked(archive, "may.zip") == [
        Member("may.zip/a.txt", b"A"),
        Member("may.zip/b.txt", b"B"),
        Member("may.zip/old/ä.txt", b"\xc4"),
    ]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_entry_may_be_stored_or_deflated(method):
    assert unpacked(zipped(("a", TEXT), method=method))[0].content == TEXT


def test_folders_hidden_entries_and_what_file_managers_leave_are_passed_over():
    archive = zipped(
        ("old/", b""),
        ("a.txt", TEXT),
        (".hidden", TEXT),
        ("old/.DS_Store", TEXT),
        (".git/config", TEXT),
        ("__MACOSX/a.txt", TEXT),
    )
    assert [member.name for member in unpacked(archive, "a.zip")] == ["a.zip/a.txt"]


@pytest.mark.parametrize("archive", [zipped(), zipped((".hidden", TEXT), ("old/", b""))])
def test_a_zip_file_without_files_is_told(archive):
    assert reason(archive) == "a zip file without files"


# --- what is wrong with an entry --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../up.txt", "a/../../up.txt", "/etc/list", "..\\up.txt", "C:\\list", "C:list", "\\\\a\\b\\c"],
)
def test_an_entry_whose_name_leads_elsewhere_is_refused(name):
    archive = zipped((name, TEXT), ("good.txt", TEXT))
    assert refusals(archive) == {
        f"a.zip/{name}": "its name leads out of the archive",
        "a.zip/good.txt": None,
    }


def test_a_name_that_cannot_be_printed_is_refused_and_shown_escaped():
    archive = zipped(("two\nlines", TEXT), ("zero_byte", TEXT)).replace(b"zero_byte", b"zero\0byte")
    unprintable = "its name holds characters that cannot be printed"
    assert refusals(archive) == {
        "a.zip/two\\nlines": unprintable,
        "a.zip/zero\\x00byte": unprintable,
    }


def test_an_absurdly_long_name_is_refused_and_shown_in_part():
    ((name, refused),) = refusals(zipped(("a" * 60_000, TEXT))).items()
    assert refused == "its name is longer than 255 characters"
    assert len(name) < 300


@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        (stat.S_IFLNK | 0o777, "a symbolic link: put the file itself there"),
        (stat.S_IFIFO | 0o644, "not a regular file"),
        (stat.S_IFCHR | 0o644, "not a regular file"),
        (stat.S_IFREG | 0o644, None),
        (0o644, None),
    ],
)
def test_an_entry_that_is_no_regular_file_is_refused(mode, refused):
    assert refusals(zipped((entry("a", mode), b"/etc/passwd"))) == {"a.zip/a": refused}


def test_an_encrypted_entry_is_refused():
    archive = changed(zipped(("a", TEXT)), 8, 2, 1)
    assert refusals(archive) == {"a.zip/a": "encrypted: unpack it first"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_packed_by_another_method_is_refused(method):
    archive = zipped(("a", TEXT), method=method)
    assert refusals(archive) == {"a.zip/a": "packed by another method than deflate"}


TAR = b"a.txt".ljust(257, b"\0") + b"ustar\x0000".ljust(255, b"\0") + TEXT


@pytest.mark.parametrize(
    "inner",
    [gzip.compress(TEXT), zipped(("a", TEXT)), zipped(), b"BZh91AY&SY", b"\xfd7zXZ\0\0", TAR],
    ids=["gzip", "zip", "empty zip", "bzip2", "xz", "tar"],
)
def test_an_archive_inside_an_archive_is_not_opened(inner):
    nested = "an archive inside an archive: unpack it first"
    assert reason(gzip.compress(inner)) == nested
    assert refusals(zipped(("a", inner), ("b", TEXT))) == {"a.zip/a": nested, "a.zip/b": None}


# --- damage -----------------------------------------------------------------------------------


def test_a_gzip_file_is_told_wherever_it_is_cut():
    content = gzip.compress(TEXT)
    for length in range(2, len(content)):
        assert reason(content[:length]) == "packed, and cut off"


def test_a_zip_file_is_told_wherever_it_is_cut():
    content = zipped(("a", TEXT), ("b", TEXT))
    for length in range(4, len(content)):
        assert reason(content[:length]) == "a zip file that is damaged or cut off"


def test_a_damaged_gzip_file_is_told():
    content = bytearray(gzip.compress(TEXT))
    content[-6] ^= 1
    assert reason(bytes(content)).startswith("packed, and damaged: CRC check failed")
    assert reason(gzip.compress(TEXT) + TEXT).startswith("packed, and damaged")


def test_a_damaged_entry_leaves_the_others_whole():
    archive = zipped(("a", TEXT), ("b", TEXT), method=zipfile.ZIP_STORED).replace(
        TEXT, TEXT.upper(), 1
    )
    assert refusals(archive) == {
        "a.zip/a": "packed, and damaged: Bad CRC-32 for file 'a'",
        "a.zip/b": None,
    }


# --- bombs ------------------------------------------------------------------------------------


def test_a_file_may_unpack_to_the_limit_and_not_to_more():
    content = bytes(range(256)) * 8
    for packed in (gzip.compress(content), zipped(("a", content[:1_000]), ("b", content[1_000:]))):
        assert b"".join(each.content for each in unpacked(packed, limit=2_048)) == content
        assert reason(packed, limit=2_047) == (
            "larger than 0.002047 MB when unpacked: raise max_dump_bytes or split it"
        )


def test_a_file_may_unpack_to_a_hundred_times_its_size_and_not_to_more():
    dense = "unpacks to more than 100 times its size, as no text does"
    assert reason(gzip.compress(b"a" * 100_000)) == dense
    assert refusals(zipped(("a", b"a" * 100_000), ("b", TEXT))) == {
        "a.zip/a": dense,
        "a.zip/b": None,
    }
    assert unpacked(gzip.compress(b"a" * 100_000), ratio=1_000)[0].content == b"a" * 100_000


def test_an_entry_that_states_a_smaller_size_gives_nothing():
    archive = changed(zipped(("a", TEXT * 9)), 24, 4, 10)
    assert refusals(archive)["a.zip/a"] == "packed, and damaged: Bad CRC-32 for file 'a'"


def test_an_archive_that_states_more_than_it_holds_is_refused():
    archive = changed(zipped(("a", b"a" * 1_000_000)), 20, 4, 2**31)
    assert reason(archive) == "a zip file that states more than it holds"


def test_entries_that_are_one_place_are_refused():
    archive = zipped(("a", TEXT), method=zipfile.ZIP_STORED)
    start = archive.index(b"PK\1\2")
    file, record, end = archive[:start], archive[start:-22], archive[-22:]
    stated = end[:12] + (50 * len(record)).to_bytes(4, "little") + end[16:]
    assert reason(file + 50 * record + stated) == "a zip file that states more than it holds"


def test_an_archive_of_many_entries_is_refused_before_any_is_read():
    archive = zipped(*((f"{number}.txt", b"") for number in range(MAX_ENTRIES + 1)))
    assert reason(archive) == "a zip file of more than 10,000 entries: split it"


MEASURED = """
import sys
from digest.errors import DumpError
from digest.sources.packed import members
try:
    for member in members("bomb", sys.stdin.buffer.read(), 50_000_000, int(sys.argv[1])):
        print(len(member.content), member.refused)
except DumpError as error:
    print(error.reason)
status = open("/proc/self/status").read()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


def gigabyte_of_zeros() -> bytes:
    """Raw deflate; flushed pieces can be put together."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * 1_024 + packer.flush()


def bomb(kind: str) -> bytes:
    raw = gigabyte_of_zeros()
    if kind == "gzip":
        return (
            b"\x1f\x8b\x08" + bytes(6) + b"\xff" + raw + bytes(4) + (1 << 30).to_bytes(4, "little")
        )
    honest = zipped(("a", b""))
    head, directory = honest[:31], honest[honest.index(b"PK\1\2") :]
    packed = len(raw).to_bytes(4, "little")
    stated = (1 << 30 if kind == "zip" else 1_000).to_bytes(4, "little")
    record = directory[:20] + packed + stated + directory[28:-22]
    end = directory[-22:-6] + (len(head) + len(raw)).to_bytes(4, "little") + bytes(2)
    return head[:18] + packed + stated + head[26:] + raw + record + end


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc: memory not measured")
@pytest.mark.parametrize("ratio", [100, 1_000_000])
@pytest.mark.parametrize("kind", ["gzip", "zip", "zip that states less"])
def test_a_bomb_of_a_gigabyte_is_stopped_before_it_fills_the_memory(kind, ratio):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(ratio)],
        input=bomb(kind),
        capture_output=True,
        cwd=Path(__file__).parents[2],
        timeout=10,
        check=True,
    )
    *told, megabytes = done.stdout.decode().splitlines()
    assert len(told) == 1
    assert any(word in told[0] for word in ("when unpacked", "times its size", "damaged"))
    assert int(megabytes) < 150


# --- in a folder ------------------------------------------------------------------------------


def test_contents_of_a_file_are_read_under_the_name_of_the_dump(tmp_path):
    path = tmp_path / "may.jsonl.gz"
    path.write_bytes(gzip.compress(TEXT))
    assert list(contents(Dump(path, "old/may.jsonl.gz"))) == [Member("old/may.jsonl.gz", TEXT)]


@pytest.mark.parametrize(
    ("content", "limit", "told"),
    [
        (TEXT, 10, "larger than 1e-05 MB"),
        (gzip.compress(TEXT * 9), 100, "larger than 0.0001 MB when unpacked"),
        (gzip.compress(TEXT)[:-1], 100, "packed, and cut off"),
        (None, 100, "cannot be read: No such file or directory"),
    ],
    ids=["plain", "packed", "cut off", "gone"],  # of bytes pytest makes names, and gzip has a clock
)
def test_trouble_with_a_file_is_told_under_the_name_of_the_dump(tmp_path, content, limit, told):
    path = tmp_path / "may"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DumpError, match=told) as caught:
        list(contents(Dump(path, "old/may"), limit))
    assert caught.value.dump == "old/may"


def test_a_refused_file_is_not_opened(tmp_path):
    with pytest.raises(DumpError, match="a symbolic link") as caught:
        list(contents(Dump(tmp_path / "nowhere", "link", "a symbolic link")))
    assert caught.value.dump == "link"
