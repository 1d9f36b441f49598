import pytest

from digest.ids import arxiv_id, doi


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2509.09677", ("2509.09677", None)),
        ("http://arxiv.org/abs/2509.09677v3", ("2509.09677", 3)),
        ("https://arxiv.org/pdf/0704.0001v1.pdf", ("0704.0001", 1)),
        ("oai:arXiv.org:2508.13167v2", ("2508.13167", 2)),
        ("arXiv:hep-th/9901001v2 [hep-th]", ("hep-th/9901001", 2)),
        ("http://arxiv.org/abs/math.GT/0309136", ("math.GT/0309136", None)),
        ("https://huggingface.co/papers/2606.00683#community", ("2606.00683", None)),
        ("see arXiv:2101.00001, page 3", ("2101.00001", None)),
        ("{2101.00001v2}", ("2101.00001", 2)),
        ("10.48550/arXiv.2105.01234", ("2105.01234", None)),
        ("10.48550/arxiv.2105.01234", ("2105.01234", None)),
    ],
)
def test_an_arxiv_id_is_found_with_its_version(text, expected):
    assert arxiv_id(text) == expected


@pytest.mark.parametrize(
    "text", ["", "12345.678", "10.1101/2020.01.01.900000", "a gain of 1234.5678 points"]
)
def test_what_is_no_arxiv_id_is_none(text):
    assert arxiv_id(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1101/2020.01.01.900000", "10.1101/2020.01.01.900000"),
        ("https://doi.org/10.1038/S41586-020-2649-2.", "10.1038/s41586-020-2649-2"),
        ("doi:10.1016/s0140-6736(20)30183-5", "10.1016/s0140-6736(20)30183-5"),
        ("(see 10.1000/182)", "10.1000/182"),
        ("https://doi.org/10.48550%2FarXiv.2301.00001", "10.48550/arxiv.2301.00001"),
        ("nothing", None),
    ],
)
def test_a_doi_is_found_in_small_letters(text, expected):
    assert doi(text) == expected
