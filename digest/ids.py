"""The names by which the world knows a paper: arXiv ids and DOIs, found in whatever prints them."""

import re
from typing import NamedTuple
from urllib.parse import quote

_ARXIV = re.compile(
    r"""(?:^|(?<=[\s/:(\[{<"'=])|(?<=arxiv\.)|(?<=arXiv\.))
    (?P<id>\d\d(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?/\d{7})
    (?:v(?P<version>\d{1,3}))?
    (?=$|[\s/?\#,;:)\]}>"'&.]|\.pdf)""",
    re.VERBOSE,
)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"'<>{}\\^|`\[\]]{1,200}")
_OPENREVIEW = re.compile(r"https?://openreview\.net/(?:forum|pdf)\?id=(?P<id>[\w-]{5,20})")
_RXIV = re.compile(r"https?://www\.(?:bio|med)rxiv\.org/content/10\.\d{4,9}/[\d.]+v\d+")


class ArxivId(NamedTuple):
    """An id without its version, which is None where it is not printed."""

    id: str
    version: int | None


def arxiv_id(text: str) -> ArxivId | None:
    """The first arXiv id in an id, an address or a sentence."""
    found = _ARXIV.search(text.replace("oai:arXiv.org:", "arXiv:"))
    if found is None:
        return None
    return ArxivId(found["id"], int(found["version"]) if found["version"] else None)


def doi(text: str) -> str | None:
    """The first DOI in an id, an address or a sentence, in small letters as DOIs are compared."""
    found = _DOI.search(text.replace("%2F", "/").replace("%2f", "/"))
    if found is None:
        return None
    name = found[0].rstrip(".,;:)")
    if name.count("(") > name.count(")"):
        name += ")"  # it was part of the name after all: 10.1016/s0140-6736(20)30183-5
    return name.lower()


def pdf_url(arxiv: str | None, url: str | None) -> str | None:
    """Where the PDF of a paper stands: arXiv, OpenReview and bioRxiv have rules for that."""
    if arxiv:
        return f"https://arxiv.org/pdf/{quote(arxiv, safe='/')}"
    if review := _OPENREVIEW.match(url or ""):
        return f"https://openreview.net/pdf?id={review['id']}"
    preprint = _RXIV.match(url or "")
    return f"{preprint[0]}.full.pdf" if preprint else None
