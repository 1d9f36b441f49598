"""The link to a paper's code."""

import re
from urllib.parse import urlsplit

_URL = re.compile(r"https?://[^\s{}<>\"'`|\\^\[\]]+", re.IGNORECASE)
_CODE_HOST = re.compile(
    r"(?:^|\.)(?:github\.com|github\.io|gitlab\.(?:com|io|[a-z.]+)|bitbucket\.org|codeberg\.org|"
    r"huggingface\.co|hf\.co|anonymous\.4open\.science|sourceforge\.net)$"
)
_CODE_WORD = re.compile(
    r"\b(?:code|codes|codebase|source|implementation|software)\b[^.!?]*$", re.IGNORECASE
)


def code_url(abstract: str) -> str | None:
    """The first http(s) link of an abstract, as printed, that leads to code or the project."""
    for match in _URL.finditer(abstract):
        url = match[0].rstrip(".,;:!?*_")
        url = url if url.count("(") == url.count(")") else url.rstrip(").,;")
        host = _host(url)
        if host and (
            _CODE_HOST.search(host) or _CODE_WORD.search(abstract[: match.start()][-120:])
        ):
            return url
    return None


def _host(url: str) -> str | None:
    """The host of a link; None where it has none, or hides it behind a user's name."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return None if parts.username is not None or not host or "." not in host else host
