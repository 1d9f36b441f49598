"""Texts that mean harm go through the whole program, and Chromium opens the mails and the archive.

In four formats of dumps each text stands wherever a dump has text. A mail or a page is safe when
nothing runs and nothing is fetched, and when it has no element and no attribute that harmless texts
would not have given it.
"""

import json
import re
import tomllib
from html import escape, unescape
from urllib.parse import urlsplit

import pytest
from conftest import ROOT
from judges import by_mail_parser, by_stdlib
from mails import json_lines, published, showcase
from samples import HOSTILE

from digest.look import printable
from digest.text import fold, headline

SHARED = ROOT.parent / "shared" / "data" / "email_html" / "xss"
ATTACKS = tomllib.loads((ROOT / "tests" / "attacks.toml").read_text("utf-8"))
KINDS = ("markup", "attributes", "templates", "mjml", "characters", "links")
CANARY = "the canary was read"
A_DAY = 20  # papers; what a mail has room for

ORIGIN = "https://digest.test/"
ICON = f"{ORIGIN}favicon.ico"  # what Chromium asks every site for
POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'"
WATCH = f"""
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {{
  if (event.blockedURI !== "{ICON}")
    window.__violations.push(`${{event.violatedDirective}} ${{event.blockedURI}}`);
}});
"""
PROVOKE = """() => {
  for (const element of document.querySelectorAll("*"))
    for (const kind of ["mouseover", "pointerenter", "focus", "toggle", "error"])
      element.dispatchEvent(new Event(kind));
}"""
CENSUS = """() => [...document.querySelectorAll("*")].map((element) =>
  [element.localName, Object.fromEntries([...element.attributes].map((a) => [a.name, a.value]))])
"""
# What may differ with the text: where links and names lead to, days, and how a text is read.
FREE = {"href", "id", "datetime", "aria-label", "dir", "lang"}


# --- dumps --------------------------------------------------------------------------------------


def as_exported(texts, first):
    return json_lines(
        dict.fromkeys(("organization", "organization_handle", "announced", "doi"), text)
        | dict.fromkeys(("url", "code_url", "ai_summary"), text)
        | {"title": f"{text} {n}", "abstract": told(text, n), "authors": [text, f"Ada {text}"]}
        | {"categories": [text], "keywords": [text], "upvotes": n}
        for n, text in enumerate(texts, first)
    )


def as_hugging_face_api(texts, first):
    records = []
    for n, text in enumerate(texts, first):
        words = dict.fromkeys(("id", "githubRepo", "ai_summary"), text)
        names = {"authors": [{"name": text}], "organization": {"fullname": text, "name": text}}
        paper = {
            "title": f"{text} {n}",
            "summary": told(text, n),
            "ai_keywords": [text],
            "upvotes": n,
        }
        records.append({"title": f"{text} {n}", "paper": words | names | paper, "numComments": n})
    return json.dumps(records).encode()


def as_arxiv_listing(texts, first):
    lines = (
        dict.fromkeys(("abs", "comment", "code_url"), text)
        | {"id": f"2611.{n:05}", "title": f"{text} {n}", "summary": told(text, n)}
        | {"authors": [text], "categories": [text], "AI": {"tldr": text}}
        for n, text in enumerate(texts, first)
    )
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def as_feed(texts, first):
    """What feeds print is HTML: as elements in the title, as their text in the abstract."""
    items = "".join(
        f"<item><title>{escape(text)} {n}</title><link>{escape(text)}</link>"
        f"<description>{escape(escape(told(text, n)))}</description>"
        f"<author>{escape(text)}</author><category>{escape(text)}</category></item>"
        for n, text in enumerate(texts, first)
    )
    feed = f"<rss version='2.0'><channel><title>Gulls</title>{items}</channel></rss>"
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", feed).encode()


def told(text, n):
    return f"{text} We count {n} gulls in fog by {text} alone. It is 31% better than {text} was."


FORMATS = [as_exported, as_hugging_face_api, as_arxiv_listing, as_feed]


def dumps(texts):
    """Some texts a day, each day in the next format."""
    starts = range(0, len(texts), A_DAY)
    return {
        f"day-{n:02}.txt": FORMATS[n % len(FORMATS)](texts[start : start + A_DAY], start)
        for n, start in enumerate(starts)
    }


def own_texts():
    return (
        HOSTILE + [text for kind in KINDS for text in ATTACKS[kind]] + list(ATTACKS["look_alikes"])
    )


def shared_texts():
    purify = json.loads((SHARED / "dompurify_expect.json").read_text("utf-8"))
    cases = sorted((SHARED / "bleach" / "tests" / "data").glob("*.test"))
    bleach = [each.read_text("utf-8").partition("\n--\n")[0] for each in cases]
    return [each["payload"] for each in purify] + bleach


@pytest.fixture(scope="module", params=["own", "shared"])
def attacked(request, tmp_path_factory):
    """The texts, and what the program made of them."""
    if request.param == "shared" and not SHARED.exists():
        pytest.skip("../shared is not there")
    folder = tmp_path_factory.mktemp("attacked")
    canary = folder / "canary.mjml"
    canary.write_text(CANARY, "utf-8")
    texts = own_texts() if request.param == "own" else shared_texts()
    texts = [text.replace("CANARY", str(canary)) for text in texts]
    return texts, published(folder / "home", dumps(texts))


# --- what Chromium sees -------------------------------------------------------------------------


def pages(made):
    mails = {f"mail/{n}-{mail.name}.html": mail.html for n, mail in enumerate(made.mails)}
    return {path: text for path, text in (mails | made.archive).items() if path.endswith(".html")}


