"""Time the rendering of editions, weigh their papers, and compare what the two compilers draw.

    python benchmarks/rendering.py [--selections 500] [SHARED]

An edition is rendered when HTML and text are encoded and ready to be sent. SHARED is the folder
with the real dumps (default: `shared` beside the repository); the samples take their place where
there are none. Times are of the processor, on one core. MJML's official compiler is asked where
`npm ci --prefix benchmarks` was run: it gets the whole page as one document. The last line is one
JSON object.
"""

import argparse
import base64
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import mails
from playwright.sync_api import Browser, sync_playwright

from digest.app import App
from digest.filling import fill, style
from digest.look import arxiv_search, web
from digest.mime import freeze
from digest.model import Edition
from digest.pipeline.draft import Choice, Press, choose, draft
from digest.render import FRAME, MARKS, compiler, render
from digest.settings import RankingSettings, Settings

HERE = Path(__file__).parent
PAPERS = 50
RUNS = 30
WIDTHS = (320, 600)
SCHEMES = ("light", "dark")
EDITIONS = 10_000
URL = "https://news.example.org"

# How many pixels of two pictures are not the same, and how many there are.
COMPARE = """async (pictures) => {
  const pixels = await Promise.all(pictures.map(async (picture) => {
    const answer = await fetch(`data:image/png;base64,${picture}`);
    const image = await createImageBitmap(await answer.blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const data = canvas.getImageData(0, 0, image.width, image.height).data;
    return new Uint32Array(data.buffer);
  }));
  const [one, other] = pixels;
  const most = Math.max(one.length, other.length);
  let different = 0;
  for (let n = 0; n < most; n += 1) different += one[n] !== other[n];
  return [different, most];
}"""

Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the rendering of editions.")
    parser.add_argument("shared", nargs="?", type=Path, default=mails.SHARED)
    parser.add_argument("--selections", type=int, default=500)
    given = parser.parse_args()
    print(json.dumps(figures(given.shared, given.selections)))


def figures(shared: Path, selections: int) -> Figures:
    dumps = mails.real(shared) or mails.samples()
    with tempfile.TemporaryDirectory() as folder:
        weights = {name: bytes_per_paper(Path(folder), name, dump) for name, dump in dumps.items()}
        app = app_of(Path(folder) / "all", dumps)
        press = app.presses[0]
        choice = choose(app.store, press, app.today)
        chosen = {
            "bytes_per_paper": weights,
            **speed(app, press, choice),
            **selected(app, press, choice, selections),
            **pictures(edition_of(app, press, choice, PAPERS), press),
        }
        app.close()
    return chosen


def app_of(folder: Path, dumps: Mapping[str, bytes]) -> App:
    """The program with these dumps read; all papers have cards."""
    folder.mkdir()
    for name, content in dumps.items():
        (folder / name).write_bytes(content)
    settings = Settings(public_url=URL, ranking=RankingSettings(cards=PAPERS), secret="low tide")
    app = App(settings.model_copy(update={"dumps": folder}).under(folder), mails.Clock())
    app.ingest([folder])
    return app


def edition_of(app: App, press: Press, choice: Choice, papers: int) -> Edition:
    made = draft(app.store, press, replace(choice, papers=choice.papers[:papers]))
    if made is None:
        raise SystemExit("the dumps have no papers")
    return made.edition


def bytes_per_paper(folder: Path, name: str, dump: bytes) -> float:
    """HTML that each paper adds to a mail with the first one; all have cards."""
    app = app_of(folder / name, {name: dump})
    press = app.presses[0]
    choice = choose(app.store, press, app.today)
    one, many = (
        render(edition, press.look, press.templates, press.mjml, limit=1_000_000)
        for edition in (edition_of(app, press, choice, papers) for papers in (1, PAPERS))
    )
    app.close()
    more = len(many.html.encode()) - len(one.html.encode())
    return round(more / (len(many.shown) - 1), 1)


# --- time -----------------------------------------------------------------------------------------


def ready(edition: Edition, press: Press, engine: str) -> None:
    """Make all that is sent: what is left is to put a reader's links into it."""
    message = render(edition, press.look, press.templates, compiler(engine))
    freeze(message, edition.name, mails.MORNING, press.letterhead)


