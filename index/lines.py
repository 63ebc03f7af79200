"""What can be told of one line of text by looking at it: is it a sentence, a heading, a label with a value?

The readers use these features to find structure where a file has none, the cleaner to tell prose from site furniture.
They know Latin script best; Chinese and Japanese are counted by character and never taken for headings.
"""

import re

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_](?:[^\W_\u3040-\u30ff\u3400-\u9fff]|['’.-](?=[^\W_]))*"
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*$")
_LABELLED = re.compile(r"(?P<label>[^:：\n]{1,40})[:：]\s*(?P<value>\S.*)", re.DOTALL)
_SMALL = frozenset(
    "a an and as at but by for from how in into is it its nor of off on onto or over per so than that the their to "
    "under up via vs was are when where who why with your you we our not no be do does can may must what which if "
    "between during after before without within among about against amid".split()
)
# Words that make a clause finite. Unambiguous ones only: "plans" or "needs" may be a noun in a heading.
_FINITE = re.compile(
    r"\b(is|are|was|were|am|be|been|has|have|had|will|would|can|could|may|might|must|shall|should|does|do|did|cannot|"
    r"says?|said|isn['’]t|aren['’]t|won['’]t|don['’]t|doesn['’]t|can['’]t|applies|apply|costs?|requires?|begins?|"
    r"starts?|ends?|expires?|remains?|takes?|gets?|becomes?|includes?|allows?|lasts?)\b",
    re.IGNORECASE,
)
_PROSE_WORDS = 12
_LONGEST_END = 12
_ENOUGH_CHARACTERS = 600  # to count twenty words in
_LONGEST_HEADING = 110
_ENDLESS_WORDS = 20


def words(text: str) -> list[str]:
    """The words of `text`; each Chinese or Japanese character counts as one."""
    return _WORD.findall(text)


def ends_sentence(text: str) -> bool:
    """Whether the last mark of `text` closes a sentence (a closing quote or bracket may follow it)."""
    return _SENTENCE_END.search(text.rstrip()[-_LONGEST_END:]) is not None


def is_prose(text: str) -> bool:
    """Whether `text` is surely running text: a sentence of a dozen words or more, or twenty words of anything."""
    beginning = text[:_ENOUGH_CHARACTERS]
    count = len(words(beginning)) - len(_CJK.findall(beginning)) // 2
    return count >= _ENDLESS_WORDS or (count >= _PROSE_WORDS and ends_sentence(text))


def has_finite_verb(text: str) -> bool:
    """Whether `text` holds a verb form that makes a statement ("is", "must", "requires")."""
    return _FINITE.search(text) is not None


def is_labelled(text: str) -> bool:
    """Whether `text` is a label with its value ("Fee: 20 pounds"), which is a fact and no heading."""
    match = _LABELLED.fullmatch(text)
    if match is None:
        return False
    label, value = words(match["label"]), words(match["value"])
    return not (len(value) >= 5 and len(label) + len(value) >= 8 and is_title_case(text))


def is_upper_case(text: str) -> bool:
    """Whether a short `text` is in capitals, with enough of them to mean it."""
    if len(text) > _LONGEST_HEADING or text.upper() != text:
        return False
    return sum(char.isupper() for char in text) >= 4


def is_title_case(text: str) -> bool:
    """Whether `text` is written Like a Headline: every word but the small ones begins with a capital."""
    tokens = words(text)
    if len(tokens) < 2 or not (tokens[0][0].isupper() or tokens[0][0].isdigit()):
        return False
    content = [token for token in tokens if token.lower() not in _SMALL]
    lower = sum(token[0].islower() for token in content)
    capitals = sum(token[0].isupper() for token in content)
    return capitals >= 1 and lower <= (1 if len(content) >= 6 else 0)


def is_name_like(text: str) -> bool:
    """Whether `text` could be a name or a label: up to five capitalised words, no figures, no sentence."""
    tokens = words(text)
    if not tokens or len(tokens) > 5 or any(char.isdigit() for char in text) or re.search(r"[:;?!]|\.$", text):
        return False
    return all(
        token[0].isupper() or token.lower() in {"of", "the", "and", "de", "van", "von", "bin", "al"} for token in tokens
    )


def heading_like(text: str) -> bool:
    """Whether `text` alone could be a heading: short, in capitals or written Like a Headline, no sentence, no fact."""
    if len(text) > _LONGEST_HEADING or len(words(text)) > 16 or is_labelled(text):
        return False
    if re.search(r"[.,;:!…]$", text):
        return False
    return is_upper_case(text) or is_title_case(text)


def plain_heading_like(text: str) -> bool:
    """Whether `text` could be a heading in sentence case ("Who can apply"): only to be trusted where its place agrees."""
    if (
        len(text) > _LONGEST_HEADING
        or not 1 <= len(words(text)) <= 8
        or is_labelled(text)
        or not text[0].isupper()
        or _CJK.search(text)
    ):
        return False
    if text.endswith("?"):
        return True
    return not re.search(r"[.,;:!…\"”')]$|\d", text) and not has_finite_verb(
        re.sub(r"^(Who|What|When|Where|How|Why)\b.*", "", text)
    )
