"""Feeds: RSS 0.9x, 1.0 and 2.0, RDF, CDF, Atom and JSON Feed.

What is whole is read, however sloppy; what is cut is refused. A feed is whole where its root
element and every entry that begins in it also end. A whole feed may have a wrong encoding
declaration, control characters, HTML's entities or tags that do not match: feedparser makes the
best of it. A feed that declares entities of its own is refused, for they serve attacks only.

An entry with a title and a link is a paper, but for the one by which arXiv's API says that
something went wrong. A feed without entries has no papers, and that is no error.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digest.errors import DumpError
from digest.formats.feed.encoding import as_utf8
from digest.formats.feed.entries import ROOT, json_entries, xml_entries
from digest.formats.feed.html import plain
from digest.formats.feed.paper import sighting, string
from digest.model import Sighting

RSS_IN_RDF = re.compile(rb"purl\.org/(?:rss/1\.0|net/rss1\.1)|netscape\.com/rdf/simple/0\.9")
JSON_FEED = re.compile(rb"\s*\{.*?\"version\"\s*:\s*\"https?:[\\/]{2,4}jsonfeed\.org\b", re.DOTALL)
MOST_OTHERS = 10_000
ARXIV_ERROR = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors")


def accepts(head: bytes) -> bool:
    text = as_utf8(head)
    root = ROOT.match(text)
    if root is None:
        return bool(JSON_FEED.match(text))
    return root["name"].lower() != b"rdf" or bool(RSS_IN_RDF.search(text))


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    content = as_utf8(stream.read())
    entries = json_entries if content.lstrip().startswith(b"{") else xml_entries
    found = others = 0
    trouble = None
    for line, entry in entries(content):
        if ARXIV_ERROR.match(string(entry.get("id"))):
            trouble = trouble or (plain(string(entry.get("summary"))) or "arXiv's error", line)
        elif paper := sighting(entry, line):
            found += 1
            yield paper
        else:
            others += 1
            trouble = trouble or ("no entry has a title and a link", line)
        if others > MOST_OTHERS:
            raise DumpError("dump", f"over {MOST_OTHERS:,} entries without title or link", line)
    if trouble and not found:
        raise DumpError("dump", *trouble)
