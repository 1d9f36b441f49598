#!/usr/bin/env python3
"""Photograph the mail that the three sample dumps make: docs/images/mail.png, the same each time.

Needs what `make test` installs, and Chromium.
"""

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from digest.app import App
from digest.settings import Settings

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "mail.png"
WIDTH, HEIGHT = 600, 900
MORNING = datetime(2026, 1, 6, 7, 0, tzinfo=UTC)


def main() -> None:
    with TemporaryDirectory() as folder:
        page = Path(folder, "mail.html")
        page.write_text(_mail(Path(folder)), encoding="utf-8")
        _photograph(page)


def _mail(folder: Path) -> str:
    """Return the HTML of the edition, made in a store of its own."""
    settings = Settings(dumps=ROOT / "dumps", database=f"sqlite:///{folder}/digest.db")
    app = App(settings, clock=lambda: MORNING)
    app.ingest()
    edition = app.preview(app.today)
    app.store.close()
    if edition is None:
        sys.exit("the sample dumps make no edition")
    return edition.html


def _photograph(page: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit("Chromium is not installed")
    # Chromium's sandbox refuses to work for root, as whom containers run.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        tab = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            java_script_enabled=False,
        )
        tab.goto(page.as_uri())
        PICTURE.parent.mkdir(exist_ok=True)
        tab.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
