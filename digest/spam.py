"""Edge: how much mails look like spam to SpamAssassin, where it is installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from digest.errors import ItemError

PROGRAM = "spamassassin"
PATIENCE = 20.0  # seconds
STATUS = re.compile(r"(?ms)^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?)\sautolearn=")


@dataclass(frozen=True, slots=True)
class Spam:
    """How much a mail looks like spam, and by which rules; 5 is spam."""

    score: float
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What SpamAssassin says of one mail; without a score, `why` it says nothing."""

    score: float | None = None
    rules: tuple[str, ...] = ()
    why: str | None = None


def judge(mail: bytes, seconds: float = PATIENCE) -> Judgement:
    """Ask it of one mail, whether it is there and answers or not."""
    try:
        found = spam([mail], seconds)
    except ItemError as error:
        return Judgement(why=str(error))
    if found is None:
        return Judgement(why="SpamAssassin is not installed (on Debian: apt install spamassassin)")
    return Judgement(found[0].score, found[0].rules)


def spam(mails: Sequence[bytes], seconds: float) -> list[Spam] | None:
    """Ask its local rules, in one process and without anybody's settings; None where it is not.

    Nothing is asked of the network. ItemError where it fails or takes longer.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    found = STATUS.findall(_said(program, mails, seconds))
    if len(found) != len(mails):
        raise ItemError(f"SpamAssassin has judged {len(found)} of {len(mails)} mails")
    return [Spam(float(score), _rules(rules)) for score, rules in found]


def _rules(listed: str) -> tuple[str, ...]:
    """The names in the list, which says "none" where there are none."""
    return tuple(name for name in re.findall(r"\w+", listed) if name != "none")


def _said(program: str, mails: Sequence[bytes], seconds: float) -> str:
    with TemporaryDirectory() as home:
        files = []
        for n, mail in enumerate(mails):
            file = Path(home, f"{n:04}.eml")
            file.write_bytes(mail)
            files.append(str(file))
        call = [program, "--local", "--test-mode", "--nocreate-prefs", "--cf=use_bayes 0", *files]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "LANG": "C"}
        try:
            ran = subprocess.run(  # noqa: S603 - no shell reads it, and the names are ours
                call, env=environment, capture_output=True, timeout=seconds, check=True
            )
        except subprocess.TimeoutExpired:
            raise ItemError(f"SpamAssassin did not answer within {seconds:g} seconds") from None
        except subprocess.CalledProcessError as error:
            raise ItemError(f"SpamAssassin ended with {error.returncode}") from error
        except OSError as error:
            raise ItemError(f"SpamAssassin cannot be called: {error.strerror}") from error
    return ran.stdout.decode("latin-1")
