"""What is in gzip and zip files, told by their first bytes and never by their names.

The sizes that such a file states are not believed: what comes out is counted while it comes out,
and no more of it is unpacked than may come out.
"""

import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PureWindowsPath
from typing import IO, NamedTuple

from digest.errors import DumpError

MAX_RATIO = 100
MAX_ENTRIES = 10_000
MAX_NAME = 255
PIECE = 1 << 20

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an empty one
OTHERS = (b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"\x28\xb5\x2f\xfd", b"Rar!\x1a")
TAR, TAR_AT = b"ustar", 257

ZIP_ENTRY = b"PK\x01\x02"  # begins each entry of the directory at a zip file's end
ENCRYPTED = 1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a bound

Unpacking = IO[bytes] | gzip.GzipFile

# What the libraries raise over damaged and forged files.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
)


class Member(NamedTuple):
    """A dump out of a file: the file itself, or an entry of an archive.

    `refused` says why it was not unpacked.
    """

    name: str
    content: bytes
    refused: str | None = None


def members(name: str, content: bytes, limit: int, ratio: int) -> Iterator[Member]:
    """Yield what a file holds; raise DumpError under its `name` where it cannot be unpacked.

    All of it together may take up to `limit` bytes, and each up to `ratio` times what it takes
    packed. An entry that is bad by itself is refused alone.
    """
    if content.startswith(GZIP):
        yield _gunzipped(name, content, limit, ratio)
    elif content.startswith(ZIP):
        yield from _entries(name, content, limit, ratio)
    else:
        yield Member(name, content)


def _gunzipped(name: str, content: bytes, limit: int, ratio: int) -> Member:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        unpacked = _unpacked(name, lambda: file, limit, ratio, len(content))
    return Member(name, unpacked)


def _entries(name: str, content: bytes, limit: int, ratio: int) -> Iterator[Member]:
    """Unpack the entries in the order of their names.

    The library hands out no more of an entry than its stated size, so that the sum of these is a
    bound; one that is stated too small fails its checksum. Stated to be packed in more than there
    is, entries overlap, or lie about how dense they are.
    """
    if content.count(ZIP_ENTRY) > MAX_ENTRIES:
        raise DumpError(name, f"a zip file of more than {MAX_ENTRIES:,} entries: split it")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except BROKEN as error:
        raise DumpError(name, "a zip file that is damaged or cut off") from error
    entries = sorted(filter(_is_visible, archive.infolist()), key=lambda each: each.orig_filename)
    if not entries:
        raise DumpError(name, "a zip file without files")
    if sum(entry.compress_size for entry in entries) > len(content):
        raise DumpError(name, "a zip file that states more than it holds")
    if sum(entry.file_size for entry in entries) > limit:
        raise DumpError(name, _too_large(limit))
    for entry in entries:
        yield _entry(f"{name}/{_printable(entry.orig_filename)}", archive, entry, limit, ratio)


def _entry(
    name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int, ratio: int
) -> Member:
    if refused := _objection(entry):
        return Member(name, b"", refused)
    try:
        unpacked = _unpacked(name, lambda: archive.open(entry), limit, ratio, entry.compress_size)
    except DumpError as error:
        return Member(name, b"", error.reason)
    return Member(name, unpacked)


def _is_visible(entry: zipfile.ZipInfo) -> bool:
    """Say whether an entry is a file, and none of those that file managers leave."""
    parts = PureWindowsPath(entry.orig_filename).parts  # knows both kinds of slashes
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    folder = entry.orig_filename.endswith(("/", "\\"))
    return not (folder or hidden or "__MACOSX" in parts)


def _objection(entry: zipfile.ZipInfo) -> str | None:
    path = PureWindowsPath(entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)  # zero where the archive does not say
    objections = (
        (not entry.orig_filename.isprintable(), "its name holds characters that cannot be printed"),
        (path.anchor != "" or ".." in path.parts, "its name leads out of the archive"),
        (len(entry.orig_filename) > MAX_NAME, f"its name is longer than {MAX_NAME} characters"),
        (kind == stat.S_IFLNK, "a symbolic link: put the file itself there"),
        (kind not in (0, stat.S_IFREG), "not a regular file"),
        (bool(entry.flag_bits & ENCRYPTED), "encrypted: unpack it first"),
        (entry.compress_type not in METHODS, "packed by another method than deflate"),
    )
    return next((reason for holds, reason in objections if holds), None)


def _unpacked(
    name: str, opened: Callable[[], Unpacking], limit: int, ratio: int, packed: int
) -> bytes:
    """Return the content of a file or an entry that takes so many bytes `packed`."""
    most = ratio * packed
    try:
        with opened() as file:
            unpacked = _read(file, min(limit, most))
    except EOFError as error:
        raise DumpError(name, "packed, and cut off") from error
    except BROKEN as error:
        raise DumpError(name, f"packed, and damaged: {error}") from error
    if len(unpacked) > limit:
        raise DumpError(name, _too_large(limit))
    if len(unpacked) > most:
        raise DumpError(name, f"unpacks to more than {ratio:,} times its size, as no text does")
    if unpacked.startswith((GZIP, *ZIP, *OTHERS)) or unpacked.startswith(TAR, TAR_AT):
        raise DumpError(name, "an archive inside an archive: unpack it first")
    return unpacked


def _read(file: Unpacking, most: int) -> bytes:
    """Read one byte more than `most`, at most: the caller sees whether it was too much."""
    unpacked = io.BytesIO()
    while piece := file.read(min(PIECE, most + 1 - unpacked.tell())):
        unpacked.write(piece)
    return unpacked.getvalue()


def _too_large(limit: int) -> str:
    return f"larger than {limit / 1e6:g} MB when unpacked: raise max_dump_bytes or split it"


def _printable(name: str) -> str:
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)
    return shown if len(shown) <= MAX_NAME else f"{shown[:MAX_NAME]}…"
