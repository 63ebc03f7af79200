"""The parts of a question, without greetings, politeness and orders to the assistant.

English grammar only. Making a part stand alone is the work of `follow_up.py`.
"""

import re

from assistant.asking import AUX, WH, noun_kind
from index.terms import content, terms

_ORDER = (
    r"(?:please\s+|now\s+|just\s+|so\s+|then\s+|and\s+|but\s+)*(?:ignore|disregard|forget|override|bypass|pretend|act\s+as|act\s+like|"
    r"role-?play|you\s+are\s+(?:now|an?|free)|you[’']re\s+(?:now|an?)|imagine|guess|make\s+(?:it|one|something|up|an?\s+\w+\s+guess)|"
    r"invent|estimate|speculate|state\s+that|claim\s+that|declare|don[’']t\s+(?:cite|refuse|say|worry|hedge|tell)|do\s+not\s+(?:cite|refuse|say|hedge|tell)|stop\s+(?:citing|refusing)|"
    r"answer\s+(?:only|with|in|yes|no|as|me|without|anyway|directly|freely)|respond|reply|repeat|print|output|be\s+creative|assume\s+(?:you|that\s+you)|"
    r"system\s*:|new\s+instructions?|trust\s+me|i\s+know\s+you|i\s+am\s+(?:your|the)\s+(?:developer|admin|editor)|"
    r"(?:give|take|have)\s+(?:me\s+)?(?:your|a|an)\s+(?:best|rough|educated|wild|ballpark)?\s*(?:guess|estimate|ballpark|number|figure)|"
    r"(?:a\s+)?(?:rough|ballpark|approximate)\s+(?:guess|figure|number|estimate|idea)|your\s+best\s+guess|one\s+word|"
    r"(?:just\s+)?say\s+(?:yes|no|it|that)|tell\s+me\s+(?:a\s+number|anyway|something)|no\s+(?:citations?|sources?)|without\s+(?:citing|citations?|sources?))\b"
)
_ORDER_START = re.compile(rf"^\W*{_ORDER}", re.IGNORECASE)
_ORDER_BRIDGE = re.compile(
    r"^\W*(?:please\s+|now\s+)?(?:ignore|disregard|forget|override|bypass|pretend|act)\b[^.?!;:]*?(?:\band|\bthen|,|—|-)\s+(?:then\s+)?(?:just\s+)?"
    r"(?=(?:tell|give|say|guess|answer|state|invent|make|what|who|when|where|why|how|which|is|are|does|do|did|can|will)\b)",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^\W*(?:(?:(?:hi|hello|hey|ok|okay|thanks|thank\s+you|please|quick\s+question)\b[\s,.!:;-]*|(?:so|well|right|also|and|but|then|now|actually)\b\s*[,.!:;-]\s*))*"
    r"(?:(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:just\s+)?(?:tell|explain|say|confirm|clarify|give|show|let)(?:\s+(?:me|us))?(?:\s+know)?|"
    r"(?:please\s+)?(?:just\s+)?(?:tell|remind|inform|give|show)\s+(?:me|us)|do\s+you\s+(?:happen\s+to\s+)?know|does\s+anyone\s+know|(?:i|we)(?:\s+would|[’']d)?\s+(?:want|need|like|wish|love)\s+to\s+(?:know|ask|find\s+out|understand)|"
    r"i\s+(?:was\s+)?wonder(?:ing)?|i[’']m\s+(?:curious|wondering|asking|not\s+sure)|any\s+idea|guess|according\s+to\s+(?:the|your)\s+(?:sources|documents|articles|record|files)|"
    r"based\s+on\s+(?:the|your)\s+(?:sources|documents|articles))\b[\s,:]*(?:about|on|of)?[\s,:]*)*",
    re.IGNORECASE,
)


# A question inside a clause that begins with an order: "Trust me, what is the fare?"
_INSIDE = re.compile(rf"[,:;]\s+(?:so|and|but|then|now)?\s*(?={WH}\b|{AUX}\s)", re.IGNORECASE)


