"""What other programs say of the mails: one function a judge, and `judges` for all of them.

axe-core in Chromium, SpamAssassin, the Nu HTML checker and html-validate, caniemail's tables, and
three parsers of mail. What comes from npm is pinned in package-lock.json: `npm ci --prefix
benchmarks`. A judge that finds fault says on standard error where.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from email import message_from_bytes, policy
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mails import Mail, leaves
from playwright.sync_api import Browser, sync_playwright

from digest import support
from digest.spam import spam

HERE = Path(__file__).parent
NPM = HERE / "node_modules"
KNOWN = HERE / "known_findings.toml"

Figures = dict[str, Any]


def judges(mails: Sequence[Mail], wanted: Iterable[str]) -> Figures:
    """The figures of these judges."""
    figures: Figures = {"mails": len(mails)}
    for name in wanted:
        print(f"# {name}", file=sys.stderr)
        figures |= JUDGES[name](mails)
    return figures


def faulty(judge: str, mail: str, fault: object) -> None:
    print(f"{judge}: {mail}: {fault}", file=sys.stderr)


# --- axe-core -----------------------------------------------------------------------------------

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
SCHEMES = ("light", "dark")
WIDTHS = (320, 375, 600)
AXE = "tags => axe.run({runOnly: tags, resultTypes: ['violations']})"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Look(NamedTuple):
    """A mail on a screen: what breaks WCAG 2.2 AA there, and by how much it is too wide."""

    scheme: str
    width: int
    violations: list[str]
    overflow: int


def axe_script() -> str | None:
    """axe-core from npm, else the one in the wheel axe-playwright-python."""
    wheel = find_spec("axe_playwright_python")
    folders = [NPM / "axe-core", *map(Path, (wheel and wheel.submodule_search_locations) or ())]
    files = (folder / "axe.min.js" for folder in folders)
    return next((file.read_text("utf-8") for file in files if file.exists()), None)


def looks(browser: Browser, page: str, script: str) -> Iterator[Look]:
    """See a mail in both schemes and at all widths."""
    for scheme in SCHEMES:
        tab = browser.new_page(color_scheme=scheme)
        tab.set_content(page)
        tab.evaluate(script)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 800})
            found = tab.evaluate(AXE, TAGS)["violations"]
            yield Look(scheme, width, list(map(_violation, found)), tab.evaluate(OVERFLOW))
        tab.close()


def _violation(found: dict[str, Any]) -> str:
    first = found["nodes"][0]["html"]
    return f"{found['id']}: {found['help']} ({len(found['nodes'])} times, first {first[:200]})"


def axe(mails: Sequence[Mail]) -> Figures:
    script = axe_script() or _missing("axe-core")
    chromium = shutil.which("chromium") or _missing("chromium")
    violations, overflow, seen = 0, 0, 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for mail in mails:
            for look in looks(browser, mail.html, script):
                seen += 1
                violations += len(look.violations)
                overflow = max(overflow, look.overflow)
                for fault in look.violations:
                    faulty("axe", f"{mail.name}, {look.scheme}, {look.width} px", fault)
        browser.close()
    return {"axe_looks": seen, "axe_violations": violations, "overflow_px": overflow}


# --- SpamAssassin -------------------------------------------------------------------------------


def spamassassin(mails: Sequence[Mail]) -> Figures:
    found = spam([mail.raw for mail in mails], 600) or _missing("spamassassin")
    for mail, each in zip(mails, found, strict=True):
        if each.score > 0:
            faulty("SpamAssassin", mail.name, each)
    return {
        "spam_worst": max(each.score for each in found),
        "spam_mean": round(sum(each.score for each in found) / len(found), 2),
    }


# --- HTML ---------------------------------------------------------------------------------------


def html(mails: Sequence[Mail]) -> Figures:
    """What two checkers find beyond what MJML itself writes."""
    known = tomllib.loads(KNOWN.read_text("utf-8"))
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for judge, checker in {"vnu": _nu, "html-validate": _html_validate}.items():
            pattern = re.compile("|".join(known[judge]["known"]))
            found = list(checker(_written(mails, Path(folder), "html")))
            own = [(name, said) for name, said in found if not pattern.fullmatch(said)]
            for name, said in own:
                faulty(judge, name, said)
            figures[f"{judge.replace('-', '_')}_own"] = len(own)
            figures[f"{judge.replace('-', '_')}_of_mjml"] = len(found) - len(own)
    return figures


def _nu(files: Sequence[str]) -> Iterator[tuple[str, str]]:
    jar = _npm("vnu-jar/build/dist/vnu.jar")
    call = ["java", "-jar", jar, "--format", "json", *files]
    said = subprocess.run(call, capture_output=True, text=True, check=False).stderr
    for each in json.loads(said)["messages"]:
        if each["type"] == "error" or each.get("subType") == "warning":
            yield Path(each["url"]).stem, each["message"]


def _html_validate(files: Sequence[str]) -> Iterator[tuple[str, str]]:
    script = _npm("html-validate/bin/html-validate.mjs")
    call = ["node", script, "--preset", "standard,a11y", "--formatter", "json", *files]
    with tempfile.TemporaryFile("w+") as said:  # it ends before a pipe has taken all
        subprocess.run(call, stdout=said, check=False)
        said.seek(0)
        found = json.load(said)
    for each in found:
        for message in each["messages"]:
            yield Path(each["filePath"]).stem, f"{message['ruleId']}: {message['message']}"


# --- caniemail ----------------------------------------------------------------------------------


def caniemail(mails: Sequence[Mail]) -> Figures:
    listed = support.listed()
    new = support.unlisted(set().union(*(support.used(mail.html) for mail in mails)))
    for use in new:
        faulty("caniemail", support.LIST.name, f"{use} is not in it")
    lacking = [name for name, each in listed.items() if support.lacking(each)]
    return {
        "features": len(listed),
        "features_new": len(new),
        "features_lacking": len(lacking),
    }


# --- parsers ------------------------------------------------------------------------------------


class Read(NamedTuple):
    """What a parser makes of a mail, in a form that all of them can be compared in."""

    headers: list[str]
    subject: str
    text: str
    html: str
    defects: list[str]


def by_stdlib(raw: bytes) -> Read:
    message = message_from_bytes(raw, policy=policy.default)
    parts = {part.get_content_type(): part for part in leaves(message)}
    bodies = [parts[kind].get_content() for kind in ("text/plain", "text/html")]
    values = [value for part in (message, *parts.values()) for value in part.values()]
    defects = [each for part in (message, *parts.values()) for each in part.defects]
    defects += [each for value in values for each in value.defects]
    return _read(message.keys(), message["Subject"], *bodies, defects)


def by_mail_parser(raw: bytes) -> Read:
    import mailparser

    mail = mailparser.parse_from_bytes(raw)
    (text,), (page,) = mail.text_plain, mail.text_html
    headers = mail.message.keys()
    return _read(headers, mail.subject, text, page, mail.defects)


def by_postal_mime(files: Sequence[str]) -> list[Read]:
    call = ["node", str(HERE / "postal_mime.mjs"), *files]
    said = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    found = json.loads(said)
    return [_read(m["headers"], m["subject"], m["text"], m["html"], []) for m in found]


def _read(
    headers: Iterable[str], subject: str, text: str, page: str, defects: Sequence[object]
) -> Read:
    """Line ends, the end of a part, folding and the case of headers are no difference."""
    bodies = (each.replace("\r\n", "\n").rstrip("\n") for each in (text, page))
    unfolded = " ".join(str(subject).split())
    return Read(sorted(map(str.lower, headers)), unfolded, *bodies, list(map(repr, defects)))


def parsers(mails: Sequence[Mail]) -> Figures:
    _npm("postal-mime")
    with tempfile.TemporaryDirectory() as folder:
        others = by_postal_mime(_written(mails, Path(folder)))
    different, defects = 0, 0
    for mail, postal in zip(mails, others, strict=True):
        ours = by_stdlib(mail.raw)
        for name, theirs in (("mail-parser", by_mail_parser(mail.raw)), ("postal-mime", postal)):
            if theirs[:4] != ours[:4]:
                different += 1
                faulty(name, mail.name, "reads another mail than the standard library does")
            defects += len(ours.defects) + len(theirs.defects)
    return {"parsed_otherwise": different, "parse_defects": defects}


# --- tools --------------------------------------------------------------------------------------


def _written(mails: Sequence[Mail], folder: Path, part: str = "raw") -> list[str]:
    """Files with these parts of the mails, in their order."""
    files = []
    for n, mail in enumerate(mails):
        file = folder / f"{n:03}-{mail.name}.{'eml' if part == 'raw' else part}"
        content = getattr(mail, part)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        files.append(str(file))
    return files


def _npm(path: str) -> str:
    return str(NPM / path) if (NPM / path).exists() else _missing(path.partition("/")[0])


def _missing(tool: str) -> Any:
    advice = "npm ci --prefix benchmarks" if tool not in {"chromium", "spamassassin"} else "apt"
    raise SystemExit(f"{tool} is not installed; {advice} brings it")


JUDGES: dict[str, Callable[[Sequence[Mail]], Figures]] = {
    "axe": axe,
    "spam": spamassassin,
    "html": html,
    "caniemail": caniemail,
    "parsers": parsers,
}
