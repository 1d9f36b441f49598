"""Dump files in folders."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digest.errors import DumpError, SetupError
from digest.sources.packed import MAX_RATIO, Member, members

MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Dump:
    """A file that may be a dump; `name` is its path below the folder that was asked for.

    `refused` says why it must not be opened.
    """

    path: Path
    name: str
    refused: str | None = None


def dumps(paths: Sequence[Path]) -> list[Dump]:
    """List the files and, sorted by name, what folders hold at any depth.

    Hidden entries of folders are left out. Raise SetupError where a path leads nowhere.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise SetupError(f"{path}: no such file or folder")
    return [dump for path in paths for dump in _below(path)]


def _below(path: Path) -> list[Dump]:
    if not path.is_dir():
        return [_dump(path, path.name)]
    return sorted(_walk(path), key=lambda dump: dump.name)


def _walk(root: Path) -> Iterator[Dump]:
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                visible = [
                    (Path(entry), entry.is_dir(follow_symlinks=False))
                    for entry in entries
                    if not entry.name.startswith(".")
                ]
        except OSError as error:
            yield Dump(folder, _printable(folder.relative_to(root)), error.strerror)
            continue
        for path, is_folder in visible:
            if is_folder:
                folders.append(path)
            else:
                yield _dump(path, _printable(path.relative_to(root)))


def _dump(path: Path, name: str) -> Dump:
    return Dump(path, name, _objection(path))


def _objection(path: Path) -> str | None:
    if not path.name.isprintable():  # nor is what stands for bytes that are no text
        return "its name holds characters that cannot be printed"
    try:
        return _objection_to(path.lstat().st_mode)
    except OSError as error:
        return error.strerror


def _objection_to(mode: int) -> str | None:
    if stat.S_ISLNK(mode):
        return "a symbolic link: put the file itself there"
    return None if stat.S_ISREG(mode) else "not a regular file"


def _printable(path: Path) -> str:
    return "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in path.as_posix()
    )


def contents(dump: Dump, limit: int = MAX_BYTES, ratio: int = MAX_RATIO) -> Iterator[Member]:
    """Yield the dumps in a file: itself, or what is packed in it as gzip or zip.

    `limit` and `ratio` bound its bytes, packed and unpacked, as `members` says. Raise DumpError
    under the dump's name where the file must not or cannot be read.
    """
    if dump.refused:
        raise DumpError(dump.name, dump.refused)
    try:
        content = read(dump.path, limit)
    except DumpError as error:
        raise DumpError(dump.name, error.reason) from error
    yield from members(dump.name, content, limit, ratio)


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the file's content; raise DumpError where it is no readable file up to `limit` bytes.

    It is looked at again after it was opened, for it may have changed since it was listed, and is
    opened so that neither a link nor a pipe can be followed or waited for.
    """
    try:
        with open(path, "rb", opener=_opened) as file:
            if objection := _objection_to(os.fstat(file.fileno()).st_mode):
                raise DumpError(path.name, objection)
            content = file.read(limit + 1)
    except OSError as error:
        raise DumpError(path.name, f"cannot be read: {error.strerror}") from error
    if len(content) > limit:
        raise DumpError(
            path.name, f"larger than {limit / 1e6:g} MB: raise max_dump_bytes or split it"
        )
    return content


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
