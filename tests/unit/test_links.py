import pytest

from digest.links import code_url


@pytest.mark.parametrize(
    ("abstract", "url"),
    [
        (
            "Our code is available at https://github.com/example/stirred.",
            "https://github.com/example/stirred",
        ),
        ("Code: http://stir.example/a_(b).", "http://stir.example/a_(b)"),
        ("(see https://example.github.io/stir/).", "https://example.github.io/stir/"),
        ("at https://x.github.io/{https://x.github.io/}.", "https://x.github.io/"),
        (r"at \url{https://gitlab.com/a/b}.", "https://gitlab.com/a/b"),
        ("[code](https://stir.example/c)", "https://stir.example/c"),
        (
            "Data at https://d.example, code at https://huggingface.co/a.",
            "https://huggingface.co/a",
        ),
        ("The code is fine. Our menu is at https://stir.example/menu", None),
        ("code at ftp://stir.example or javascript://github.com/x", None),
        ("code at https://github.com@evil.example/x", None),
        ("code at https:// and http://[::1", None),
        ("No link at all", None),
    ],
)
def test_the_first_link_to_code_or_project_is_found(abstract, url):
    assert code_url(abstract) == url
