"""What a person reads of a preview: what changed, and what the checks say."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from digest.checks import Changed, Checks, check
from digest.look import counted, short
from digest.pipeline.preview import Preview
from digest.pipeline.publish import room
from digest.spam import Judgement, judge

LARGEST = 3
INDENT = 11


def document(found: Preview) -> dict[str, Any]:
    """What `--json` prints of it."""
    return {
        "edition": found.name,
        "date": found.day,
        "audience": found.reader.audience,
        "published": found.published,
        "subject": found.subject,
        "to": found.reader.address,
        "papers": found.papers,
        "budget": found.budget and asdict(found.budget),
        "checks": check(found.mail, found.before).document(),
        "spam": asdict(judge(found.mail)),
    }


def lines(found: Preview) -> Iterator[str]:
    """All but what `spam` says, which takes seconds."""
    checks = check(found.mail, found.before)
    yield f"{'Published' if found.published else 'Draft'}: {found.subject}"
    yield from room(found.budget) if found.budget else ()
    told = {
        "Changed": _changed(checks.changed),
        "Lint": _lint(checks),
        "Size": _size(checks),
        "Programs": _programs(checks),
    }
    yield from (_line(name, line) for name, line in told.items())


def spam(found: Preview) -> str:
    return _line("Spam", _spam(judge(found.mail)))


def _line(name: str, line: str) -> str:
    return f"  {name:<{INDENT - 2}}{line}"


def _changed(changed: Changed | None) -> str:
    if changed is None:
        return "no edition was published before"
    was, now = changed.papers
    parts = [f"{counted(now, 'paper')} in the mail, {was:,} in that of {changed.before}"]
    parts += [f"new: {', '.join(changed.headings_new)}"] if changed.headings_new else []
    parts += [f"gone: {', '.join(changed.headings_gone)}"] if changed.headings_gone else []
    parts += [f"{each.name} is otherwise" for each in changed.headers]
    return "; ".join(parts)


def _lint(checks: Checks) -> str:
    report = checks.lint
    found = f"{counted(len(report.errors), 'error')}, {counted(len(report.warnings), 'warning')}"
    rules = ", ".join(each.rule for each in (*report.errors, *report.warnings))
    return f"{found}{': ' if rules else ''}{rules}"


def _size(checks: Checks) -> str:
    size = checks.size
    largest = sorted(size.papers, key=lambda paper: -paper.bytes)[:LARGEST]
    papers = "; ".join(f"{paper.bytes:,} {short(paper.title)}" for paper in largest)
    whole = f"{size.html_encoded:,} of {size.limit:,} bytes of HTML, {size.frame:,} of the frame"
    return f"{whole}; largest: {papers}" if papers else whole


def _programs(checks: Checks) -> str:
    lacking = ", ".join(
        f"{name.replace('-', ' ').title()} {len(program.lacking)}"
        for name, program in checks.programs.items()
        if program.lacking
    )
    unlisted = f"; not known who shows: {', '.join(checks.unlisted)}" if checks.unlisted else ""
    return f"features of the mail that they lack: {lacking or 'none'}{unlisted}"


def _spam(found: Judgement) -> str:
    if found.score is None:
        return found.why or ""
    return f"{found.score:g}, and 5 is spam{': ' if found.rules else ''}{', '.join(found.rules)}"