def milliseconds(work: Callable[[], object]) -> float:
    """The median of runs, none of which finds a link that a run before has worked out."""
    work()
    taken = []
    for _ in range(RUNS):
        web.cache_clear()
        arxiv_search.cache_clear()
        before = process_time()
        work()
        taken.append(process_time() - before)
    return round(statistics.median(taken) * 1000, 2)


def speed(app: App, press: Press, choice: Choice) -> Figures:
    edition = edition_of(app, press, choice, PAPERS)
    engines = [name for name in ("mrml", "mjml") if find_spec(name)]
    times = {f"{name}_ms": milliseconds(partial(ready, edition, press, name)) for name in engines}
    official = npm_milliseconds(whole_page(edition, press))
    fastest = min(times.values())
    return {
        "papers": len(edition.cards),
        **times,
        "first_mjml_ms": first_milliseconds("mjml", press),
        "npm_mjml_ms": official,
        "npm_ratio": official and round(official / fastest, 1),
    }


def first_milliseconds(engine: str, press: Press) -> float:
    """What the first edition of a look takes more: the frame is compiled then."""
    source = fill(press.templates, FRAME, press.look.locale, **frame(press))
    compile_, before = compiler(engine), process_time()
    compile_(source)
    return round((process_time() - before) * 1000, 2)


def frame(press: Press) -> Figures:
    return {"look": press.look, "style": style(press.templates), "block": MARKS}


def whole_page(edition: Edition, press: Press) -> str:
    """One MJML document of the edition, as a template without blocks would give it."""
    page = render(edition, press.look, press.templates, press.mjml).html
    rows = page[page.index("<tr><td align") : page.rindex("</tbody></table></div>")]
    texts = re.sub(r"<tr><td[^>]*>", "<mj-text>", rows).replace("</td></tr>", "</mj-text>")
    source = fill(press.templates, FRAME, press.look.locale, **frame(press))
    return source.replace(f"<mj-raw>{MARKS['rows']}</mj-raw>", texts)


def npm_milliseconds(source: str) -> float | None:
    if not (HERE / "node_modules" / "mjml").exists():
        print("npm's mjml is not here: npm ci --prefix benchmarks", file=sys.stderr)
        return None
    call = ["node", str(HERE / "mjml_speed.mjs")]
    ended = subprocess.run(call, input=source, capture_output=True, text=True, check=True)
    return round(float(ended.stdout), 2)


def selected(app: App, press: Press, choice: Choice, number: int) -> Figures:
    """Render different papers of one day; the time is that of 10,000 such editions."""
    chance = random.Random(7)
    size = min(PAPERS, len(choice.papers))
    whole, rendered = 0.0, 0.0
    for _ in range(number):
        some = tuple(chance.sample(choice.papers, size))
        before = process_time()
        made = draft(app.store, press, replace(choice, papers=some))
        whole += process_time() - before
        if made is None:
            raise SystemExit("the dumps have no papers")
        before = process_time()
        ready(made.edition, press, "auto")
        rendered += process_time() - before
    return {
        "selections": number,
        f"rendering_{EDITIONS}_s": round(rendered / number * EDITIONS, 1),
        f"composing_and_rendering_{EDITIONS}_s": round(whole / number * EDITIONS, 1),
    }


# --- pictures -------------------------------------------------------------------------------------


def pictures(edition: Edition, press: Press) -> Figures:
    """How much of a picture is not the same with both compilers, at the most."""
    chromium = shutil.which("chromium")
    if chromium is None or not find_spec("mrml"):
        print("no pictures are compared: Chromium or mrml is not here", file=sys.stderr)
        return {}
    pages = [
        render(edition, press.look, press.templates, compiler(name)).html
        for name in ("mrml", "mjml")
    ]
    shares = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width in WIDTHS:
            for scheme in SCHEMES:
                shots = [picture(browser, page, width, scheme) for page in pages]
                different, pixels = compared(browser, shots)
                shares.append(different / pixels * 100)
        browser.close()
    return {"pictures": len(shares), "different_pixels_percent": round(max(shares), 4)}


def picture(browser: Browser, page: str, width: int, scheme: Any) -> str:
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    tab.set_content(page)
    shot = base64.b64encode(tab.screenshot(full_page=True)).decode()
    tab.close()
    return shot


def compared(browser: Browser, shots: list[str]) -> tuple[int, int]:
    tab = browser.new_page()
    different, pixels = tab.evaluate(COMPARE, shots)
    tab.close()
    return different, pixels


if __name__ == "__main__":
    main()
