"""What mail and archive say of papers, in the reader's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import bidirectional

from markupsafe import Markup

from digest.catalogue import SOURCE, Locale
from digest.look import ALSO_ON, MORE_IN, Look, anchor, arxiv_search, printable, short, web
from digest.model import Card, Edition, Note, Theme

SUBJECT = 90  # characters
PREHEADER = 110
NAMED_AUTHORS = 3
NAMED_THEMES = 3
NAMED_TITLES = 3
DOT = " · "
LATIN = "\u0250"  # the first letter after those of Latin
UNMARKED = Markup()


@dataclass(frozen=True)
class Wording:
    """What takes a card, a theme or a text is a filter of the templates."""

    locale: Locale

    def byline(self, card: Card, names: int = NAMED_AUTHORS) -> list[str]:
        """Who wrote it: the first authors, or how many there are, and their organisation."""
        named = card.authors[:names]
        more = max(card.author_count or 0, len(card.authors)) - len(named)
        line = ", ".join(named) + (
            f"\N{NO-BREAK SPACE}+{self.locale.number(more)}" if named and more else ""
        )
        if not named and card.author_count:
            line = self._counted("%(num)s author", "%(num)s authors", card.author_count)
        return [part for part in (line, card.organization) if part]

    def news(self, card: Card) -> list[str]:
        """What is special about it."""
        rising = [self.locale.gettext("Rising")] if card.rank.rising else []
        if not card.version or card.version == 1:
            return rising
        version = {"number": self.locale.number(card.version)}
        return [*rising, self.locale.gettext("New version (v%(number)s)") % version]

    def counts(self, card: Card) -> list[str]:
        """What readers made of it, a number beside its noun; nothing is said of nothing."""
        votes, comments = card.upvotes or 0, card.comments or 0
        said = (
            votes and self._counted("%(num)s upvote", "%(num)s upvotes", votes),
            comments and self._counted("%(num)s comment", "%(num)s comments", comments),
        )
        return [words.replace(" ", "\N{NO-BREAK SPACE}") for words in said if words]

    def notes(self, card: Card) -> list[str]:
        """What is wanting in its abstract."""
        return [words for note, words in self._notes.items() if note in card.notes]

    @cached_property
    def _notes(self) -> dict[Note, str]:
        return {
            Note.CUT: self.locale.gettext("abstract cut off"),
            Note.FOREIGN: self.locale.gettext("not in English"),
        }

    def links(self, card: Card, archived: str | None = None) -> list[tuple[str, str]]:
        """What each link says, and where it leads; to the archive where it stands online."""
        url = web(card.url)
        places = (
            url,
            None if url else arxiv_search(card.title),
            web(card.pdf_url),
            web(card.code_url),
            archived and f"{archived}#{anchor(card.ref)}",
        )
        return [(words, place) for words, place in zip(self._links, places, strict=True) if place]

    @cached_property
    def _links(self) -> tuple[str, ...]:
        gettext = self.locale.gettext
        pdf, code, archive = gettext("PDF"), gettext("Code"), gettext("Archive")
        return gettext("Abstract"), gettext("Find on arXiv"), pdf, code, archive

    def topic(self, card: Card, theme: Theme) -> list[str]:
        """The paper's own theme, where no heading above it says so."""
        said = ("", theme.label, card.part)
        return [card.theme] if theme.section and card.theme not in said else []

    def heading(self, label: str) -> str:
        """A heading; what the table of themes does not say is in the reader's language."""
        if label.startswith(MORE_IN):
            words = self.locale.gettext("More in %(section)s")
            return words % {"section": label.removeprefix(MORE_IN)}
        if label.startswith(ALSO_ON):
            words = self.locale.gettext("Also on %(phrase)s")
            return words % {"phrase": label.removeprefix(ALSO_ON)}
        return self._headings.get(label, label)

    @cached_property
    def _headings(self) -> dict[str, str]:
        return {
            "More papers": self.locale.gettext("More papers"),
            "Papers": self.locale.gettext("Papers"),
            "Other": self.locale.gettext("Other"),
        }

    def tongue(self, text: str) -> Markup:
        """Attributes that say language and direction of a text, where they are not the mail's.

        Papers are in English if their letters are Latin.
        """
        strong = next((c for c in text if bidirectional(c) in {"L", "R", "AL"}), "")
        if not strong:
            return UNMARKED
        way = "ltr" if bidirectional(strong) == "L" else "rtl"
        foreign = strong < LATIN and not self.locale.lang.startswith(SOURCE)
        if not foreign and way == self.locale.dir:
            return UNMARKED
        lang = Markup(' lang="{}"').format(SOURCE) if foreign else UNMARKED
        return lang + (Markup(' dir="{}"').format(way) if way != self.locale.dir else "")

    def sizes(self, edition: Edition, *, new: bool = False) -> str:
        """How much the edition holds."""
        count, themes = len(edition.cards), len(edition.themes)
        papers = (
            self._new_papers(count)
            if new
            else self._counted("%(num)s paper", "%(num)s papers", count)
        )
        if themes == 1:
            return papers
        return self.locale.gettext("%(papers)s in %(themes)s") % {
            "papers": papers,
            "themes": self._counted("%(num)s theme", "%(num)s themes", themes),
        }

    def subject(self, edition: Edition, look: Look) -> str:
        """Name, date, and how many papers on what, in characters that a list of mails shows."""
        start = self.locale.gettext("%(name)s, %(date)s: %(papers)s") % {
            "name": look.name,
            "date": self.locale.short_date(edition.day),
            "papers": self._new_papers(len(edition.cards)),
        }
        start = printable(start)
        words = self.locale.gettext("%(papers)s on %(themes)s")
        for themes in self._themes(edition):
            whole = words % {"papers": start, "themes": themes}
            if len(whole) <= SUBJECT:
                return whole
        return short(start, SUBJECT)

    def _new_papers(self, number: int) -> str:
        return self._counted("%(num)s new paper", "%(num)s new papers", number)

    def _themes(self, edition: Edition) -> Iterator[str]:
        """The first themes, and fewer and fewer of them."""
        own = [t for t in edition.themes if t.section and not t.label.startswith(MORE_IN)]
        labels = [self.heading(printable(theme.label)) for theme in own[:NAMED_THEMES]]
        for number in range(len(labels), 0, -1):
            yield self.locale.listed(labels[:number])

    def _counted(self, one: str, many: str, number: int) -> str:
        return self.locale.ngettext(one, many, number) % {"num": self.locale.number(number)}


def preheader(titles: Sequence[str]) -> str:
    """The best titles, as much of each as a list of mails has room for beside the subject.

    What a short one leaves of its share goes to the longer ones.
    """
    best = titles[:NAMED_TITLES]
    room = PREHEADER - len(DOT) * (len(best) - 1)
    shares = {}
    for left, (length, n) in enumerate(sorted((len(title), n) for n, title in enumerate(best))):
        shares[n] = min(length, room // (len(best) - left))
        room -= shares[n]
    return DOT.join(short(title, shares[n]) for n, title in enumerate(best))
