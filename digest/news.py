"""What a sentence says beyond the title of its paper."""

from collections.abc import Collection

from digest.salience import COMMON, stem
from digest.text import listed, words

_EMPTY = COMMON | listed(
    "novel simple effective efficient framework algorithm technique model system task problem",
    "network learning training neural deep called name named term dub dubbed introduce",
    "introduced develop design designed address challenge solve improve better performance",
    "general various different several many existing first study explore investigate analyze",
    "paper article dataset benchmark strategy solution architecture apply through end based",
    "our enhance enhancing improving solving ability capability boost llm large language universal",
    "pipeline module examine constraint limitation universal practical comprehensive perspective",
    "view lens offer refer insight powerful robust flexible give provide obtain consider setting",
    "case extent focus aim understand make take improved analysis motivate promising class viable",
    "alternative suitable unified generalizable dedicated scalable realistic reproducible",
    "principled lightweight potential high quality specifically tailored advance enable",
    "significantly advanced state termed family systematic systematically specialized real world",
    "yet fully paradigm driven aware complex specific explicitly fundamentally particularly suited",
    "make leverage mechanism bridge gap ensure perform effectively efficiently adaptation",
)
_ROOT = 6
"""Letters by which words of one root are alike: detecting and detection."""

LITTLE = {0: "says no more than the title", 1: "says hardly more than the title"}

_SCARCITY = (1.9, 1.2, 0.5, 0.2)


def news(text: str, title: Collection[str]) -> int:
    """How many words a sentence has beyond the title and what every paper says of itself."""
    stems = {stem(word) for word in words(text)}.difference(title, _EMPTY)
    roots = {word[:_ROOT] for word in title}
    return len({word[:_ROOT] for word in stems} - roots)


def scarcity(count: int) -> float:
    """What it takes from a rating to have few words of news."""
    return _SCARCITY[count] if count < len(_SCARCITY) else 0.0
