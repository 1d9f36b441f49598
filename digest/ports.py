"""The Protocols that plug-ins fulfil, one per kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol, TypeVar, runtime_checkable

from digest.model import Envelope, Receipt, Sighting, Tag

T = TypeVar("T")

Progress = Callable[[Sequence[T], str], Iterable[T]]
"""Hands on the items of a batch and tells a person how far it is; the text names the work."""


class Format(Protocol):
    """A module of `digest.formats`."""

    __name__: str

    def accepts(self, head: bytes) -> bool:
        """Say whether a dump that begins with these bytes (64 KiB at most) is of this format."""

    def papers(self, stream: BinaryIO) -> Iterator[Sighting]:
        """Yield the papers in their order; raise DumpError where the dump cannot be read."""


class Summariser(Protocol):
    """A module of `digest.summarisers`: rates sentences, writes none."""

    @property
    def METHOD(self) -> str:  # noqa: N802 - a module's constant
        """Name and version; a change of it makes every summary anew."""

    def rate(self, title: str, sentences: Sequence[str]) -> Sequence[float]:
        """Return how good each sentence is as a summary; more is better.

        One point is what parts a good sentence from one that refers to what stands before it.
        """


@runtime_checkable
class Explaining(Summariser, Protocol):
    """A summariser that can say what its ratings are made of."""

    def why(self, title: str, sentences: Sequence[str]) -> Sequence[Mapping[str, float]]:
        """Return for each sentence what each feature adds to its rating."""


class Grouper(Protocol):
    """Gives each paper its theme."""

    def tags(self, papers: Sequence[tuple[str, str]]) -> list[Tag]:
        """Return one tag per (clean title, clean abstract), independent of the others."""


class Connection(Protocol):
    """Used by one thread, for one mail after the other."""

    def send(self, envelope: Envelope, body: bytes, may_send: Callable[[], bool]) -> Receipt:
        """Hand over one mail of CRLF lines; raise TryLater, Refused, Uncertain or SetupError.

        `may_send` is asked once, as late as can be before the point of no return (SMTP's dot, the
        rename of a file); where it says no, nothing is handed over and TryLater is raised. It
        answers in milliseconds, having written down that this mail is being sent.
        """


class Transport(Protocol):
    """A way out; several threads open connections of one."""

    @property
    def repeatable(self) -> bool:
        """Whether sending the same delivery again leaves one copy only."""

    @property
    def connections(self) -> int:
        """How many connections may be open at once."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Open a connection; raise TryLater or SetupError where that fails."""


Mjml = Callable[[str], str]
"""Compiles MJML to HTML; raises RenderError, with the line of the MJML where that is known."""
