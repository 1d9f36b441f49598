"""What tests of mail and archive show: an invented paper, and text that means harm."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from digest.look import Look
from digest.model import Card, Followed

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "templates"
HTML = "{http://www.w3.org/1999/xhtml}"

HOSTILE = (ROOT / "tests" / "hostile.txt").read_text(encoding="utf-8").splitlines()
ENDLESS = ["Donaudampfschifffahrt" * 12, "漢字" * 60]

LOOK = Look("R&D letter", "Ada <ada@lab.example>", "You asked for it.", "https://lab.example/a/")
HOME = replace(LOOK, public_url=None)

CARD = Card(
    ref="p0",
    title="Lanterns for Deep Water",
    lead="We light a trench & measure what looks back.",
    finding="Fish come 3x closer than to a dark probe.",
    authors=("Ines Mora", "Kofi Adu", "Li Na", "Per Berg", "Uma Rao"),
    author_count=5,
    organization="Tidal Institute",
    published=date(2026, 11, 18),
    upvotes=1,
    comments=12,
    url="https://papers.example/lanterns?a=1&b=2",
    code_url="https://code.example/lanterns",
    keywords=("deep water",),
    compact="We light a trench.",
    pdf_url="https://papers.example/lanterns.pdf",
)

NASTY_CARDS = tuple(
    replace(
        CARD,
        ref=f"n{n}",
        title=x,
        lead=x,
        finding=x,
        authors=(x, x),
        organization=x,
        follows=Followed("p1", x, date(2026, 11, 16)),
        compact=x,
        chosen_by=(x,),
    )
    for n, x in enumerate([*HOSTILE, *ENDLESS])
)
"""Every harmful or endless text in every place of a card."""
