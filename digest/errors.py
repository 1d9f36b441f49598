"""What can go wrong, arranged by what the caller does about it.

DigestError
├── SetupError      stop, a person must act: ConfigError, UnknownPlugin, SchemaTooNew
├── StoreError      give up this run, run again later
└── ItemError       note it, leave the item out, go on: DumpError, RenderError, UnfitMail
    └── DeliveryError   TryLater | Refused | Uncertain
"""

import re
from datetime import timedelta
from pathlib import Path


class DigestError(Exception):
    """Base of all errors that the product itself raises; anything else is a bug.

    `path` is the file that a person would mend, `line` counts from 1; both only where it is known.
    """

    path: Path | None = None
    line: int | None = None


class SetupError(DigestError):
    """Something around the program is wrong and a person must act."""


class ConfigError(SetupError):
    """A setting is wrong; `where` is a file with its line, an option or a variable."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem
        if file := re.fullmatch(r"(.+):(\d+)", where):
            self.path, self.line = Path(file[1]), int(file[2])


class UnknownPlugin(SetupError):
    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no {kind} {name!r}; there are: {', '.join(known)}")
        self.kind = kind
        self.name = name
        self.known = known


class SchemaTooNew(SetupError):
    def __init__(self, database: str, revision: str) -> None:
        super().__init__(
            f"{database}: written by a later version of this program (schema {revision}); "
            "install that version or name another database"
        )
        self.database = database
        self.revision = revision


class StoreError(DigestError):
    """The database did not answer as it should; the same run may succeed later."""

    def __init__(self, database: str, problem: str) -> None:
        super().__init__(f"{database}: {problem}")
        self.database = database
        self.problem = problem


class ItemError(DigestError):
    """One item is bad; it is named and left out, the rest goes on."""


class DumpError(ItemError):
    """A dump that a format accepts and cannot read; `line` counts from 1."""

    def __init__(self, dump: str, reason: str, line: int | None = None) -> None:
        super().__init__(f"{dump}{f':{line}' if line else ''}: {reason}")
        self.dump = dump
        self.reason = reason
        self.line = line


class RenderError(ItemError):
    """A template does not render; `line` is the template's, counted from 1.

    `path` is its file, which may be one's own or the shipped one; `text` is what stands there.
    """

    def __init__(
        self,
        template: str,
        reason: str,
        line: int | None = None,
        path: Path | None = None,
        text: str = "",
    ) -> None:
        place = f"{template}{f':{line}' if line else ''}"
        super().__init__(f"{place}: {reason}{f', in: {text}' if text else ''}")
        self.template = template
        self.reason = reason
        self.line = line
        self.path = path
        self.text = text


class UnfitMail(ItemError):
    """An edition's mail breaks a rule of the linter; `rule` is the first, `more` counts others."""

    def __init__(self, edition: str, rule: str, reason: str, more: int) -> None:
        others = f", and breaks {more} more rules" if more > 1 else ", and breaks one more rule"
        super().__init__(
            f"the edition {edition} is not published: its mail breaks the rule {rule}: {reason}"
            f"{others if more else ''}; `digest preview --eml | digest lint -` tells all"
        )
        self.edition = edition
        self.rule = rule
        self.more = more


class DeliveryError(ItemError):
    """One delivery did not go through; the subclass says what is known about it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(DeliveryError):
    """Surely not delivered, and the same attempt may succeed.

    `after` is the least wait. `fewer` says that the other side wants fewer connections, as SMTP's
    421 does. `reader` says that it is about this reader alone (4xx to RCPT TO, as in greylisting):
    others may be sent meanwhile.
    """

    def __init__(
        self,
        reason: str,
        after: timedelta | None = None,
        *,
        fewer: bool = False,
        reader: bool = False,
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.fewer = fewer
        self.reader = reader


class Refused(DeliveryError):
    """Surely not delivered, and never will be.

    `status` is the enhanced code of RFC 3463, such as "5.1.1", where the other side gives one.
    """

    def __init__(self, reason: str, status: str = "") -> None:
        super().__init__(reason)
        self.status = status

    @property
    def policy(self) -> bool:
        """Whether it is us whom they refuse, and not the reader."""
        return self.status.startswith("5.7.")


class Uncertain(DeliveryError):
    """The other side may or may not have taken it; nobody can know."""
