"""Sumy's own methods as Sumy has them, by their names in the settings.

Stop words are Sumy's. Its tokenizer needs a download, so ours is used.
"""

from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any

from digest.sumy_document import BestFirst, SumySummariser

_CLASSES = {
    "kl": "kl.KLSummarizer",
    "lexrank": "lex_rank.LexRankSummarizer",
    "lsa": "lsa.LsaSummarizer",
    "luhn": "luhn.LuhnSummarizer",
    "reduction": "reduction.ReductionSummarizer",
    "sumbasic": "sum_basic.SumBasicSummarizer",
    "textrank": "text_rank.TextRankSummarizer",
}


def _made(path: str) -> Any:
    from sumy.utils import get_stop_words

    module, _, name = path.rpartition(".")
    base = getattr(import_module(f"sumy.summarizers.{module}"), name)
    summariser = type(name, (BestFirst, base), {})()
    summariser.stop_words = get_stop_words("english")
    return summariser


STOCK = MappingProxyType(
    {name: SumySummariser(f"{name}-1", partial(_made, path)) for name, path in _CLASSES.items()}
)
