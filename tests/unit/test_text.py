import pytest

from digest.text import (
    clean,
    fold,
    headline,
    is_english,
    opened,
    plain,
    searchable,
    sentences,
    small_words,
    title_key,
    words,
)


def _split(text):
    return [text[start:end] for start, end in sentences(text)]


def test_white_space_of_any_kind_folds_to_one_blank():
    assert fold(" a\t\n b\u00a0\u2003c ") == "a b c"


@pytest.mark.parametrize(
    "printed", [" a  b ", "a b ", "a\n b", "a\u200b b\x85", "a\0b", "\ta\u2000b"]
)
def test_what_no_reader_sees_is_gone_and_blanks_are_single(printed):
    assert plain(printed) == "a b"


@pytest.mark.parametrize(
    ("printed", "clear"),
    [
        (r"in $O(n^2)$ time", "in O(n²) time"),
        (r"an \alpha of $\varepsilon$", "an α of ε"),
        (r"T\"ULU by G\"odel, Fr\'echet and Erd\H{o}s", "TÜLU by Gödel, Fréchet and Erdős"),
        (r"na\"{\i}ve \c{c}a {\o}re", "naïve ça øre"),
        (r"\textbf{bold} and \emph{soft} in {\em Rome}", "bold and soft in Rome"),
        (r"$\mathcal{O}(n \log n)$ over $\mathbb{R}^d$", "O(n log n) over Rᵈ"),
        (r"$\frac{1}{T}$, $\frac{a+b}{2}$ and $\sqrt{n}$", "1/T, (a+b)/2 and √n"),
        (r"W_{2}, $x_{min}$, $G_{stack}$ and $T^{1/3}$", "W₂, xₘᵢₙ, G_stack and T^(1/3)"),
        (r"CO$_2$ at 30$^\circ$C, 5$\times$10$^{-3}$ $\mu$m", "CO₂ at 30°C, 5×10⁻³ μm"),
        ("The cost is $5 and CO$_2$ falls", "The cost is $5 and CO₂ falls"),
        (
            "At $30 a ton, CO$_2$ and, at $4/kg of soup, O$_3$",
            "At $30 a ton, CO₂ and, at $4/kg of soup, O₃",
        ),
        (r"$5 < x < 10$, $10 \text{ pots}$, $3 + n$", "5 < x < 10, 10 pots, 3 + n"),
        (r"the set $\{0,1\}^n$ and $\tilde{O}(n)$", "the set {0,1}ⁿ and Õ(n)"),
        (r"100\% of $p<0.05$, \& $\sim$5 more", "100% of p<0.05, & ~5 more"),
        (r"as shown~\cite{a,b} in Fig.~3 (e.g.~here)", "as shown in Fig. 3 (e.g. here)"),
        ("It is so. % We stir it. 5 % more", "It is so. We stir it. 5 % more"),
        ("``quoted'' and `single' --- or -- so, 3--6%", "“quoted” and ‘single’ — or – so, 3–6%"),
    ],
)
def test_latex_reads_as_text(printed, clear):
    assert clean(printed) == clear


@pytest.mark.parametrize(
    ("printed", "clear"),
    [
        ("reach sim99% of it, sim!2times faster", "reach ~99% of it, ~2× faster"),
        ("8times smaller, a 4times4 grid, 512times 512", "8× smaller, a 4×4 grid, 512×512"),
        ("several partsx2013such as this", "several parts–such as this"),
        ("Scaling scriptsizeFLaws in textttABC", "Scaling FLaws in ABC"),
        ("a textbf{bold} vector emph{b} in mathcal{O}(n)", "a bold vector b in O(n)"),
        ("infty-Diff is epsilon-greedy", "∞-Diff is ε-greedy"),
        ("rate O(1{T}) and Oleft(K^{3{4}} right)", "rate O(1/T) and O(K^(3/4))"),
        ("from O(epsilon^{-4}delta^{-1}) steps", "from O(ε⁻⁴δ⁻¹) steps"),
        ("for kleq n the varepsilond bound, lambda_1=0", "for k ≤ n the εd bound, λ₁=0"),
        ("from 37.3 rightarrow 23.8 in eta/lambda", "from 37.3 → 23.8 in η/λ"),
    ],
)
def test_a_lost_backslash_is_made_good(printed, clear):
    assert clean(printed) == clear


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10, or US$6M (vs. $7M).",
        "R&D at AT&T: <5% where a < b and c > d",
        r"Open C:\temp\new first",
        "sometimes three times as bright (top right), left behind at 3 pm",
        "lambda functions, the beta version, gamma rays and DeltaNet",
        "Phi-3 has meta_learning in __init__.py with --verbose and <think> tags",
        "matrix2013 and index2019 of [1], ~50% of 1M~60M",
        "GPU*hrs and a*b*c",
        "see https://example.org/a_b~c--d?x=1",
        "{{7*7}} and {{ user.name }} in {% raw %} {# not said #} of {{''.__class__}}",
    ],
)
def test_what_only_looks_like_markup_survives(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("printed", "clear"),
    [
        ("{{BERT}: Deep} {{Nets}}", "BERT: Deep Nets"),
        ("x^{{(t)}} of {{U.S.}} law, 50{%} of {% it", "x⁽ᵗ⁾ of U.S. law, 50% of {% it"),
    ],
)
def test_braces_within_braces_are_no_template(printed, clear):
    assert clean(printed) == clear


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("<i>Tides</i>", "Tides"),
        ("<b></b>", "<b></b>"),
        ("<script>\u202ealert(1)</script>", "<script>alert(1)</script>"),
        ("{}", "{}"),
        ("\u200b", "Untitled"),
    ],
)
def test_a_headline_always_shows_something(printed, shown):
    assert headline(printed) == shown