def asked(text: str) -> str:
    """A question without greetings, politeness and orders to the assistant. Unchanged where nothing else is left."""
    found = sentences(text.strip())
    if any("?" in sentence for sentence in found):
        text = "".join(s for s in found if "?" in s or not _ORDER_START.match(s)) or text
    text = _ORDER_BRIDGE.sub("", text.strip())
    kept: list[str] = []
    for piece in (piece for sentence in sentences(text) for piece in re.split(r"(?<=[;—])", sentence)):
        clauses = re.split(
            r",\s+(?=(?:just|please|guess|give|make|even|your|a\s+(?:rough|ballpark)|no\s+citations?|ignore|don[’']t|say|answer)\b)|,?\s+(?=(?:and|then|or)?\s*just\s+(?:guess|make|invent|say))",
            piece,
        )
        for clause in clauses:
            inner = _INSIDE.search(clause)
            if not _ORDER_START.match(clause):
                kept.append(clause)
            elif inner:
                kept.append(clause[inner.end() :])
    core = " ".join(part.strip() for part in kept if re.search(r"\w", part))
    core = _POLITE.sub("", core, count=1).strip(" ,;:—-") or _POLITE.sub("", text, count=1).strip()
    return core or text


# -------------------------------------------------------------------------------------------------------- sentences

