import os
import subprocess
import sys
import time

import pytest

from digest.dedupe.fingerprint import HASH_BYTES, SKETCH, printing
from digest.printings import Printing

TITLE = "KiteFormer: How Anisotropic Paper Flies in a Gale over the Northern Harbour"
ABSTRACT = """
    We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in a
    gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our kites
    rise higher than those of silk, and fall later, in nine of ten winters. We also tell how the
    paper is glued, why cedar is lighter than amber, and what the sparrows thought of it. A table
    of all flights, with the weather of each day, is given to whoever asks for it.
"""


def shared(one: Printing, other: Printing) -> set[int]:
    return {*one.names, *one.marks} & {*other.names, *other.marks}


def test_a_printing_is_known_by_its_content_whatever_blanks_and_case():
    one = printing(TITLE, ABSTRACT, authors=["Ada Byron"])
    other = printing(TITLE.upper(), f" {ABSTRACT} ", authors=["Byron, Ada"])
    assert one.fingerprint.ref == other.fingerprint.ref
    assert one.fingerprint.key == other.fingerprint.key


def test_an_accent_in_an_abstract_makes_no_difference():
    """Without one, words are found by a shorter way."""
    odd = r"\emph{Copper}_lanterns: 2.5%, SO-CALLED \alpha-rays, and a caf"
    assert printing(TITLE, f"{ABSTRACT} {odd}e") == printing(TITLE, f"{ABSTRACT} {odd}é")


@pytest.mark.parametrize(
    "change",
    [
        {"title": f"{TITLE} 2"},
        {"abstract": ABSTRACT[:200]},
        {"arxiv_id": "2601.00001"},
        {"doi": "10.1/kite"},
        {"year": 2026},
        {"authors": ["Ada Byron"]},
    ],
)
def test_another_text_id_year_or_author_is_another_printing(change: dict[str, object]):
    known: dict[str, object] = {"title": TITLE, "abstract": ABSTRACT}
    assert (
        printing(**known).fingerprint.ref  # type: ignore[arg-type]
        != printing(**{**known, **change}).fingerprint.ref  # type: ignore[arg-type]
    )


def test_the_names_are_those_of_the_title_and_of_each_id():
    one = printing(r"On $\alpha$-Kites", "", arxiv_id="2601.00001", doi="10.1/KITE")
    assert len(one.names) == 3
    assert one.names[0] in printing("On alpha-kites", ABSTRACT).names
    assert one.names[1] in printing("Ropes", "", arxiv_id="2601.00001").names
    assert one.names[2] in printing("Ropes", "", doi="10.1/kite").names
    assert not shared(one, printing("2601.00001", "10.1/kite"))


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (TITLE, ""),
        (f"Subscribe{TITLE}", ABSTRACT),
        (TITLE[:60], ""),
        (TITLE[:60], ABSTRACT[:200]),
        ("Why Sparrows Sing", ABSTRACT),
        ("Why Sparrows Sing", ABSTRACT[:300]),
        (TITLE.replace("Northern", "Nortehrn").replace("Gale", "Gael"), ""),
    ],
)
def test_a_damaged_printing_shares_a_key_with_the_whole_one(title: str, abstract: str):
    assert shared(printing(TITLE, ABSTRACT), printing(title, abstract))


def test_two_papers_on_one_subject_share_no_key():
    other = "Our method is better than the state of the art. We show that it works in practice."
    assert not shared(
        printing("Large Language Models for Data", other),
        printing("On Language Models", other[:40]),
    )


def test_a_sketch_is_short_whatever_the_length_of_the_text():
    words = " ".join(f"word{n} kite{n}" for n in range(20_000))
    for text in ("", "a", "a b c", ABSTRACT, words):
        found = printing(TITLE, text).fingerprint
        assert len(found.sketch) == HASH_BYTES * min(found.shingles, SKETCH)
        hashes = [found.sketch[i : i + HASH_BYTES] for i in range(0, len(found.sketch), HASH_BYTES)]
        assert hashes == sorted(hashes)


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        ("", ""),
        ("a", "a"),
        ("Kites", "a " * 5_000),
        ("kite " * 1_000, ABSTRACT),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 5_000))), "x" * 100_000),
        ("\\" * 5_000, "$" * 5_000),
        ("{" * 2_500 + "}" * 2_500, "+" * 5_000),
    ],
)
def test_odd_texts_take_no_time_and_few_keys(title: str, abstract: str):
    began = time.process_time()
    found = printing(title, abstract)
    assert time.process_time() - began < 2
    assert len(found.names) + len(found.marks) < 30


def test_an_author_is_known_by_the_family_name_in_either_order():
    one = printing(TITLE, "", authors=["Byron, Ada", "Grace Moss"]).fingerprint
    other = printing(TITLE, "", authors=["G. Moss", "A. Byron"]).fingerprint
    assert one.authors == other.authors
    assert len(one.authors) == 2


def test_an_author_with_a_lost_letter_tells_nothing():
    assert printing(TITLE, "", authors=["J. M?ller", "", " "]).fingerprint.authors == ()


def test_a_fingerprint_is_the_same_in_every_process():
    code = (
        "from digest.dedupe.fingerprint import printing;"
        f"print(printing({TITLE!r}, {ABSTRACT!r}, authors=['Ada', 'Bo'], arxiv_id='2601.1'))"
    )
    seeds = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert seeds[0] == seeds[1] != b""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"On $\alpha$-Kites in the Wind", "On alpha-Kites in the Wind"),
        ("On Kites: A Study", "On Kites - A Study"),
        ("Kites3D for All", "Kites 3D for All"),
    ],
)
def test_all_that_is_compared_follows_from_the_ref(one: str, other: str):
    found = [printing(title, ABSTRACT) for title in (one, other)]
    assert found[0].fingerprint.key == found[1].fingerprint.key
    assert (found[0].fingerprint.ref == found[1].fingerprint.ref) == (found[0] == found[1])