def test_an_unknown_macro_keeps_its_name():
    assert clean(r"We use \mname{} and \benchname's data") == "We use mname and benchname's data"


def test_markdown_reads_as_text():
    printed = "**bold**, *soft*, `code` and [text](https://example.org/a_b)"
    assert clean(printed) == "bold, soft, code and text"


def test_html_reads_as_text():
    printed = "<p>H<sub>2</sub>O &amp; <b>x</b>&nbsp;&lt; 5<br/>so</p><script>alert(1)</script>"
    assert clean(printed) == "H₂O & x < 5 so"


def test_links_are_left_as_they_are_and_stand_once():
    printed = r"at \url{https://a.example/x_y} and https://b.example/z--w{https://b.example/z--w}."
    assert clean(printed) == "at https://a.example/x_y and https://b.example/z--w."


def test_what_no_reader_sees_is_gone():
    printed = "a\u202eb\u2066c\u200bd\ufeff\ue000\ud800e\u2028f\x00g\x85h"
    assert clean(printed) == "abcde f g h"


def test_letters_and_their_accents_are_one_character():
    assert clean("Poincare\u0301") == "Poincaré"


def test_deep_nesting_ends_without_a_trace_of_markup():
    nested = "{" * 400 + "core" + "}" * 400
    assert clean(nested) == "core"
    assert clean("&" + "amp;" * 50 + "lt;b") == clean(clean("&" + "amp;" * 50 + "lt;b"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A Study of Things: Part 2", "a study of  things — part 2"),
        (r"$\alpha$-Mix", "alpha-Mix"),
        ("α-Mix", "alpha Mix"),
        (r"$\infty$-Mix", "infty-Mix"),
        (r"T\"URM for Caf\'es", "TURM for Cafes"),
        (r"$\mathcal{O}(n^2)$ Mixing", "mathcalO(n^2) Mixing"),
        (r"\texttt{Mix}er: \textbf{Bold}", "textttMixer: Bold"),
        (r"Scaling \scriptsize{F}Laws", "Scaling scriptsizeFLaws"),
        ("$W_{2}$ Mixing", "W_2 Mixing"),
        ("Mix$^{++}$", "Mix++"),
        (r"A $256\times256$ Mix", "A 256x256 Mix"),
        ("SubscribeThe Mix", "The Mix"),
        ("Łódź Mixing of Ærø", "Lodz mixing of Aero"),
    ],
)
def test_two_printings_of_a_title_have_one_key(one, other):
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mixer", "Mixer++"),
        ("Mixer", "Mixer+: more"),
        ("Mixer 2.5", "Mixer 25"),
        ("Mixing: Part 1", "Mixing: Part 2"),
        ("Mixer-9B", "Mixer-22B"),
        ("C++17 Mixing", "C17 Mixing"),
        ("混合模型", "混合方法"),
        ("हिन्दी", "हिन्दू"),
    ],
)
def test_different_titles_have_different_keys(one, other):
    assert title_key(one) != title_key(other)


def test_a_title_of_signs_only_is_its_own_key():
    assert title_key("???") == "???"
    assert title_key("<p>") == "<p>"


def test_words_keep_decimals_and_apostrophes_and_part_at_hyphens():
    text = "Qwen2.5 doesn't fine-tune C++ on 10,000 tokens."
    assert " ".join(words(text)) == "Qwen2.5 doesn't fine tune C++ on 10,000 tokens"


def test_words_are_the_same_beside_a_letter_that_is_not_ascii():
    text = "It's 3.14, 10,000 or 1,a; C++, x_y 'n' rock'n'roll, 5'4 a.b 7. 8+"
    assert words(f"{text} é") == [*words(text), "é"]