_END = re.compile(r"[.?!]+[)”\"’']*\s+|\n\s*")
_TITLES = frozenset("prof gen gov sen rep rev hon capt etc approx inc".split())
_ASKS = re.compile(rf"\W*(?:(?:and|or|but|so|also|then|plus)\b|(?:{WH}|{AUX})\b)", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    """The sentences of a question, which together are the text. No abbreviation ends one, unless a question follows it.

    `index/split.py` cuts prose; people type questions without its capitals.
    """
    found, start = [], 0
    for match in _END.finditer(text):
        stop = match.group().strip() == "."
        if not (stop and _abbreviates(text[start : match.start()], text[match.end() :])):
            found.append(text[start : match.end()])
            start = match.end()
    return [*found, text[start:]] if text[start:] else found


def _abbreviates(before: str, after: str) -> bool:
    """Whether a full stop belongs to the word before it: "the U.S. zone", "Dr. Holm", "No. 5"."""
    word = re.split(r"[\s.(]", before)[-1]
    short = len(word) == 1 or not re.search(r"[aeiouy\d]", word, re.IGNORECASE) or word.lower() in _TITLES
    asks = after[:1].isupper() and re.match(rf"(?:{WH}|{AUX})\b", after, re.IGNORECASE)
    return (short and not asks) or after[:1].isdigit()


def setting(text: str) -> tuple[str, str]:
    """What is told before a question, and the question: "I live in Oslo. Can I apply?". Told is "" where nothing is.

    What is told after the question ("I am in a hurry.") is left out.
    """
    found = [sentence.strip() for sentence in sentences(text)]
    questions = [s for s in found if s.endswith("?") or _ASKS.match(s)]
    if len(questions) == len(found) or not any(s.endswith("?") for s in questions):
        return "", text
    return " ".join(found[: found.index(questions[0])]), " ".join(questions)


# ------------------------------------------------------------------------------------------------- parts of a question

_ASKED_WITH = rf"(?:(?:by|for|from|to|with|at|in|on|of|since|until|under)\s+)?{WH}(?:\s+(?:much|many|long|often|old|soon|far|come))?"
_SPLIT = re.compile(
    rf"\?+\s+(?=\S)|[,;]?\s+(?:and|or|but|plus|&)\s+(?:also\s+|then\s+|if\s+so,?\s+)?(?={_ASKED_WITH}\b)|"
    rf"[,;]?\s+(?:and|but|or)\s+(?={AUX}\s+(?:the|an?|it|they|he|she|there|this|that|these|those|its|their|any|you|i|we)\b)|"
    rf"[,;]?\s+(?:and|but|or)\s+(?=(?:do|does|did)\s+(?!not\b|so\b)\w)|"
    rf"[,;]\s+(?={WH}\s+(?:{AUX}|much|many|long|old)\b)",
    re.IGNORECASE,
)  # fmt: skip
# A question whose verb stands before its subject: another verb of that kind begins another question ("When does it open and
# are dogs admitted?"). "Which fees were raised and are now due?" is none, nor need "What is served and is free?" be.
_INVERTED = re.compile(
    rf"\W*(?:(?:and|but|so)\s+)?(?:{AUX}\b|(?:when|where|why|how(?:\s+(?:much|many|long|often|old|soon|far))?)\s+{AUX}\b|"
    rf"{_ASKED_WITH}\b.*?\b(?:do|does|did)\b)",
    re.IGNORECASE,
)
_SECOND = re.compile(
    rf"[,;]?\s+(?:and|but)\s+(?=(?:also\s+)?{AUX}\s+(?!(?:be|been|being|have|not|never|also|still|now|only|then|so|all|both)\b)[\w’'$-]+\s+\w)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\s(?:that|which|who|whose|where|when|if|whether|because|while)\b", re.IGNORECASE)
_BARE = re.compile(rf"\W*({_ASKED_WITH}(?:\s+not)?)(?:\s+exactly)?(?:\s+(?:is|was)\s+(?:that|this))?\W*", re.IGNORECASE)
_ASKING = re.compile(rf"\W*{AUX}\b|.*\b{WH}\b", re.IGNORECASE)
_WITH = re.compile(rf"^\W*{_ASKED_WITH}\s+", re.IGNORECASE)
_MANY_WITH = re.compile(
    rf"^({_ASKED_WITH}(?:,\s+{_ASKED_WITH})*),?\s+(?:and|or)\s+({_ASKED_WITH})\s+(\w.*)$", re.IGNORECASE
)
_NOUN = r"[\w’'-]+(?:\s+[\w’'-]+){0,3}?"
_TWO_NOUNS = re.compile(
    r"^(?P<ask>(?:what|which)\s+(?:is|are|was|were|will\s+be)|what[’']s|(?:and\s+)?(?:what|how)\s+about|and|(?=the\s))\s*(?P<both>the\s+)?"
    rf"(?P<a>{_NOUN}),?\s+and\s+(?P<the>the\s+)?(?P<b>{_NOUN})(?P<rest>(?:\s+(?:for|of|in|on|to|under)\b.*)?\W*)$",
    re.IGNORECASE,
)


def split(question: str) -> list[str]:
    """The parts of a question: "When does it start, and who pays?" is two."""
    question = re.sub(r"\s+", " ", question).strip()
    many = _MANY_WITH.match(question)
    if many:
        return [f"{word} {many[3]}" for word in (*re.split(r",\s+", many[1]), many[2])]
    nouns = _two_nouns(question)
    if nouns:
        return nouns
    parts = [part.strip(" ,;") for piece in _SPLIT.split(question) for part in _second(piece)]
    if len(parts) > 1 and question[len(parts[0]) :][:1] == "," and not _ASKING.match(parts[0]):
        # "After approval, how long does it take?", "She has a dog, what is the fee?"
        parts[:2] = [f"{parts[0]}, {parts[1]}"]
    whole: list[str] = []
    for part in parts:
        if not re.search(r"\w", part):
            continue
        if whole and bare(part):
            whole.append(again(part, whole[-1]))
        elif not whole or content(terms(part)) or _WITH.match(part):
            whole.append(part)
    return whole or [question]


def _second(part: str) -> list[str]:
    """A part, or two where another verb begins a second question. A clause within the first may have such a verb too."""
    match = _SECOND.search(part)
    if not match or not _INVERTED.match(part) or (match[0][0] != "," and _CLAUSE.search(part, 0, match.start())):
        return [part]
    return [part[: match.start()], *_second(part[match.end() :])]


def bare(text: str) -> bool:
    """Whether a text is but a word to ask with, and takes the rest from what was asked before: "By whom?"."""
    return bool(_BARE.fullmatch(text))


def again(text: str, before: str) -> str:
    """What was asked before, asked with other words: "Who can apply?", then "and how?", is "how can apply?"."""
    match = _BARE.fullmatch(text)
    said = re.sub(rf"^{AUX}\b", lambda first: first[0].lower(), _WITH.sub("", before).strip(), flags=re.IGNORECASE)
    return f"{match[1] if match else text} {said}"


def _two_nouns(question: str) -> list[str]:
    """The parts of a question that joins two things asked for: "What are the costs and benefits of the plan?"."""
    match = _TWO_NOUNS.match(question)
    if not match:
        return []
    a, b = match["a"], match["b"]
    if not (match["the"] or (noun_kind(a) and (match["both"] or noun_kind(b)))):
        return []
    modifier, _, head = b.partition(" ")
    if head and noun_kind(a) == noun_kind(modifier) != "":  # "the minimum and maximum age"
        a = f"{a} {head}"
    return [f"{match['ask']} the {noun}{match['rest']}".strip() for noun in (a, b)]
