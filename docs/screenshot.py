#!/usr/bin/env python3
"""Photograph the mail that the papers of the sample dumps make, and the studio that shows it.

The pictures in docs/images are the same each time.

The sample dumps say little of their papers; names, votes and links are invented here. Needs what
`make test` installs, and Chromium.
"""

import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from digest.app import App
from digest.settings import Settings
from digest.studio.server import run
from digest.studio.studio import Studio

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MORNING = datetime(2026, 1, 6, 7, 0, tzinfo=UTC)
HEIGHT = 900

PICTURES = (  # name, locale, width, scheme
    ("mail", "en", 600, "light"),
    ("mail-dark", "en", 600, "dark"),
    ("mail-phone", "en", 375, "light"),
    ("mail-phone-dark", "en", 375, "dark"),
    ("mail-phone-rtl", "ar", 375, "light"),
)
NAMES = {"en": "Paper digest", "ar": "موجز الأوراق"}

AUTHORS = (
    ("Ines Mora", "Kofi Adu", "Li Na", "Per Berg", "Uma Rao"),
    ("Noor Haddad", "Sven Lund"),
    ("Zainab Bello", "João Lima", "Aiko Tanaka", "Marta Rossi"),
    ("Tomáš Novák",),
    ("Per Berg", "Li Na", "Noor Haddad"),
)
LABS = ("Harrowgate AI Institute", None, "Fen Lab", "University of Northmoor")
CODE = ("https://code.example/{}", None, None)
FACTS = ("authors", "organization", "upvotes", "arxiv_id", "version", "code_url")


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("Chromium is not installed")
    # Chromium's sandbox refuses to work for root, as whom containers run.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = _pages(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for name, locale, width, scheme in PICTURES:
            _photograph(browser, pages[locale], IMAGES / f"{name}.png", width, scheme)
        _photograph_studio(browser, Path(folder))
        browser.close()


def _pages(folder: Path) -> dict[str, Path]:
    """Write the mail in each language, from a store of its own."""
    dump = folder / "2026-01-05.jsonl"
    dump.write_text("\n".join(map(json.dumps, _papers(folder))), encoding="utf-8")
    return {locale: _mail(folder, dump, locale) for locale in NAMES}


def _papers(folder: Path) -> Iterator[dict[str, Any]]:
    """The papers of the sample dumps, with more facts than these print."""
    app = _app(folder, "samples", "en")
    app.ingest([ROOT / "dumps"])
    facts = zip(
        *(cycle(AUTHORS), cycle(LABS), cycle((3, 47, None, 18, 112, None, 5))),
        *(range(101, 9999, 137), cycle((1, 1, 1, 2)), cycle(CODE)),
        strict=False,
    )
    for paper, (authors, lab, votes, number, version, code) in zip(
        app.export(), facts, strict=False
    ):
        name = paper["title"].split()[0].strip(":$\\").lower()
        values = (authors, lab, votes, f"2601.{number:05}", version, code and code.format(name))
        yield paper | dict(zip(FACTS, values, strict=True)) | {"author_count": None}
    app.close()


def _mail(folder: Path, dump: Path, locale: str) -> Path:
    app = _app(folder, locale, locale)
    app.ingest([dump])
    edition = app.preview(app.today)
    app.close()
    if edition is None:
        sys.exit("the sample dumps make no edition")
    page = folder / f"{locale}.html"
    page.write_text(edition.html, encoding="utf-8")
    return page


def _app(folder: Path, store: str, locale: str, templates: Path | None = None) -> App:
    settings = Settings(
        templates=templates,
        name=NAMES[locale],
        sender="papers@fen.example",
        public_url="https://papers.fen.example",
        locale=locale,
        database=f"sqlite:///{folder}/{store}.db",
        ranking={"cards": 12, "lines": 14},
    )
    return App(settings, clock=lambda: MORNING)


def _photograph(browser: Browser, page: Path, picture: Path, width: int, scheme: Any) -> None:
    tab = browser.new_page(
        viewport={"width": width, "height": HEIGHT},
        color_scheme=scheme,
        java_script_enabled=False,
    )
    tab.goto(page.as_uri())
    picture.parent.mkdir(exist_ok=True)
    tab.screenshot(path=picture)
    tab.close()


def _photograph_studio(browser: Browser, folder: Path) -> None:
    """See the English mail in the studio, and again after a mistake in its template."""
    look = folder / "look"
    shutil.copytree(ROOT / "templates" / "email", look / "email")
    app = _app(folder, "en", "en", look)
    with socket.create_server(("127.0.0.1", 0)) as door:
        studio = Studio(app, lambda: app, folder / "digest.toml")
        Thread(target=run, args=(studio, door), daemon=True).start()
        tab = browser.new_page(viewport={"width": 1360, "height": HEIGHT})
        tab.goto(f"http://127.0.0.1:{door.getsockname()[1]}/")
        tab.wait_for_selector("#spam p:not(:has-text('Asking'))", timeout=60_000)
        tab.screenshot(path=IMAGES / "studio.png")
        tab.get_by_role("radio", name="Dark").check()
        tab.get_by_role("radio", name="Phone").check()
        tab.screenshot(path=IMAGES / "studio-phone-dark.png")
        blocks = look / "email" / "digest.html.j2"
        blocks.write_text(blocks.read_text("utf-8").replace("long_date", "lnog_date"), "utf-8")
        tab.wait_for_selector("#problem pre")
        tab.screenshot(path=IMAGES / "studio-mistake.png")
        tab.close()


if __name__ == "__main__":
    main()