@pytest.mark.parametrize(
    "sentence",
    [
        "We follow Doe et al. (2020) and Roe et al. [3] here.",
        "The moss Bryum J.R. Roe and its kin J.-P. Doe found in Chile are listed.",
        "It beats others, e.g. Mixer and i.e. Blender, vs. Stirrer.",
        "See Fig. 3, Sec. 4 and Eq. 5 for a gain of 3.5 points.",
        "It (1) mixes, (2) stirs and (3) shakes.",
        "J. R. Doe mixes well.",
        "Bryum subg. Ladlia is described from a pond.",
        "Read https://example.org/a.Bc for more.",
        "Pots of the ladle-tree Cochlea Stirr. (Potaceae) from windy coasts are described.",
        "Die Suppe wird warm bzw. heiß, ggf. Auch kalt.",
        "Bent ladles, large spoons. and pots are mixed.",
        "Ladles of Chile (Cochlea undulata Stirr. comb. nov.) are described.",
        "Cochlea undulata nom. superfl. et nova is described.",
        "Ladles are listed by insbes. bent ones.",
        "Many things are stirred by spoons. e.g., bent ones.",
        "The spoons are listed in numpy.linalg and torch.",
        "Ladles of wood in Stirrer. mixed with bowls are described.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence):
    assert _split(f"{sentence} We mix.") == [sentence, "We mix."]


@pytest.mark.parametrize(
    "text",
    [
        "It is better.|We mix it.",
        "The cost is of order n.| We mix it.",
        "It stays below a threshold τ.| The spoon rests.",
        "Bowls, spoons, etc.| We mix it.",
        "Does it mix?| It does!| So it is.",
        'He said "mix."| We mix it.',
        "The spoons are better.| gladle has many of them.",
        "The spoons are better.| https://example.org/spoons",
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(text):
    assert _split(text.replace("|", "")) == [part.strip() for part in text.split("|")]


@pytest.mark.parametrize(
    "none",
    [
        "urn:lsid:example.org:pub:12",
        " https://example.org/a. ",
        "urn:lsid:example.org:act:1A-2B - Registered by Doe, Jo H. on Dec 2 2021 4:42AM",
        "N/A.",
        "No abstract",
        "--",
    ],
)
def test_what_stands_for_an_abstract_has_no_sentences(none):
    assert sentences(none) == []
    assert sentences(f"See {none}")


def test_what_is_said_behind_an_address_is():
    assert _split("https://example.org/a holds the soups that we stir") != []


def test_no_text_has_no_sentences():
    assert sentences("") == sentences("  ") == []


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("we stir soup.", "We stir soup."),
        ("We stir.", "We stir."),
        ("iSoup is hot.", "iSoup is hot."),
        ("x-soup is hot.", "x-soup is hot."),
        ("3 soups.", "3 soups."),
        ("", ""),
    ],
)
def test_a_sentence_that_lost_its_lead_in_opens_with_a_large_letter(sentence, shown):
    assert opened(sentence) == shown


@pytest.mark.parametrize("text", ["我们搅拌汤。它很热。", "汤是热的！ 我们搅拌。"])
def test_sentences_of_scripts_without_blanks_end_at_their_own_full_stop(text):
    assert len(_split(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "We stir the soup with a spoon and we show that it is hot.",
        "Hot soup",
        "",
        "3D Soup Splatting (3DSS) enables real-time stirring, providing exceptional performance.",
        "Federated Stirring (FS) enables les chefs, La Mancha and El Toro, while stirring.",
        "Advertising soup plays key roles: bowls, ladles, spoons. Existing cooks incur costs.",
    ],
)
def test_english_needs_not_many_common_words(text):
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nous proposons une louche qui remue la soupe sans aucune cuillère.",
        "Wir rühren die Suppe mit einem Löffel und zeigen, dass sie nicht kalt wird.",
        "Proponemos una cuchara para remover la sopa con los dos brazos del robot.",
        "Propomos uma colher que mexe a sopa com os dois braços da máquina.",
        "Proponiamo un mestolo che mescola la zuppa con le braccia della macchina.",
        "汤是热的",
        "Мы мешаем суп ложкой",
    ],
)
def test_another_language_is_known_by_its_script_or_its_most_common_words(text):
    assert not is_english(text)


@pytest.mark.parametrize("text", ["A 3-D Map's State of C++", "Él Niño of 2.5 K", "ﬁne Straße"])
def test_small_words_are_those_that_are_searched(text):
    assert small_words(text) == searchable(text).split()
    assert small_words(text.upper()) == small_words(text)