def elements(browser, made):
    """The elements of each page with their attributes; opening the pages does nothing else."""
    served = {f"{ORIGIN}{path}": text for path, text in (pages(made) | made.archive).items()}
    strange, dialogs, found = [], [], {}

    def answer(route):
        url = route.request.url
        if url not in served:
            strange.extend({url} - {ICON})
            route.abort()
            return
        kind = "text/css" if url.endswith(".css") else "text/html"
        headers = {"Content-Security-Policy-Report-Only": POLICY}
        route.fulfill(body=served[url], content_type=f"{kind}; charset=utf-8", headers=headers)

    tab = browser.new_page()
    tab.add_init_script(WATCH)
    tab.route("**/*", answer)
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in pages(made):
        tab.goto(f"{ORIGIN}{path}")
        tab.evaluate(PROVOKE)
        assert tab.evaluate("window.__xss") is None, path
        assert tab.evaluate("window.__violations") == [], path
        assert tab.url == f"{ORIGIN}{path}"
        found[path] = tab.evaluate(CENSUS)
    tab.close()
    assert (strange, dialogs) == ([], [])
    return found


def kinds(found):
    """Which elements there are, with the attributes that are not free."""
    return {
        (tag, frozenset((name, attributes[name]) for name in attributes.keys() - FREE))
        for elements in found.values()
        for tag, attributes in elements
    }


def names(found):
    return {(tag, name) for page in found.values() for tag, given in page for name in given}


def values(found, name):
    return {given[name] for page in found.values() for _, given in page if name in given}


@pytest.fixture(scope="module")
def harmless(browser, tmp_path_factory):
    """The elements that texts without harm have."""
    return elements(browser, showcase(tmp_path_factory.mktemp("harmless")))


def test_nothing_runs_and_no_foreign_element_appears(browser, attacked, harmless):
    texts, made = attacked
    assert len(made.mails) == len(dumps(texts))
    found = elements(browser, made)

    assert kinds(found) <= kinds(harmless)
    assert names(found) <= names(harmless)
    assert values(found, "dir") <= {"auto", "ltr", "rtl"}
    assert all(re.fullmatch(r"[\w.-]+", name) for name in values(found, "id"))
    assert all(re.fullmatch(r"[\w-]+", tongue) for tongue in values(found, "lang"))

    links = {link: urlsplit(link) for link in values(found, "href")}
    assert {link.scheme for link in links.values()} <= {"", "https", "http", "mailto"}
    inner = [link for link in links if not links[link].scheme]
    assert all(re.fullmatch(r"(\.\./)?[\w./-]*(#[\w.-]*)?", link) for link in inner)
    assert not any("@" in link.netloc for link in links.values())
    assert all(link.isascii() and link.isprintable() and " " not in link for link in links)


# --- what stands there --------------------------------------------------------------------------


def test_every_text_is_printed_as_text_and_no_template_is_filled(attacked):
    texts, made = attacked
    html, plain = list(pages(made).values()), [mail.text for mail in made.mails]
    seen = [fold(unescape(re.sub(r"<[^<>]*>", " ", page))) for page in html]
    said = list(map(fold, plain))
    for n, text in enumerate(texts):
        if FORMATS[n // A_DAY % len(FORMATS)] is as_feed:
            continue  # elements are gone from it, text as well as markup
        title = fold(printable(headline(f"{text} {n}")))
        assert any(title in page for page in seen), title
        assert any(title in page for page in said), title

    unseen = r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\uf8ff]"
    for page in [*html, *plain]:
        assert re.findall(unseen, page) == []
        for sign in ("31337", "PWNED", CANARY, "[fonts]", "&lt;class &#39;", "<class '", "uid=0"):
            assert sign not in page


def test_headers_stay_as_they_are_and_two_parsers_read_the_same(attacked, tmp_path):
    _, made = attacked
    (plain,) = published(tmp_path, {"one.jsonl": as_exported(["harmless"], 0)}).mails
    expected = by_stdlib(plain.raw).headers
    for mail in made.mails:
        read = by_stdlib(mail.raw)
        assert read == by_mail_parser(mail.raw)
        assert (read.headers, read.defects) == (expected, [])


def linking(links):
    """A dump of papers that lead to these addresses, and are harmless else."""
    return json_lines(
        dict.fromkeys(("url", "code_url"), link)
        | {"title": f"Gulls No. {n}", "abstract": f"We count {n} gulls."}
        for n, link in enumerate(links)
    )


def test_only_addresses_of_the_web_are_links(tmp_path):
    made = published(tmp_path, {"links.jsonl": linking(ATTACKS["links"])})
    (mail,) = made.mails
    for page in (mail.html, made.archive["editions/2026-11-20.html"]):
        links = re.findall(r'href="([^"]*)"', page)
        assert len(links) > len(ATTACKS["links"])
        assert {urlsplit(link).hostname for link in links} <= {"arxiv.org", None}
        assert {urlsplit(link).scheme for link in links} <= {"https", "mailto", ""}
    addresses = re.findall(r"(?m)^ *(\w+:\S+)$", mail.text)
    assert len(addresses) > len(ATTACKS["links"])
    assert {address.partition("/search")[0] for address in addresses[:-1]} == {"https://arxiv.org"}


def test_look_alike_hosts_are_shown_as_what_they_are(tmp_path):
    fakes = ATTACKS["look_alikes"]
    made = published(tmp_path, {"fakes.jsonl": linking(fakes)})
    (mail,) = made.mails
    for printed, shown in fakes.items():
        assert f'href="{shown}"' in mail.html, printed
        assert f" {shown}\n" in mail.text, printed
        assert f'href="{shown}"' in made.archive["editions/2026-11-20.html"], printed
