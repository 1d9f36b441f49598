from hypothesis import given
from hypothesis import strategies as st

from digest.folding import fold, unfold

MESSAGE = b"To: ada@lab.test\r\nSubject: Tides\r\n\r\nHello\r\nleave: 1\r\n"
LINES = st.lists(st.sampled_from(["", "a", "ü", ".", "\n", "\r", "leave: 1"]), max_size=6)


def test_only_the_lines_that_differ_are_kept_by_their_numbers():
    mail = MESSAGE.replace(b"ada", "jürgen".encode()).replace(b": 1", b": 2")
    assert fold(MESSAGE, mail) == {1: "To: jürgen@lab.test", 5: "leave: 2"}
    assert fold(MESSAGE, MESSAGE) == {}


def test_a_mail_of_other_lines_or_of_bytes_that_are_no_text_is_not_folded():
    assert fold(MESSAGE, MESSAGE + b"\r\n") is None
    assert fold(MESSAGE, MESSAGE.replace(b"ada", b"\xff")) is None


@given(LINES, LINES)
def test_what_is_folded_unfolds_to_the_same_bytes(theirs: list[str], ours: list[str]):
    message, mail = ("\r\n".join(each).encode() for each in (theirs, ours))
    lines = fold(message, mail)
    if lines is not None:
        assert unfold(message, lines) == mail
    else:
        assert message.count(b"\r\n") != mail.count(b"\r\n")
