"""Time the preview studio as its editor waits for it, in Chromium.

    python benchmarks/preview.py [--runs 10] [SHARED]

Editions of real dumps were published on two days; the draft of today is a day's 44 papers, or all
261 of two dumps. First page: from the command until the mail is on the screen of a running browser.
Saved: from writing a template until the mail shows it. Switched: from the click until the next
picture; of editions, to and fro between two that were shown before, and the first visit of one:
`beside` of the one beside a page that was looked at for two seconds, `at_once` of the next one
without a look, and `cold` of one that nobody has made ahead, as the page was loaded just now.
SHARED is the folder with the real dumps (default: `shared` beside the repository). Times are in
milliseconds, medians and worst; the last line is one JSON object.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import mails
from playwright.sync_api import Browser, Page, sync_playwright

EARLIER = ("2026-01-07", "2026-01-08")
BLOCKS = "look/email/digest.html.j2"
DRAFTS = {"day": (1,), "many": (1, 2)}
"""Which of the dumps, by their numbers, a draft is of; the others were published before."""

Times = dict[str, list[float]]

# Remembers when the first mail was painted, in ms since 1970.
FIRST = """
const look = () => {
  const mail = document.querySelector("iframe:not(.coming)")?.contentDocument;
  if (!mail?.querySelector("h1")) return requestAnimationFrame(look);
  requestAnimationFrame(() => (window.seen = performance.timeOrigin + performance.now()));
};
if (window === top) look();
"""

# Keeps the promise of when a heading is painted, in ms since 1970.
HEADED = """(words) => {
  const mail = () => document.querySelector("iframe:not(.coming)")?.contentDocument;
  const heads = () => [...(mail()?.querySelectorAll("h2") ?? [])];
  window.headed = new Promise((tell, fail) => {
    setTimeout(() => fail("no mail shows " + words), 30_000);
    const look = () => {
      if (!heads().some((head) => head.textContent.includes(words)))
        return requestAnimationFrame(look);
      requestAnimationFrame(() => tell(performance.timeOrigin + performance.now()));
    };
    look();
  });
  return true;
}"""

# Does what is asked, and tells after how many ms the next picture is there in which that is done.
TIMED = """async () => {
  const picture = () => new Promise(requestAnimationFrame);
  const frame = () => document.querySelector("iframe:not(.coming)");
  const pick = (value) => document.querySelector(`input[value=${value}]`).click();
  const shown = frame().src;
  const began = performance.now();
  ACT;
  do await picture(); while (!(DONE));
  await picture();
  return performance.now() - began;
}"""
PAPER = "getComputedStyle(frame().contentDocument.body).backgroundColor"
SWITCHES = {
    "width": (
        ("pick('phone')", "frame().clientWidth === 375"),
        ("pick('desktop')", "frame().clientWidth > 375"),
    ),
    "scheme": (
        ("pick('dark')", f"{PAPER} === 'rgb(25, 23, 20)'"),
        ("pick('light')", f"{PAPER} === 'rgb(255, 253, 248)'"),
    ),
    "edition": (
        ("document.getElementById('older').click()", "frame().src !== shown"),
        ("document.getElementById('newer').click()", "frame().src !== shown"),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the preview studio.")
    parser.add_argument("shared", nargs="?", type=Path, default=mails.SHARED)
    parser.add_argument("--runs", type=int, default=10)
    given = parser.parse_args()
    dumps = sorted((given.shared / "dumps").glob("*.txt"))
    chromium = shutil.which("chromium")
    if len(dumps) < 4 or not chromium:
        raise SystemExit("this needs the four real dumps and Chromium")
    figures: dict[str, float] = {"runs": given.runs}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scene, numbers in DRAFTS.items():
            with tempfile.TemporaryDirectory() as folder:
                home = Path(folder)
                prepare(home, (dumps[0], dumps[-1]), [dumps[n] for n in numbers])
                for what, times in measured(home, browser, given.runs).items():
                    figures[f"{scene}_{what}_ms"] = round(median(times))
                    figures[f"{scene}_{what}_worst_ms"] = round(max(times))
        browser.close()
    print(json.dumps(figures))


def prepare(home: Path, published: Sequence[Path], waiting: Sequence[Path]) -> None:
    (home / "digest.toml").write_text('templates = "look"\n')
    shutil.copytree(mails.ROOT / "templates" / "email", home / "look" / "email")
    (home / "dumps").mkdir()
    for day, dump in zip(EARLIER, published, strict=True):
        run(home, "ingest", "--date", day, dump)
        run(home, "publish", "--date", day)
    run(home, "ingest", *waiting)


def measured(home: Path, browser: Browser, runs: int) -> Times:
    times: Times = {"first_page": [], "saved": [], **{f"{name}_switched": [] for name in SWITCHES}}
    times |= {"beside_visited": [], "at_once_visited": [], "cold_visited": []}
    for _ in range(max(runs // 2, 1)):
        tab = browser.new_page(viewport={"width": 1400, "height": 900})
        tab.add_init_script(FIRST)
        tab.goto("about:blank")  # the browser is there before the command
        began = time.time()
        with studio(home) as port:
            show(tab, port)
            times["first_page"].append(tab.evaluate("window.seen") - began * 1000)
            time.sleep(2)
            older = timed(*SWITCHES["edition"][0])
            times["beside_visited"].append(tab.evaluate(older))
            times["at_once_visited"].append(tab.evaluate(older))
            show(tab, port)
            times["cold_visited"].append(tab.evaluate(older))
        tab.close()
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    with studio(home) as port:
        show(tab, port)
        tab.wait_for_selector("#spam p:not(:has-text('Asking'))", timeout=60_000)
        for n in range(runs):
            times["saved"].append(saved(tab, home / BLOCKS, f"Edition of the try {n}"))
            time.sleep(0.5)  # an editor looks at it
        for name, pair in SWITCHES.items():
            for n in range(2 * runs):
                times[f"{name}_switched"].append(tab.evaluate(timed(*pair[n % 2])))
                time.sleep(0.3)
    tab.close()
    return times


@contextmanager
def studio(home: Path) -> Iterator[int]:
    """Serve the studio of a folder on a port of its own."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "preview", "--serve", "--no-open", "--port", str(port)],
        cwd=home,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def show(tab: Page, port: int) -> None:
    """Load the page as soon as somebody listens, and wait until the mail is seen."""
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.005)
    tab.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    tab.frame_locator("iframe:not(.coming)").locator("h1").wait_for()


def timed(act: str, done: str) -> str:
    return TIMED.replace("ACT", act).replace("DONE", done)


def saved(tab: Page, file: Path, words: str) -> float:
    """How long it takes until what is written into a template stands on the screen."""
    lines = file.read_text().split("\n")
    at = next(n for n, line in enumerate(lines) if "<h2 class" in line)
    opening, _, _ = lines[at].partition(">")
    text = "\n".join([*lines[:at], f"{opening}>{words}</h2>", *lines[at + 1 :]])
    tab.evaluate(HEADED, words)
    began = time.time()
    file.write_text(text)
    return float(tab.evaluate("window.headed")) - began * 1000


def run(home: Path, *arguments: object) -> None:
    call = [sys.executable, "-m", "digest", *map(str, arguments)]
    subprocess.run(call, cwd=home, env=environment(), check=True, stdout=subprocess.DEVNULL)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}


if __name__ == "__main__":
    main()
