"""A town's news in a few sentences, and lexicons of sentences: what tests of reading a question share."""

from index import lexicon
from index.lexicon import Lexicon
from index.source import Sentence

TOWN = (
    "The town said the K class is new, and an R class is older.",
    "Boats with an H-1B licence pay the levy.",
    "The grant was announced by Ingrid Solheim in Bergen.",
    "Farmers in Bergen may apply for the Bridge Grant or the Bridge Loan.",
    "The scholarship covers tuition and accommodation.",
    "Students at Riverside College pay no tuition.",
)


def lexicon_of(*texts: str) -> Lexicon:
    """The lexicon of a corpus of these sentences."""
    return lexicon.build(Sentence(f"s{i}", "s", 0, len(text), text) for i, text in enumerate(texts))
