"""A mail is looked over: what would harm its delivery or its reader, and where it stands.

Pure, and never stopped by what a mail is made of. docs/lint.md lists the rules.
"""

from dataclasses import asdict, dataclass
from typing import Any

from digest.lint import access, headers, lists, parts, safety, wire
from digest.lint.lists import to_sign
from digest.lint.mail import Mail
from digest.lint.rule import Rule, Severity

__all__ = ["GROUPS", "RULES", "Finding", "Report", "Rule", "Severity", "lint", "looked_over"]

GROUPS = {
    "wire": wire.RULES,
    "headers": headers.RULES,
    "lists": lists.RULES,
    "parts": parts.RULES,
    "safety": safety.RULES,
    "access": access.RULES,
}
"""The rules by what they are about, in the order of docs/lint.md."""

RULES = tuple(rule for rules in GROUPS.values() for rule in rules)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has found: the first place, what is there, and in how many places it is so.

    `group` is one of GROUPS.
    """

    rule: str
    group: str
    severity: Severity
    where: str
    found: str
    times: int
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """`sizes` are in bytes: of the mail, and of each part encoded and decoded.

    `signed` is the h= that a DKIM signature needs at the least.
    """

    findings: tuple[Finding, ...]
    sizes: dict[str, int]
    signed: str

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is Severity.WARNING)

    def document(self) -> dict[str, Any]:
        return {
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "findings": [asdict(each) for each in self.findings],
            "sizes": self.sizes,
            "signed": self.signed,
        }


def lint(raw: bytes) -> Report:
    """Look over a whole mail, as it goes over the wire or as it was saved."""
    return looked_over(Mail(raw))


def looked_over(mail: Mail) -> Report:
    findings = tuple(
        found
        for group, rules in GROUPS.items()
        for rule in rules
        if (found := _finding(rule, group, mail))
    )
    return Report(findings, _sizes(mail), ":".join(to_sign(mail)).lower())


def _finding(rule: Rule, group: str, mail: Mail) -> Finding | None:
    hits = list(rule.check(mail))
    if not hits:
        return None
    (where, found), times = hits[0], len(hits)
    return Finding(rule.id, group, rule.severity, where, found, times, rule.why)


def _sizes(mail: Mail) -> dict[str, int]:
    sizes = {"mail": len(mail.raw)}
    for name, part in (("text", mail.text), ("html", mail.html)):
        if part:
            sizes |= {f"{name}_encoded": len(part.body), f"{name}_decoded": len(part.decoded)}
    return sizes
