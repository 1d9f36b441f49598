"""Papers as lines "Title:", "PDF:" and "Summary:", with "---" after each.

A long title goes on in the next line.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import BinaryIO

from digest.errors import DumpError
from digest.ids import arxiv_id
from digest.model import Sighting
from digest.reading.lines import folded_lines, utf8
from digest.text import fold

FIELD = re.compile(r"(?P<name>Title|PDF|Summary):(?: (?P<text>.*))?")
END = re.compile(r"-{3,}")
TOP = 200  # lines among which the first paper stands
MOST_LINES = 10_000  # of a field

Fields = dict[str, tuple[int, list[str]]]  # by name: the line where it begins, and its lines


def accepts(head: bytes) -> bool:
    if b"\0" in utf8(head):
        return False
    names = [found["name"] for found in map(FIELD.match, islice(folded_lines(head), TOP)) if found]
    return ("Title", "PDF") in pairwise(names) and ("PDF", "Summary") in pairwise(names)


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    fields: Fields = {}
    name, found = "", False
    for number, text in enumerate(folded_lines(stream.read()), 1):
        field = FIELD.fullmatch(text)
        ends = END.fullmatch(text)
        if fields and (ends or (field and field["name"] in fields)):
            yield _sighting(fields)
            fields, name, found = {}, "", True
        if field:
            name = field["name"]
            fields[name] = (number, [field["text"] or ""])
        elif name and not ends:
            fields[name][1].append(text)
            if len(fields[name][1]) > MOST_LINES:
                raise DumpError("dump", f"a {name} without end", number)
    if fields:
        yield _sighting(fields)
    elif not found:
        raise DumpError("dump", "no line that begins with Title:")


def _sighting(fields: Fields) -> Sighting:
    texts = {name: fold(" ".join(lines)) for name, (_, lines) in fields.items()}
    if not texts.get("Title"):
        raise DumpError("dump", "a paper without title", min(line for line, _ in fields.values()))
    url = texts.get("PDF", "")
    known = arxiv_id(url)
    return Sighting(
        texts["Title"],
        texts.get("Summary", ""),
        fields["Title"][0],
        arxiv_id=known.id if known else None,
        version=known.version if known else None,
        url=url or None,
    )
